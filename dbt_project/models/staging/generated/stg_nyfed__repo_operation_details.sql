{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    operation_id,
    security_type,
    operation_date,
    operation_type,
    submitted_usd,
    accepted_usd,
    minimum_bid_rate_pct,
    high_rate_pct,
    low_rate_pct,
    stop_out_rate_pct,
    weighted_average_rate_pct,
    offering_rate_pct,
    award_rate_pct,
    last_updated_at,
    known_from,
    known_basis
from {{ source('nyfed', 'nyfed__repo_operation_details') }}
where {{ is_known() }}
