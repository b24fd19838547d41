{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    record_date,
    transaction_type,
    security_market,
    security_type,
    security_type_desc,
    transaction_today_usd_mn,
    transaction_mtd_usd_mn,
    transaction_fytd_usd_mn,
    known_from,
    known_basis
from {{ source('fiscaldata', 'fiscaldata__public_debt_transactions') }}
where {{ is_known() }}
