{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    record_date,
    security_type_desc,
    security_desc,
    avg_interest_rate_pct,
    known_from,
    known_basis
from {{ source('fiscaldata', 'fiscaldata__avg_interest_rates') }}
where {{ is_known() }}
