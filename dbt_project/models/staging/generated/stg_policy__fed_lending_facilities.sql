{#- Generated from dbt_project/seeds/fed_lending_facilities.yml by `liquidity generate`; do not edit. -#}
select
    facility,
    effective_date,
    end_date,
    announced,
    known_date,
    event,
    status,
    is_verified,
    source,
    note
from {{ ref('fed_lending_facilities') }}
where {{ is_public() }}
