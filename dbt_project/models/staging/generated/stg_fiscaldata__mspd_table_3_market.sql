{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    record_date,
    src_line_nbr,
    security_class1_desc,
    security_class2_desc,
    interest_rate_pct,
    yield_pct,
    issue_date,
    maturity_date,
    issued_usd_mn,
    inflation_adj_usd_mn,
    redeemed_usd_mn,
    outstanding_usd_mn,
    known_from,
    known_basis
from {{ source('fiscaldata', 'fiscaldata__mspd_table_3_market') }}
where {{ is_known() }}
