with source as (
    select * from {{ source('meta', 'alert_observation') }}
    where {{ was_written('observed_at') }}
),

renamed as (
    select
        measure,
        observed_at,
        measured_value
    from source
),

final as (
    select * from renamed
)

select * from final
