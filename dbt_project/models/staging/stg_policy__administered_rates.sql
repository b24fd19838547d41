with source as (
    select * from {{ ref('administered_rates') }}
    where {{ is_public() }}
),

renamed as (
    select
        date_effective as effective_date,
        known_date,
        rate as rate_name,
        value_pct as rate_pct,
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
