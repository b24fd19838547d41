{#- Generated from dbt_project/seeds/srf_event_study_settings.yml by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ ref('srf_event_study_settings') }}
),

final as (
    select
        setting,
        setting_name,
        first_date,
        last_date,
        setting_value,
        unit,
        status,
        is_verified,
        source,
        note
    from source
)

select * from final
