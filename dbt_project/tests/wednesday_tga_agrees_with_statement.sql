{{ config(severity='warn') }}
-- H.4.1 and the Daily Treasury Statement state the same account on the same Wednesday. Advisory with 5 billion of
-- room: the two books close at different hours, and no recording proves a narrower bound.
select
    sheet.wednesday_date,
    sheet.tga_usd_bn,
    cash.closing_balance_usd_bn
from {{ ref('fed_balance_sheet_weekly') }} as sheet
inner join {{ ref('treasury_cash_daily') }} as cash on sheet.wednesday_date = cash.effective_date
where abs(sheet.tga_usd_bn - cash.closing_balance_usd_bn) > 5
