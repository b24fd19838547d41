with business_days as (
    select calendar_date
    from {{ ref('int_calendar') }}
    where is_business_day
),

known as (
    {{ values_as_known(['sofr'], 10) }}
),

sofr as (
    select
        known.effective_date as read_date,
        known.as_known_at as known_at,
        max(known.value_date) as effective_date,
        {{ last_by('known.value', 'known.value_date') }} as sofr_pct,
        {{ last_by('known.basis_rank', 'known.value_date') }} as basis_rank,
        {{ last_by('known.known_from', 'known.value_date') }} as known_from
    from known
    inner join {{ ref('int_known_moments') }} as moments
        on known.effective_date = moments.effective_date and moments.is_business_day
    inner join business_days on known.value_date = business_days.calendar_date
    group by known.effective_date, known.as_known_at
),

{{ policy_rates_as_known('sofr', ['target_ceiling', 'iorb']) }},

take_up as (
    select
        operations.effective_date as read_date,
        max(operations.operation_date) as srf_as_of_date,
        {{ last_by('operations.srf_accepted_usd_bn', 'operations.operation_date') }} as srf_accepted_usd_bn,
        {{ last_by('operations.srf_basis_rank', 'operations.operation_date') }} as basis_rank,
        {{ last_by('operations.srf_known_from', 'operations.operation_date') }} as known_from
    from {{ ref('int_operations_as_known_daily') }} as operations
    inner join business_days on operations.operation_date = business_days.calendar_date
    where operations.srf_accepted_usd_bn is not null
    group by operations.effective_date
),

as_known as (
    select
        sofr.read_date,
        sofr.known_at,
        sofr.effective_date as sofr_as_of_date,
        sofr.sofr_pct,
        named.target_ceiling_pct,
        named.iorb_pct,
        {{ spread_bp('sofr.sofr_pct', 'named.target_ceiling_pct') }} as sofr_minus_ceiling_bp,
        {{ spread_bp('sofr.sofr_pct', 'named.iorb_pct') }} as sofr_minus_iorb_bp,
        take_up.srf_as_of_date,
        take_up.srf_accepted_usd_bn,
        least(sofr.basis_rank, named.basis_rank, take_up.basis_rank) as basis_rank,
        greatest(sofr.known_from, named.known_from, take_up.known_from) as known_from
    from sofr
    left join named on sofr.effective_date = named.effective_date and sofr.known_at = named.known_at
    left join take_up on sofr.read_date = take_up.read_date
)

select
    as_known.read_date as effective_date,
    as_known.known_at as as_known_at,
    as_known.sofr_as_of_date,
    as_known.sofr_pct as sofr_as_known_pct,
    rates.sofr_pct as sofr_now_pct,
    as_known.target_ceiling_pct as target_ceiling_as_known_pct,
    rates.target_ceiling_pct as target_ceiling_now_pct,
    as_known.iorb_pct as iorb_as_known_pct,
    rates.iorb_pct as iorb_now_pct,
    as_known.sofr_minus_ceiling_bp as sofr_minus_ceiling_as_known_bp,
    rates.sofr_minus_ceiling_bp as sofr_minus_ceiling_now_bp,
    round(rates.sofr_minus_ceiling_bp - as_known.sofr_minus_ceiling_bp, 4) as sofr_minus_ceiling_revision_bp,
    as_known.sofr_minus_iorb_bp as sofr_minus_iorb_as_known_bp,
    rates.sofr_minus_iorb_bp as sofr_minus_iorb_now_bp,
    round(rates.sofr_minus_iorb_bp - as_known.sofr_minus_iorb_bp, 4) as sofr_minus_iorb_revision_bp,
    as_known.srf_as_of_date,
    as_known.srf_accepted_usd_bn as srf_accepted_as_known_usd_bn,
    operations.srf_accepted_usd_bn as srf_accepted_now_usd_bn,
    {{ difference_bn('operations.srf_accepted_usd_bn - as_known.srf_accepted_usd_bn') }}
        as srf_accepted_revision_usd_bn,
    {{ knowledge_basis('as_known.basis_rank') }} as weakest_known_basis,
    as_known.known_from as inputs_known_from
from as_known
left join {{ ref('funding_stress_daily') }} as rates on as_known.sofr_as_of_date = rates.effective_date
left join {{ ref('funding_stress_daily') }} as operations on as_known.srf_as_of_date = operations.effective_date
order by as_known.read_date
