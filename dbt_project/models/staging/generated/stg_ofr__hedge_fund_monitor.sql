{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ source('ofr', 'ofr__hedge_fund_monitor') }}
    where {{ is_known() }}
),

final as (
    select
        mnemonic,
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
