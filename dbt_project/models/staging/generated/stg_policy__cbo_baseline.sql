{#- Generated from dbt_project/seeds/cbo_baseline.yml by `liquidity generate`; do not edit. -#}
select
    vintage_month,
    kind,
    fiscal_year,
    known_date,
    deficit_usd_bn,
    debt_held_by_public_usd_bn,
    implied_borrowing_usd_bn,
    status,
    is_verified,
    source,
    note
from {{ ref('cbo_baseline') }}
where {{ is_public() }}
