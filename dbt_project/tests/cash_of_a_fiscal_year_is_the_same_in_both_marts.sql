-- Twelve monthly changes of the Treasury's cash are the change over the year: the same balances by two paths.
select
    bridge.fiscal_year,
    bridge.cash_drawdown_usd_bn,
    issuance.cash_change_usd_bn
from {{ ref('deficit_bridge_fiscal_year') }} as bridge
inner join {{ ref('treasury_issuance_fiscal_year') }} as issuance on bridge.fiscal_year = issuance.fiscal_year
where
    bridge.is_complete
    and (
        issuance.cash_change_usd_bn is null
        or abs(bridge.cash_drawdown_usd_bn + issuance.cash_change_usd_bn) > 0.0001
        or abs(bridge.deficit_usd_bn - issuance.deficit_usd_bn) > 0.0001
    )
