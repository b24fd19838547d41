{#- Generated from dbt_project/seeds/reconciliation_pairs.yml by `liquidity generate`; do not edit. -#}
select
    pair,
    first_publisher,
    second_publisher,
    tolerance,
    unit,
    since_date,
    severity,
    reason
from {{ ref('reconciliation_pairs') }}
