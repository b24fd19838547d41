{#- Generated from warehouse/meta.py by `liquidity generate`; do not edit. -#}
select
    measure,
    observed_at,
    measured_value
from {{ source('meta', 'alert_observation') }}
where {{ was_written('observed_at') }}
