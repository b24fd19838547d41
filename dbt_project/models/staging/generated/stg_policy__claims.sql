{#- Generated from dbt_project/seeds/claims.yml by `liquidity generate`; do not edit. -#}
select
    claim_id,
    link,
    kind,
    claim,
    claimed_text,
    decided_by,
    known_date,
    status,
    is_verified,
    source,
    note
from {{ ref('claims') }}
