with source as (
    select * from {{ ref('treasury_borrowing_estimates') }}
    where {{ is_public() }}
),

renamed as (
    select
        published as published_date,
        known_date,
        institution,
        period,
        period_start_date,
        period_end_date,
        measure,
        value_usd_bn,
        status,
        is_verified,
        source,
        note
    from source
),

final as (
    select * from renamed
)

select * from final
