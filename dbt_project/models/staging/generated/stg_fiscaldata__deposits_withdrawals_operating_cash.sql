{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    record_date,
    account_type,
    transaction_type,
    transaction_catg,
    transaction_catg_desc,
    src_line_nbr,
    transaction_today_usd_mn,
    transaction_mtd_usd_mn,
    transaction_fytd_usd_mn,
    known_from,
    known_basis
from {{ source('fiscaldata', 'fiscaldata__deposits_withdrawals_operating_cash') }}
where {{ is_known() }}
