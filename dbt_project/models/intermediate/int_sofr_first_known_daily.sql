-- SOFR less the ceiling of its day, both as known when SOFR of the day was first known.
with first_versions as (
    select
        effective_date,
        min(known_from) as known_at,
        {{ first_by('value', 'known_from') }} as sofr_pct,
        {{ first_by('known_basis', 'known_from') }} as known_basis
    from {{ ref('stg_meta__alert_versions') }}
    where input = 'sofr' and effective_date >= date '2018-01-01'
    group by effective_date
),

{{ policy_rates_as_known('first_versions', ['target_ceiling']) }}

select
    first_versions.effective_date,
    first_versions.known_at,
    days.business_day_number,
    days.is_quarter_end_of_repo,
    days.next_quarter_end_of_repo_date,
    {{ spread_bp('first_versions.sofr_pct', 'named.target_ceiling_pct') }} as sofr_minus_ceiling_bp,
    least({{ basis_rank('first_versions.known_basis') }}, named.basis_rank) as basis_rank
from first_versions
inner join named
    on first_versions.effective_date = named.effective_date and first_versions.known_at = named.known_at
inner join {{ ref('int_forecast_days') }} as days
    on first_versions.effective_date = days.calendar_date and days.is_business_day
where named.target_ceiling_pct is not null
