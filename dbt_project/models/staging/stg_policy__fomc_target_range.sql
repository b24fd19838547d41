with source as (
    select * from {{ ref('fomc_target_range') }}
    where {{ is_public() }}
),

renamed as (
    select
        date_effective as effective_date,
        known_date,
        lower_pct,
        upper_pct,
        change_lower_bp,
        change_upper_bp,
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
