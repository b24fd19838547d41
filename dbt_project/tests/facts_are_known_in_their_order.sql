-- No step of a policy was public later than the step that revised it: a fact dated by the month in which somebody told
-- of it, or by a closed meeting, breaks the order.
{% set steps = {
    'administered_rates': 'rate_name',
    'fed_lending_facilities': 'facility',
    'fomc_target_range': "'target range'",
    'on_rrp_terms': "'on rrp'",
    'qt_milestones': "'balance sheet'",
    'srf_policy': "'srf'",
} %}
with facts as (
    {% for seed, kind in steps.items() %}
    select '{{ seed }}' as seed, {{ kind }} as kind, effective_date, known_date from {{ ref(seed) }}
    union all
    {% endfor %}
    select 'rmp_schedule', 'purchases', period_start_date, known_date from {{ ref('rmp_schedule') }}
)

select
    later.seed,
    later.kind,
    earlier.effective_date as earlier_date,
    earlier.known_date as earlier_known_date,
    later.effective_date as later_date,
    later.known_date as later_known_date
from facts as later
inner join facts as earlier
    on
        later.seed = earlier.seed
        and later.kind = earlier.kind
        and later.effective_date > earlier.effective_date
        and later.known_date < earlier.known_date
