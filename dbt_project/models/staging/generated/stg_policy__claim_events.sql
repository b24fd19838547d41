{#- Generated from dbt_project/seeds/claim_events.yml by `liquidity generate`; do not edit. -#}
select
    event,
    effective_date,
    known_date,
    status,
    is_verified,
    source,
    note
from {{ ref('claim_events') }}
where {{ is_public() }}
