-- Twelve monthly changes of the Treasury's cash are the change over the year: the same balances by two paths. Twelve months
-- of deficit are the sum that the statement prints, but for millions that were rounded once: at most six of them.
select
    bridge.fiscal_year,
    bridge.cash_drawdown_usd_bn,
    issuance.cash_change_usd_bn,
    bridge.deficit_usd_bn as months_deficit_usd_bn,
    issuance.deficit_usd_bn as stated_deficit_usd_bn,
    saving.deficit_fiscal_year_usd_bn
from {{ ref('deficit_bridge_fiscal_year') }} as bridge
inner join {{ ref('treasury_issuance_fiscal_year') }} as issuance on bridge.fiscal_year = issuance.fiscal_year
left join {{ ref('saving_vs_deficit_annual') }} as saving on bridge.fiscal_year = saving.calendar_year
where
    bridge.is_complete
    and (
        issuance.cash_change_usd_bn is null
        or abs(bridge.cash_drawdown_usd_bn + issuance.cash_change_usd_bn) > 0.0001
        or abs(bridge.deficit_usd_bn - issuance.deficit_usd_bn) > 0.006
        or saving.deficit_fiscal_year_usd_bn is distinct from issuance.deficit_usd_bn
    )
