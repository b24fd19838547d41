with source as (
    select * from {{ ref('treasury_futures_contracts') }}
),

renamed as (
    select
        contract_code,
        contract_name,
        face_usd,
        face_status = 'verified' as is_face_verified,
        ten_year_equivalent_weight,
        weight_status = 'verified' as is_weight_verified,
        source,
        note
    from source
),

final as (
    select * from renamed
)

select * from final
