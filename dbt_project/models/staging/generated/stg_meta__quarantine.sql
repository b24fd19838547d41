{#- Generated from warehouse/meta.py by `liquidity generate`; do not edit. -#}
select
    run_id,
    dataset,
    scope,
    payload_id,
    error,
    message,
    place,
    url,
    quarantined_at
from {{ source('meta', 'quarantine') }}
where {{ was_written('quarantined_at') }}
