{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    record_date,
    expense_catg_desc,
    expense_group_desc,
    expense_type_desc,
    month_expense_usd,
    fytd_expense_usd,
    known_from,
    known_basis
from {{ source('fiscaldata', 'fiscaldata__interest_expense') }}
where {{ is_known() }}
