{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    operation_id,
    operation_date,
    settlement_date,
    maturity_date,
    auction_status,
    operation_type,
    operation_method,
    settlement_type,
    term,
    term_days,
    release_time,
    close_time,
    note,
    operation_limit_usd,
    participating_count,
    accepted_count,
    submitted_usd,
    accepted_usd,
    last_updated_at,
    known_from,
    known_basis
from {{ source('nyfed', 'nyfed__repo_operations') }}
where {{ is_known() }}
