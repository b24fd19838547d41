{{ test_all_present(ref('stg_fiscaldata__avg_interest_rates'), columns=['security_type_desc']) }}
