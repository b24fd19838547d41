with source as (
    select * from {{ ref('claim_events') }}
    where {{ is_public() }}
),

renamed as (
    select
        event,
        effective_date,
        known_date,
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
