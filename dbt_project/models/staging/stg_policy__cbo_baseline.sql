with source as (
    select * from {{ ref('cbo_baseline') }}
    where {{ is_public() }}
),

renamed as (
    select
        vintage as vintage_month,
        kind,
        fiscal_year,
        known_date,
        deficit_usd_bn,
        debt_held_by_public_usd_bn,
        implied_borrowing_usd_bn,
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
