{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ source('fred', 'fred__observations') }}
    where {{ is_known() }}
),

final as (
    select
        series_id,
        observation_date,
        value,
        unit,
        {{ canonical_value('value', 'unit') }} as value_canonical,
        {{ canonical_unit('unit') }} as canonical_unit,
        known_from,
        known_basis
    from source
)

select * from final
