-- Each day of SOFR as it was first known, with the policy rates that one knew at that moment to be in force on the day.
-- What was observed counts before a dated fact of the same day; an observation is carried at most 5 days, as in
-- int_policy_rates_daily. What became known later, a revision too, changes nothing here.
with sofr as (
    select
        effective_date,
        min(known_from) as known_at,
        {{ first_by('value', 'known_from') }} as sofr_pct,
        {{ first_by('known_basis', 'known_from') }} as known_basis
    from {{ ref('stg_meta__alert_versions') }} as versions
    where input = 'sofr'
    group by effective_date
),

{{ policy_rates_as_known(
    'sofr', ['target_floor', 'target_ceiling', 'on_rrp_award', 'iorb', 'srf_minimum_bid']
) }}

select
    sofr.effective_date,
    sofr.known_at,
    sofr.sofr_pct,
    tail.value as sofr_percentile_99_pct,
    named.target_floor_pct,
    named.target_ceiling_pct,
    named.on_rrp_award_pct,
    named.iorb_pct,
    named.srf_minimum_bid_pct,
    least({{ basis_rank('sofr.known_basis') }}, coalesce(named.basis_rank, 4)) as basis_rank
from sofr
left join named on sofr.effective_date = named.effective_date and sofr.known_at = named.known_at
left join {{ ref('stg_meta__alert_versions') }} as tail
    on
        tail.input = 'sofr_percentile_99'
        and sofr.effective_date = tail.effective_date
        and tail.known_from <= sofr.known_at
        and tail.known_to > sofr.known_at
