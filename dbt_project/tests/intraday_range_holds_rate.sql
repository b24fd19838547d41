{{ config(severity='warn') }}
{{ test_holds(
    ref('stg_nyfed__reference_rates'),
    rule="intraday_low_pct <= rate_pct and rate_pct <= intraday_high_pct",
    reason="The brokers' rate was the mean of trades between the day's low and high; a warning, because the sixteen years "
        ~ "before 2016 were not seen."
) }}
