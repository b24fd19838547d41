{{ test_all_present(
    ref('stg_fiscaldata__mspd_table_3_market'),
    columns=['security_class1_desc', 'security_class2_desc']
) }}
