{#- Generated from warehouse/meta.py by `liquidity generate`; do not edit. -#}
select
    dataset,
    series,
    title,
    rows_held,
    oldest_date,
    newest_date,
    due_at,
    is_late,
    last_polled_at,
    last_error,
    last_error_at,
    checked_at
from {{ source('meta', 'freshness') }}
where {{ was_written('checked_at') }}
