-- What the alert rules look at: each measure and date once, as it was first known, with the moment and how good that is.
-- A value that is revised later was another value when it was judged; the rule headline_revised tells of it.
{% set regime_steps %}
cast(
    case
        when regime_rank > highest_rank_before then regime_rank - highest_rank_before
        when regime_rank < lowest_rank_before then lowest_rank_before - regime_rank
        when regime_rank is not null and highest_rank_before is not null then 0
    end as double
)
{% endset %}
{% set weekly = ref('int_alert_weekly') %}
{#- Measure -> where its values are, their date, the value. -#}
{% set measures = {
    'sofr_minus_ceiling_bp': ('of_rates', 'effective_date', 'sofr_minus_ceiling_bp'),
    'sofr_percentile_99_minus_srf_bp': ('of_rates', 'effective_date', 'sofr_percentile_99_minus_srf_bp'),
    'sofr_minus_iorb_bp': ('of_rates', 'effective_date', 'sofr_minus_iorb_bp'),
    'corridor_breaks_count': ('of_rates', 'effective_date', 'corridor_breaks_count'),
    'srf_accepted_usd_bn': (ref('int_alert_srf_daily'), 'effective_date', 'srf_accepted_usd_bn'),
    'on_rrp_usd_bn': ("first_seen where input = 'RRPONTSYD'", 'effective_date', 'value'),
    'tga_off_assumed_usd_bn': ('assumed', 'effective_date', difference_bn('abs(tga_usd_bn - assumed_usd_bn)')),
    'reserves_four_week_change_usd_bn': (weekly ~ " where quantity = 'reserves'", 'wednesday_date', 'four_week_change_usd_bn'),
    'loans_week_change_usd_bn': (weekly ~ " where quantity = 'loans'", 'wednesday_date', 'week_change_usd_bn'),
    'net_liquidity_week_move_ratio': ('moves', 'wednesday_date', 'abs(week_change_usd_bn) / nullif(usual_usd_bn, 0)'),
    'regime_change_steps_count': (ref('int_alert_regimes'), 'effective_date', regime_steps),
} %}
with versions as (
    select
        *,
        {{ basis_rank('known_basis') }} as basis_rank
    from {{ ref('stg_meta__alert_versions') }}
),

of_rates as (
    select
        effective_date,
        known_at,
        basis_rank,
        {{ spread_bp('sofr_pct', 'target_ceiling_pct') }} as sofr_minus_ceiling_bp,
        {{ spread_bp('sofr_percentile_99_pct', 'srf_minimum_bid_pct') }} as sofr_percentile_99_minus_srf_bp,
        {{ spread_bp('sofr_pct', 'iorb_pct') }} as sofr_minus_iorb_bp,
        cast(
            coalesce(case when target_floor_pct <> on_rrp_award_pct then 1 end, 0)
            + coalesce(case when on_rrp_award_pct >= iorb_pct then 1 end, 0)
            + coalesce(case when iorb_pct >= srf_minimum_bid_pct then 1 end, 0)
            + coalesce(case when srf_minimum_bid_pct <> target_ceiling_pct then 1 end, 0) as double
        ) as corridor_breaks_count
    from {{ ref('int_alert_rates_daily') }} as rates
),

first_seen as (
    select
        input,
        effective_date,
        min(known_from) as known_at,
        {{ first_by('value', 'known_from') }} as value,
        {{ first_by('basis_rank', 'known_from') }} as basis_rank
    from versions
    where input in ('tga', 'RRPONTSYD')
    group by input, effective_date
),

-- The newest assumption for the end of the quarter that was out on the day, once the quarter's own release has renewed it.
assumed as (
    select
        cash.effective_date,
        cash.known_at,
        cash.basis_rank,
        cash.value as tga_usd_bn,
        {{ last_by('estimates.value_usd_bn', 'estimates.published_date') }} as assumed_usd_bn
    from first_seen as cash
    inner join {{ ref('stg_policy__treasury_borrowing_estimates') }} as estimates
        on
            cash.effective_date between estimates.period_start_date and estimates.period_end_date
            and cash.effective_date >= estimates.published_date
            and estimates.published_date >= estimates.period_start_date
    where
        cash.input = 'tga'
        and estimates.measure = 'assumed_end_of_quarter_cash_balance'
        and estimates.institution = 'US Treasury'
    group by cash.effective_date, cash.known_at, cash.basis_rank, cash.value
),

-- A week against the five years of weeks that were known before it.
moves as (
    select
        this_week.wednesday_date,
        this_week.known_at,
        this_week.basis_rank,
        this_week.week_change_usd_bn,
        {{ quantile('abs(earlier.week_change_usd_bn)', 0.95) }} as usual_usd_bn
    from {{ weekly }} as this_week
    inner join {{ weekly }} as earlier
        on
            this_week.quantity = earlier.quantity
            and earlier.wednesday_date between this_week.wednesday_date - 1820 and this_week.wednesday_date - 7
            and earlier.known_at < this_week.known_at
    where this_week.quantity = 'net_liquidity' and earlier.week_change_usd_bn is not null
    group by this_week.wednesday_date, this_week.known_at, this_week.basis_rank, this_week.week_change_usd_bn
    having count(*) >= 52
),

versions_in_order as (
    select
        known_from,
        basis_rank,
        value,
        lag(value) over (partition by input, effective_date order by known_from) as value_before
    from versions
    where input in ('sofr', 'WALCL', 'WRBWFRBL', 'RRPONTSYD', 'tga')
),

revisions as (
    select
        known_from,
        min(basis_rank) as basis_rank,
        cast(count(*) as double) as revisions_count
    from versions_in_order
    where abs(value - value_before) > 1e-6
    group by known_from
),

measured as (
    {% for measure, (relation, effective_date, value) in measures.items() %}
    select
        '{{ measure }}' as measure,
        {{ effective_date }} as effective_date,
        known_at,
        {{ value }} as measured_value,
        basis_rank
    from {{ relation }}
    union all
    {% endfor %}
    select
        'headline_revisions_count' as measure,
        cast(known_from as date) as effective_date,
        known_from as known_at,
        revisions_count as measured_value,
        basis_rank
    from revisions
    union all
    select
        measure,
        cast(observed_at as date) as effective_date,
        observed_at as known_at,
        measured_value,
        4 as basis_rank
    from {{ ref('stg_meta__alert_observations') }}
)

select
    measure,
    effective_date,
    known_at,
    measured_value,
    {{ knowledge_basis('basis_rank') }}
        as knowledge_basis
from measured
where measured_value is not null
