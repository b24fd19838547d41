{#- Generated from dbt_project/seeds/tax_deadlines.yml by `liquidity generate`; do not edit. -#}
select
    usual_date,
    deadline_date,
    known_date,
    payments,
    status,
    is_verified,
    source,
    note
from {{ ref('tax_deadlines') }}
where {{ is_public() }}
