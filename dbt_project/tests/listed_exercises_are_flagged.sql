{{ config(severity='warn') }}
-- Every exercise of the dated list is in the operations and has the flag. Advisory: operations may have been
-- loaded for a shorter span than the list covers.
select
    listed.operation_date,
    listed.operation_type,
    listed.operation_term,
    listed.release_time
from {{ ref('stg_policy__srf_small_value_exercises') }} as listed
left join {{ ref('int_repo_operations') }} as operations
    on
        listed.operation_date = operations.operation_date
        and listed.operation_type = operations.operation_type
        and listed.operation_term = operations.term
        and operations.is_exercise
where
    operations.operation_id is null
    and listed.operation_date between (select min(operation_date) from {{ ref('int_repo_operations') }})
    and (select max(operation_date) from {{ ref('int_repo_operations') }})
