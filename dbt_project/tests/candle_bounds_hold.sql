{{ test_holds(
    ref('stg_coinbase__daily_candles'),
    rule="low_usd_per_btc <= least(open_usd_per_btc, close_usd_per_btc)"
        ~ " and high_usd_per_btc >= greatest(open_usd_per_btc, close_usd_per_btc)",
    reason="The wire puts low before high and open; a mixed-up order breaks this at once."
) }}
