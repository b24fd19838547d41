{{ config(severity='warn') }}
{{ test_holds(
    ref('stg_nyfed__reference_rates'),
    rule="percentile_1_pct <= percentile_25_pct and percentile_25_pct <= rate_pct and rate_pct <= percentile_75_pct"
        ~ " and percentile_75_pct <= percentile_99_pct",
    reason="The rate is the median of the same trades, so it is between the quartiles."
) }}
