with source as (
    select * from {{ ref('srf_policy') }}
    where {{ is_public() }}
),

renamed as (
    select
        date_effective as effective_date,
        known_date,
        end_date,
        regime,
        event,
        aggregate_limit_usd_bn,
        proposition_limit_usd_bn,
        status,
        is_verified,
        source
    from source
),

final as (
    select * from renamed
)

select * from final
