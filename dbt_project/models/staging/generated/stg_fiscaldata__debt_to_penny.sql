{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    record_date,
    debt_held_public_usd,
    intragov_hold_usd,
    tot_pub_debt_out_usd,
    known_from,
    known_basis
from {{ source('fiscaldata', 'fiscaldata__debt_to_penny') }}
where {{ is_known() }}
