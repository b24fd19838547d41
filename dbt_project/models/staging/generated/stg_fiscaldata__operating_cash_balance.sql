{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    record_date,
    account_type,
    open_today_usd_mn,
    close_today_usd_mn,
    known_from,
    known_basis
from {{ source('fiscaldata', 'fiscaldata__operating_cash_balance') }}
where {{ is_known() }}
