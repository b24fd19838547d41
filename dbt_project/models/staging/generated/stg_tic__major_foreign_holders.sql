{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    source_table,
    country,
    month_date,
    row_kind,
    holdings_usd_bn,
    known_from,
    known_basis
from {{ source('tic', 'tic__major_foreign_holders') }}
where {{ is_known() }}
