with source as (
    select * from {{ ref('qt_milestones') }}
    where {{ is_public() }}
),

renamed as (
    select
        date_effective as effective_date,
        known_date,
        event,
        treasury_cap_usd_bn_month,
        mbs_cap_usd_bn_month,
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
