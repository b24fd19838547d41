{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    counterparty,
    trade_date,
    settlement_date,
    maturity_date,
    repeat_count,
    term_days,
    amount_usd,
    interest_rate_pct,
    is_small_value,
    known_from,
    known_basis
from {{ source('nyfed', 'nyfed__fx_swaps') }}
where {{ is_known() }}
