with source as (
    select * from {{ source('meta', 'quarantine') }}
    where {{ was_written('quarantined_at') }}
),

renamed as (
    select
        dataset,
        scope,
        error,
        message,
        quarantined_at
    from source
),

final as (
    select * from renamed
)

select * from final
