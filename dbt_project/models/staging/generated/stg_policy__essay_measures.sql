{#- Generated from dbt_project/seeds/essay_measures.yml by `liquidity generate`; do not edit. -#}
select
    claim_id,
    measure_id,
    measure_number,
    measure_role,
    label,
    definition,
    statistic,
    inputs,
    divided_by,
    factor,
    level_low_value,
    level_high_value,
    first_date,
    last_date,
    slack_days,
    unit,
    claimed_value,
    supported_low_value,
    supported_high_value,
    tolerance_reason
from {{ ref('essay_measures') }}
