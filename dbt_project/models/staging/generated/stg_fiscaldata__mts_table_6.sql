{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    record_date,
    src_line_nbr,
    classification_desc,
    sequence_number_cd,
    data_type_cd,
    record_type_cd,
    current_month_net_txn_usd,
    fytd_net_txn_usd,
    prior_fytd_net_txn_usd,
    begin_year_acct_bal_usd,
    begin_month_acct_bal_usd,
    close_month_acct_bal_usd,
    known_from,
    known_basis
from {{ source('fiscaldata', 'fiscaldata__mts_table_6') }}
where {{ is_known() }}
