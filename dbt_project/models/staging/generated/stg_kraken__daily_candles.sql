{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    pair,
    candle_date,
    open_usd_per_btc,
    high_usd_per_btc,
    low_usd_per_btc,
    close_usd_per_btc,
    vwap_usd_per_btc,
    volume_btc,
    trades_count,
    known_from,
    known_basis
from {{ source('kraken', 'kraken__daily_candles') }}
where {{ is_known() }}
