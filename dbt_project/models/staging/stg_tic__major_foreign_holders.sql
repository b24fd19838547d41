with source as (
    select * from {{ source('tic', 'tic__major_foreign_holders') }}
    where {{ is_known() }}
),

renamed as (
    select
        source_table,
        country,
        month_date,
        row_kind,
        holdings_usd_bn,
        known_from,
        known_basis
    from source
),

final as (
    select * from renamed
)

select * from final
