with source as (
    select * from {{ source('worldbank', 'worldbank__commodity_prices_monthly') }}
    where {{ is_known() }}
),

renamed as (
    select
        series_id,
        month_date,
        price_usd_per_ozt,
        known_from,
        known_basis
    from source
),

final as (
    select * from renamed
)

select * from final
