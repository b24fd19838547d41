{{ test_holds(
    ref('stg_fiscaldata__mts_table_1'),
    rule="abs(gross_outlays_usd - gross_receipts_usd - deficit_usd) <= 1",
    reason="A deficit is positive here; FRED's series of the same statement has the opposite sign."
) }}
