with market as (
    select
        effective_date,
        max(case when rate_type = 'EFFR' then rate_pct end) as effr_pct,
        max(case when rate_type = 'OBFR' then rate_pct end) as obfr_pct,
        max(case when rate_type = 'TGCR' then rate_pct end) as tgcr_pct,
        max(case when rate_type = 'BGCR' then rate_pct end) as bgcr_pct,
        max(case when rate_type = 'SOFR' then rate_pct end) as sofr_pct,
        max(case when rate_type = 'SOFR' then percentile_1_pct end) as sofr_percentile_1_pct,
        max(case when rate_type = 'SOFR' then percentile_25_pct end) as sofr_percentile_25_pct,
        max(case when rate_type = 'SOFR' then percentile_75_pct end) as sofr_percentile_75_pct,
        max(case when rate_type = 'SOFR' then percentile_99_pct end) as sofr_percentile_99_pct
    from {{ ref('stg_nyfed__reference_rates') }}
    group by effective_date
)

select
    policy.effective_date,
    calendar.is_business_day,
    policy.target_floor_pct,
    policy.target_floor_source,
    policy.target_ceiling_pct,
    policy.target_ceiling_source,
    policy.on_rrp_award_pct,
    policy.on_rrp_award_source,
    policy.iorb_pct,
    policy.iorb_source,
    policy.srf_minimum_bid_pct,
    policy.srf_minimum_bid_source,
    policy.primary_credit_pct,
    policy.primary_credit_source,
    market.effr_pct,
    market.obfr_pct,
    market.tgcr_pct,
    market.bgcr_pct,
    market.sofr_pct,
    market.sofr_percentile_1_pct,
    market.sofr_percentile_25_pct,
    market.sofr_percentile_75_pct,
    market.sofr_percentile_99_pct,
    {{ spread_bp('market.sofr_pct', 'policy.target_ceiling_pct') }} as sofr_minus_ceiling_bp,
    {{ spread_bp('market.sofr_pct', 'policy.iorb_pct') }} as sofr_minus_iorb_bp,
    {{ spread_bp('market.sofr_pct', 'policy.on_rrp_award_pct') }} as sofr_minus_on_rrp_award_bp,
    {{ spread_bp('market.sofr_pct', 'market.effr_pct') }} as sofr_minus_effr_bp,
    {{ spread_bp('market.sofr_percentile_99_pct', 'policy.target_ceiling_pct') }}
        as sofr_percentile_99_minus_ceiling_bp,
    {{ spread_bp('market.sofr_percentile_99_pct', 'policy.iorb_pct') }} as sofr_percentile_99_minus_iorb_bp,
    {{ spread_bp('market.effr_pct', 'policy.iorb_pct') }} as effr_minus_iorb_bp,
    {{ spread_bp('market.tgcr_pct', 'policy.on_rrp_award_pct') }} as tgcr_minus_on_rrp_award_bp,
    policy.target_floor_pct = policy.on_rrp_award_pct as is_on_rrp_at_floor,
    policy.on_rrp_award_pct < policy.iorb_pct as is_iorb_above_on_rrp,
    policy.iorb_pct < policy.srf_minimum_bid_pct as is_iorb_below_srf,
    policy.srf_minimum_bid_pct = policy.target_ceiling_pct as is_srf_at_ceiling,
    policy.target_floor_pct = policy.on_rrp_award_pct
    and policy.on_rrp_award_pct < policy.iorb_pct
    and policy.iorb_pct < policy.srf_minimum_bid_pct
    and policy.srf_minimum_bid_pct = policy.target_ceiling_pct as is_corridor_whole
from {{ ref('int_policy_rates_daily') }} as policy
inner join {{ ref('int_calendar') }} as calendar on policy.effective_date = calendar.calendar_date
left join market on policy.effective_date = market.effective_date
where policy.target_ceiling_pct is not null
order by policy.effective_date
