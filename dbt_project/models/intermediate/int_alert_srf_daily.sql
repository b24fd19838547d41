-- Take-up of the standing repo facility by day as it was first known: at the moment at which as many operations of the
-- day were known as the rules of the day have (one, two since 2025-06-26 and in the trial weeks before). What makes an
-- operation an exercise is the rule of int_repo_operations, on the version of that moment; a test holds the two together.
with operations as (
    select versions.*
    from {{ ref('stg_meta__operation_versions') }} as versions
    where versions.operation_type = 'Repo'
),

regimes as (
    select effective_date, end_date, regime
    from {{ ref('stg_policy__srf_policy') }}
    where regime is not null
),

-- The newest rule in force on the day.
ruled as (
    select
        operations.operation_id,
        operations.operation_date,
        min(operations.known_from) as first_known_at,
        {{ last_by('regimes.regime', 'regimes.effective_date') }} as regime
    from operations
    inner join regimes
        on
            operations.operation_date >= regimes.effective_date
            and operations.operation_date <= coalesce(regimes.end_date, operations.operation_date)
    group by operations.operation_id, operations.operation_date
),

-- Each operation as it was first known.
first_seen as (
    select
        ruled.operation_date,
        ruled.first_known_at,
        ruled.operation_id,
        ruled.regime,
        operations.accepted_usd_bn,
        operations.known_basis,
        coalesce(
            operations.term = 'Overnight'
            and (
                operations.release_time between '13:00' and '14:59'
                or (operations.release_time between '08:00' and '08:59' and ruled.regime <> 'single_operation')
            ),
            false
        ) as is_on_schedule,
        operations.release_time is null as has_no_hour,
        {{ names_exercise('operations.note') }} as names_exercise,
        listed.operation_date is not null as is_listed
    from ruled
    inner join operations
        on ruled.operation_id = operations.operation_id and ruled.first_known_at = operations.known_from
    left join {{ ref('stg_policy__srf_small_value_exercises') }} as listed
        on
            operations.operation_date = listed.operation_date
            and listed.operation_type = 'Repo'
            and operations.term = listed.operation_term
            and coalesce(operations.release_time, '') = coalesce(listed.release_time, '')
),

-- Small is what an exercise may lend, 250 million dollars.
demand as (
    select
        operation_date,
        first_known_at,
        accepted_usd_bn,
        known_basis,
        case when regime = 'single_operation' then 1 else 2 end as operations_due,
        row_number() over (partition by operation_date order by first_known_at, operation_id) as operation_number
    from first_seen
    where not (
        coalesce(accepted_usd_bn <= 0.25, false)
        and (
            is_listed
            or (not is_on_schedule and names_exercise)
            or (not is_on_schedule and not has_no_hour and accepted_usd_bn > 0)
        )
    )
),

final as (
    select
        operation_date as effective_date,
        max(first_known_at) as known_at,
        {{ difference_bn('sum(accepted_usd_bn)') }} as srf_accepted_usd_bn,
        min({{ basis_rank('known_basis') }}) as basis_rank
    from demand
    where operation_number <= operations_due
    group by operation_date
    having count(*) = max(operations_due)
)

select * from final
