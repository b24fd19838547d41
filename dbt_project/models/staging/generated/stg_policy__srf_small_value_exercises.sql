{#- Generated from dbt_project/seeds/srf_small_value_exercises.yml by `liquidity generate`; do not edit. -#}
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
from {{ ref('srf_small_value_exercises') }}
where {{ is_public() }}
