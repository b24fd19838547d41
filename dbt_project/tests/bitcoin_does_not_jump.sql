-- Candles come in windows of 299 days, each a separate answer, and a price of 2015 is plausible a thousand times
-- larger. So a window in cents or in another currency shows only where it meets the next. From one day to the next the
-- recorded closes of 2014 to 2026 (FRED's copy) went to 0.46 of the day before at worst (2015-01-14) and to 1.70 at
-- best.
select
    today.candle_date,
    yesterday.close_usd_per_btc as close_before_usd_per_btc,
    today.close_usd_per_btc
from {{ ref('stg_coinbase__daily_candles') }} as today
inner join {{ ref('stg_coinbase__daily_candles') }} as yesterday
    on today.product_id = yesterday.product_id and today.candle_date = yesterday.candle_date + 1
where today.close_usd_per_btc / yesterday.close_usd_per_btc not between 0.3 and 3
