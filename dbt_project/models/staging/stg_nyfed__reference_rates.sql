select
    rate_type,
    effective_date,
    rate_pct,
    percentile_1_pct,
    percentile_25_pct,
    percentile_75_pct,
    percentile_99_pct,
    volume_usd_bn,
    target_from_pct,
    target_to_pct,
    intraday_low_pct,
    intraday_high_pct,
    std_dev_pct,
    revision_indicator,
    footnote_id,
    known_from,
    known_basis
from {{ source('nyfed', 'nyfed__reference_rates') }}
-- The publisher's history of EFFR has one Sunday, 2003-07-20, with all the figures of the Monday after it (seen in
-- another project's copy of 2026).
where {{ is_known() }} and not (rate_type = 'EFFR' and effective_date = date '2003-07-20')
