{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    operation_id,
    operation_date,
    settlement_date,
    auction_status,
    operation_type,
    operation_direction,
    auction_method,
    maturity_from_date,
    maturity_to_date,
    release_time,
    close_time,
    note,
    submitted_usd,
    accepted_usd,
    last_updated_at,
    known_from,
    known_basis
from {{ source('nyfed', 'nyfed__treasury_operations') }}
where {{ is_known() }}
