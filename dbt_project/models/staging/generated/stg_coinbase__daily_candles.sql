{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    product_id,
    candle_date,
    open_usd_per_btc,
    high_usd_per_btc,
    low_usd_per_btc,
    close_usd_per_btc,
    volume_btc,
    known_from,
    known_basis
from {{ source('coinbase', 'coinbase__daily_candles') }}
where {{ is_known() }}
