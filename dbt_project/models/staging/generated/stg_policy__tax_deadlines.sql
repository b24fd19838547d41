{#- Generated from dbt_project/seeds/tax_deadlines.yml by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ ref('tax_deadlines') }}
    where {{ is_public() }}
),

final as (
    select
        usual_date,
        deadline_date,
        known_date,
        payments,
        status,
        is_verified,
        source,
        note
    from source
)

select * from final
