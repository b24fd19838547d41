{{ test_all_present(ref('stg_fiscaldata__mts_table_6'), columns=['classification_desc']) }}
