{#- Generated from dbt_project/seeds/fomc_target_range.yml by `liquidity generate`; do not edit. -#}
select
    effective_date,
    known_date,
    lower_pct,
    upper_pct,
    change_lower_bp,
    change_upper_bp,
    status,
    is_verified,
    source,
    note
from {{ ref('fomc_target_range') }}
where {{ is_public() }}
