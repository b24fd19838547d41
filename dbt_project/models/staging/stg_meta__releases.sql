with source as (
    select * from {{ source('meta', 'release') }}
    where {{ was_written('checked_at') }}
),

renamed as (
    select
        dataset,
        series,
        dataset_title,
        effective_date,
        expected_at,
        expected_new_york,
        due_at,
        release_rule,
        state,
        came_at,
        came_basis,
        checked_at
    from source
),

final as (
    select * from renamed
)

select * from final
