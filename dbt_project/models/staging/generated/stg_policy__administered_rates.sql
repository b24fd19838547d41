{#- Generated from dbt_project/seeds/administered_rates.yml by `liquidity generate`; do not edit. -#}
select
    effective_date,
    known_date,
    rate_name,
    rate_pct,
    status,
    is_verified,
    source,
    note
from {{ ref('administered_rates') }}
where {{ is_public() }}
