{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    cert,
    report_date,
    treasuries_usd_k,
    us_securities_usd_k,
    securities_usd_k,
    afs_usd_k,
    htm_usd_k,
    trading_usd_k,
    fed_balances_usd_k,
    fed_funds_and_repo_sold_usd_k,
    fed_funds_and_repo_bought_usd_k,
    assets_usd_k,
    institutions_count,
    known_from,
    known_basis
from {{ source('fdic', 'fdic__call_report_treasuries') }}
where {{ is_known() }}
