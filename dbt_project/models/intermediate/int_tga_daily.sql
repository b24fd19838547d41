-- The Treasury's balance at the Fed by day. The statement changed its rows twice, so the closing balance is in
-- three different places; other account types of the same table (tax and loan accounts, totals) must not be added.
with placed as (
    select
        record_date,
        case account_type
            when 'Federal Reserve Account' then 'federal_reserve_account'
            when 'Treasury General Account (TGA)' then 'treasury_general_account'
            else 'opening_and_closing_rows'
        end as dts_era,
        {{ treasury_closing_usd_mn() }} as closing_usd_mn,
        case
            when account_type <> 'Treasury General Account (TGA) Closing Balance' then open_today_usd_mn
        end as opening_usd_mn
    from {{ ref('stg_fiscaldata__operating_cash_balance') }} as statements
    where account_type in (
        'Federal Reserve Account',
        'Treasury General Account (TGA)',
        'Treasury General Account (TGA) Opening Balance',
        'Treasury General Account (TGA) Closing Balance'
    )
)

select
    record_date,
    dts_era,
    {{ usd_mn_to_bn('max(closing_usd_mn)') }} as closing_balance_usd_bn,
    {{ usd_mn_to_bn('max(opening_usd_mn)') }} as opening_balance_usd_bn
from placed
group by record_date, dts_era
having max(closing_usd_mn) is not null
