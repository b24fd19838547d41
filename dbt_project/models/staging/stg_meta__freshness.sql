with source as (
    select * from {{ source('meta', 'freshness') }}
    where {{ was_written('checked_at') }}
),

renamed as (
    select
        dataset,
        series,
        newest_date,
        due_at,
        is_late,
        checked_at
    from source
),

final as (
    select * from renamed
)

select * from final
