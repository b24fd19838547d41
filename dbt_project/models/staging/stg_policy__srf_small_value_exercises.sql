with source as (
    select * from {{ ref('srf_small_value_exercises') }}
    where {{ is_public() }}
),

renamed as (
    select
        operation_date,
        known_date,
        operation_type,
        operation_term,
        release_time,
        day_accepted_usd_mn,
        has_exercise_note,
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
