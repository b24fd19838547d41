{{ test_all_present(
    ref('stg_fiscaldata__deposits_withdrawals_operating_cash'),
    columns=['account_type', 'transaction_catg', 'transaction_catg_desc', 'transaction_today_usd_mn']
) }}
