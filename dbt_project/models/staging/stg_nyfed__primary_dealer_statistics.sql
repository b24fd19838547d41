with source as (
    select * from {{ source('nyfed', 'nyfed__primary_dealer_statistics') }}
    where {{ is_known() }}
),

renamed as (
    select
        key_id,
        as_of_date,
        series_break,
        value_usd_mn,
        known_from,
        known_basis
    from source
),

final as (
    select * from renamed
)

select * from final
