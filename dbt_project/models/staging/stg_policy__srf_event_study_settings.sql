-- Not filtered by the as-of time: settings are how this project measures, not facts of a date.
with source as (
    select * from {{ ref('srf_event_study_settings') }}
),

renamed as (
    select
        setting,
        name as setting_name,
        first_date,
        last_date,
        value as setting_value,
        unit,
        status,
        is_verified,
        source
    from source
),

final as (
    select * from renamed
)

select * from final
