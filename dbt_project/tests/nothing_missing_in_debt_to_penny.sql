{{ test_all_present(ref('stg_fiscaldata__debt_to_penny'), columns=['tot_pub_debt_out_usd']) }}
