with source as (
    select * from {{ ref('on_rrp_terms') }}
    where {{ is_public() }}
),

renamed as (
    select
        date_effective as effective_date,
        known_date,
        counterparty_limit_usd_bn,
        aggregate_limit_usd_bn,
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
