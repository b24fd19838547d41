with source as (
    select * from {{ ref('fed_note_treasury_basis') }}
    where {{ is_public() }}
),

renamed as (
    select
        measure,
        period_start_date,
        period_end_date,
        known_date,
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
