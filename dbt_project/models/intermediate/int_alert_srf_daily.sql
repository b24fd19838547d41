-- Take-up of the standing repo facility by day as it was first known: at the moment at which as many operations of the
-- day were known as the rules of the day have (one, two since 2025-06-26 and in the trial weeks before). What makes an
-- operation an exercise is the rule of int_repo_operations, on the version of that moment.
with operations as (
    select * from {{ ref('stg_meta__operation_versions') }}
    where operation_type = 'Repo'
),

{{ judged_repo_operations(['operation_id', 'known_from', 'known_basis']) }},

first_seen as (
    select
        judged.*,
        min(known_from) over (partition by operation_id, operation_date) as first_known_at
    from judged
),

demand as (
    select
        operation_date,
        first_known_at,
        accepted_usd_bn,
        known_basis,
        case when policy_regime = 'single_operation' then 1 else 2 end as operations_due,
        row_number() over (partition by operation_date order by first_known_at, operation_id) as operation_number
    from first_seen
    where known_from = first_known_at and policy_regime is not null and exercise_evidence is null
)

select
    operation_date as effective_date,
    max(first_known_at) as known_at,
    {{ difference_bn('sum(accepted_usd_bn)') }} as srf_accepted_usd_bn,
    min({{ basis_rank('known_basis') }}) as basis_rank
from demand
where operation_number <= operations_due
group by operation_date
having count(*) = max(operations_due)
