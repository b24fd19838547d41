{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    record_date,
    src_line_nbr,
    security_type_desc,
    security_class_desc,
    debt_held_public_usd_mn,
    intragov_hold_usd_mn,
    total_usd_mn,
    known_from,
    known_basis
from {{ source('fiscaldata', 'fiscaldata__mspd_table_1') }}
where {{ is_known() }}
