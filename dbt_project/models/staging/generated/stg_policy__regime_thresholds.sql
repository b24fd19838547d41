{#- Generated from dbt_project/seeds/regime_thresholds.yml by `liquidity generate`; do not edit. -#}
select
    regime,
    regime_rank,
    rule_name,
    measure,
    comparison,
    threshold,
    unit,
    enter_business_days,
    leave_business_days,
    status,
    is_verified,
    source,
    note
from {{ ref('regime_thresholds') }}
