{#- Generated from dbt_project/seeds/qt_milestones.yml by `liquidity generate`; do not edit. -#}
select
    effective_date,
    announced,
    known_date,
    event,
    treasury_cap_usd_bn_month,
    mbs_cap_usd_bn_month,
    status,
    is_verified,
    source,
    note
from {{ ref('qt_milestones') }}
where {{ is_public() }}
