{#- Generated from dbt_project/seeds/reconciliation_pairs.yml by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ ref('reconciliation_pairs') }}
),

final as (
    select
        pair,
        first_publisher,
        second_publisher,
        tolerance,
        unit,
        since_date,
        severity,
        reason
    from source
)

select * from final
