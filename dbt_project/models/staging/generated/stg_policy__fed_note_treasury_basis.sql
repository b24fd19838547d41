{#- Generated from dbt_project/seeds/fed_note_treasury_basis.yml by `liquidity generate`; do not edit. -#}
select
    measure,
    period_start_date,
    period_end_date,
    known_date,
    value_usd_bn,
    status,
    is_verified,
    source,
    note
from {{ ref('fed_note_treasury_basis') }}
where {{ is_public() }}
