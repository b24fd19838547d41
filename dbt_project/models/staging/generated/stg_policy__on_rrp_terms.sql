{#- Generated from dbt_project/seeds/on_rrp_terms.yml by `liquidity generate`; do not edit. -#}
select
    effective_date,
    announced,
    known_date,
    counterparty_limit_usd_bn,
    aggregate_limit_usd_bn,
    status,
    is_verified,
    source,
    note
from {{ ref('on_rrp_terms') }}
where {{ is_public() }}
