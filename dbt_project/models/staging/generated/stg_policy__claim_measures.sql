{#- Generated from dbt_project/seeds/claim_measures.yml by `liquidity generate`; do not edit. -#}
select
    claim_id,
    measure_id,
    measure_number,
    label,
    definition,
    unit,
    claimed_value,
    supported_low_value,
    supported_high_value,
    tolerance_reason,
    is_deciding,
    caveat_for,
    judged_from_date,
    inputs,
    data_sources,
    known_date,
    status,
    is_verified,
    source
from {{ ref('claim_measures') }}
