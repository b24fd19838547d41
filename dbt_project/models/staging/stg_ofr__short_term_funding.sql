with source as (
    select * from {{ source('ofr', 'ofr__short_term_funding') }}
    where {{ is_known() }}
),

renamed as (
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
),

final as (
    select * from renamed
)

select * from final
