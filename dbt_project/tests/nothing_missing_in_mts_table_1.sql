{{ test_all_present(
    ref('stg_fiscaldata__mts_table_1'),
    columns=['classification_desc', 'fiscal_year', 'is_year_to_date', 'is_statement_month']
) }}
