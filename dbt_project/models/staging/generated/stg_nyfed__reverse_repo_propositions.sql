{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    operation_id,
    counterparty_type,
    operation_date,
    accepted_usd,
    note,
    known_from,
    known_basis
from {{ source('nyfed', 'nyfed__reverse_repo_propositions') }}
where {{ is_known() }}
