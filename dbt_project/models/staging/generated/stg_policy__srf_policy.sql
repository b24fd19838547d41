{#- Generated from dbt_project/seeds/srf_policy.yml by `liquidity generate`; do not edit. -#}
select
    effective_date,
    announced,
    known_date,
    end_date,
    regime,
    event,
    aggregate_limit_usd_bn,
    proposition_limit_usd_bn,
    status,
    is_verified,
    source
from {{ ref('srf_policy') }}
where {{ is_public() }}
