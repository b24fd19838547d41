{{ test_holds(
    ref('stg_nyfed__fx_swaps'),
    rule="maturity_date > settlement_date and settlement_date >= trade_date and amount_usd > 0",
    reason="The dollars go out before they come back."
) }}
