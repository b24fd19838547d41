-- What the debt costs at the rates that it pays: average rate of each class times what is outstanding of it. Inflation
-- compensation of TIPS is not interest here. Twelve months are the mean of as many months at their own rates.
{% set classes = {
    'bills': ['Treasury Bills', 'Bills'],
    'notes': ['Treasury Notes', 'Notes'],
    'bonds': ['Treasury Bonds', 'Bonds'],
    'tips': ['Treasury Inflation-Protected Securities (TIPS)', 'Treasury Inflation-Protected Securities'],
    'frns': ['Treasury Floating Rate Notes (FRN)', 'Floating Rate Notes'],
} %}
{#- Accrued interest, amortized discount and premium of each. -#}
{% set marketable = [
    'Treasury Bills', 'Treasury Notes', 'Treasury Bonds', 'Treasury Floating Rate Notes (FRN)',
    'Inflation Protected Securities (TIPS)', 'Treasury Inflation Protected Securities (TIPS)',
] %}
with rates as (
    select
        record_date as month_date,
        {% for name, labels in classes.items() %}
        max(avg_interest_rate_pct) filter (where security_desc = '{{ labels[0] }}') as {{ name }}_rate_pct,
        {% endfor %}
        -- One statement, of 2005-07-31, prints it as one word.
        max(avg_interest_rate_pct) filter (where security_desc in ('Total Marketable', 'TotalMarketable'))
            as stated_bills_notes_bonds_rate_pct,
        max(avg_interest_rate_pct) filter (where security_desc = 'Total Interest-bearing Debt')
            as stated_total_rate_pct
    from {{ ref('stg_fiscaldata__avg_interest_rates') }}
    group by record_date
),

debt as (
    select
        record_date as month_date,
        {% for name, labels in classes.items() %}
        {{ usd_mn_to_bn("max(total_usd_mn) filter (where security_class_desc = '" ~ labels[1] ~ "')") }}
            as {{ name }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_fiscaldata__mspd_table_1') }}
    where security_type_desc = 'Marketable'
    group by record_date
),

maturities as (
    select
        record_date as month_date,
        -- Totals and what has matured have no date or one that is past.
        sum(outstanding_usd_mn * (maturity_date - record_date)) / sum(outstanding_usd_mn) / 365.25
            as average_maturity_years
    from {{ ref('stg_fiscaldata__mspd_table_3_market') }}
    where maturity_date > record_date and outstanding_usd_mn is not null
    group by record_date
),

paid as (
    select
        last_day(record_date) as month_date,
        {{ usd_mn_to_bn('sum(transaction_today_usd_mn)') }} as coupons_paid_usd_bn
    from {{ ref('stg_fiscaldata__deposits_withdrawals_operating_cash') }}
    where transaction_type = 'Withdrawals' and transaction_catg = 'Interest on Treasury Securities'
    group by 1
),

-- What the Treasury books: interest of marketable securities, compensation for inflation, all issues to the public.
booked as (
    select
        record_date as month_date,
        {{ usd_to_bn(
            "sum(month_expense_usd) filter (where expense_type_desc in ('" ~ marketable | join("', '") ~ "'))"
        ) }} as interest_expense_usd_bn,
        {{ usd_to_bn("sum(month_expense_usd) filter (
            where expense_type_desc = 'Int. Expense Inflation Compensation (TIPS)'
        )") }} as inflation_compensation_usd_bn,
        {{ usd_to_bn('sum(month_expense_usd)') }} as public_interest_expense_usd_bn
    from {{ ref('stg_fiscaldata__interest_expense') }}
    where expense_catg_desc = 'INTEREST EXPENSE ON PUBLIC ISSUES'
    group by record_date
),

output as (
    select
        observation_date as quarter_start_date,
        value_canonical as gdp_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'GDP' and value_canonical is not null
),

months as (
    select
        rates.*,
        debt.bills_usd_bn,
        debt.notes_usd_bn,
        debt.bonds_usd_bn,
        -- Floating-rate notes exist since 2014; the other four classes must be there.
        debt.bills_usd_bn + debt.notes_usd_bn + debt.bonds_usd_bn + debt.tips_usd_bn + coalesce(debt.frns_usd_bn, 0)
            as marketable_usd_bn,
        (
            rates.bills_rate_pct * debt.bills_usd_bn + rates.notes_rate_pct * debt.notes_usd_bn
            + rates.bonds_rate_pct * debt.bonds_usd_bn
        ) / 100 as bills_notes_bonds_interest_usd_bn,
        rates.tips_rate_pct * debt.tips_usd_bn / 100 as tips_interest_usd_bn,
        case when debt.frns_usd_bn > 0 then rates.frns_rate_pct * debt.frns_usd_bn / 100 else 0 end
            as frns_interest_usd_bn,
        maturities.average_maturity_years,
        paid.coupons_paid_usd_bn,
        booked.interest_expense_usd_bn,
        booked.inflation_compensation_usd_bn,
        booked.public_interest_expense_usd_bn,
        budget.receipts_usd_bn,
        output.gdp_usd_bn,
        output.quarter_start_date
    from rates
    left join debt on rates.month_date = debt.month_date
    left join maturities on rates.month_date = maturities.month_date
    left join paid
        on rates.month_date = paid.month_date
        and paid.month_date > (select min(month_date) from paid)  -- the history may begin inside a month
    left join booked on rates.month_date = booked.month_date
    left join {{ ref('int_federal_budget_monthly') }} as budget on rates.month_date = budget.month_date
    {{ asof_left_join('output', 'output', 'rates.month_date', 'quarter_start_date') }}
),

interest as (
    select
        *,
        bills_notes_bonds_interest_usd_bn + tips_interest_usd_bn + frns_interest_usd_bn as interest_usd_bn
    from months
),

final as (
    select
        *,
        {% for total, part, how in [
            ('interest_12m_usd_bn', 'interest_usd_bn', 'avg'),
            ('coupons_paid_12m_usd_bn', 'coupons_paid_usd_bn', 'sum'),
            ('receipts_12m_usd_bn', 'receipts_usd_bn', 'sum'),
            ('public_interest_expense_12m_usd_bn', 'public_interest_expense_usd_bn', 'sum'),
        ] %}
        case when count({{ part }}) over the_year = 12 then {{ difference_bn(how ~ '(' ~ part ~ ') over the_year') }} end
            as {{ total }}{{ ',' if not loop.last }}
        {% endfor %}
    from interest
    window the_year as (order by month_date range between interval 11 month preceding and current row)
)

select
    month_date,
    bills_rate_pct,
    notes_rate_pct,
    bonds_rate_pct,
    tips_rate_pct,
    frns_rate_pct,
    round(100 * bills_notes_bonds_interest_usd_bn / (bills_usd_bn + notes_usd_bn + bonds_usd_bn), 4)
        as bills_notes_bonds_rate_pct,
    stated_bills_notes_bonds_rate_pct,
    round(100 * interest_usd_bn / marketable_usd_bn, 4) as marketable_rate_pct,
    stated_total_rate_pct,
    {{ difference_bn('marketable_usd_bn') }} as marketable_debt_usd_bn,
    round(100 * bills_usd_bn / marketable_usd_bn, 4) as bills_share_of_marketable_pct,
    round(average_maturity_years, 4) as average_maturity_years,
    {{ difference_bn('interest_usd_bn') }} as interest_at_current_rates_usd_bn,
    interest_12m_usd_bn,
    coupons_paid_12m_usd_bn,
    receipts_12m_usd_bn,
    round(100 * interest_12m_usd_bn / receipts_12m_usd_bn, 4) as interest_to_receipts_pct,
    -- GDP of the newest known quarter that has begun at that time; one that began 300 days before is too old.
    case when month_date - quarter_start_date <= 300 then last_day(quarter_start_date + interval 2 month) end
        as gdp_quarter_date,
    case when month_date - quarter_start_date <= 300 then round(100 * interest_12m_usd_bn / gdp_usd_bn, 4) end
        as interest_to_gdp_pct,
    {{ difference_bn('interest_expense_usd_bn') }} as interest_expense_usd_bn,
    -- A year's interest for the days of the month.
    {{ difference_bn('interest_usd_bn * day(month_date) / 365 - interest_expense_usd_bn') }}
        as computed_minus_interest_expense_usd_bn,
    {{ difference_bn('inflation_compensation_usd_bn') }} as inflation_compensation_usd_bn,
    public_interest_expense_12m_usd_bn,
    round(100 * public_interest_expense_12m_usd_bn / receipts_12m_usd_bn, 4) as public_interest_expense_to_receipts_pct
from final
order by month_date
