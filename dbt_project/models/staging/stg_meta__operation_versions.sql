-- Every version of the Fed's repo operations, with the span of time in which it was what one knew.
select
    operation_id,
    operation_date,
    operation_type,
    operation_method,
    term,
    term_days,
    release_time,
    note,
    operation_limit_usd,
    submitted_usd,
    accepted_usd,
    known_from,
    known_to,
    known_basis
from {{ source('nyfed', 'nyfed__repo_operations') }}
where {{ was_known() }} and not is_deleted and known_to > known_from
