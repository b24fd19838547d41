{#- Generated from dbt_project/seeds/srf_event_study_settings.yml by `liquidity generate`; do not edit. -#}
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
from {{ ref('srf_event_study_settings') }}
