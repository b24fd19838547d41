{#- Generated from dbt_project/seeds/treasury_borrowing_estimates.yml by `liquidity generate`; do not edit. -#}
select
    published_date,
    known_date,
    institution,
    period,
    period_start_date,
    period_end_date,
    measure,
    value_usd_bn,
    status,
    is_verified,
    source,
    note
from {{ ref('treasury_borrowing_estimates') }}
where {{ is_public() }}
