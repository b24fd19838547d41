-- What came into the Treasury's account and what went out, by kind and day (Daily Treasury Statement, table II). Names
-- of lines say the kind; they changed on 2023-02-14, in October 2023 and in November 2025. The rest is the printed total less the kinds, so that a line that
-- we do not know is in the rest and never lost.
{% set deposits = {
    'withheld_taxes': ['Taxes - Withheld Individual/FICA'],
    'individual_taxes': [
        'Taxes - Non Withheld Ind/SECA Electronic', 'Taxes - Non Withheld Ind/SECA Other',
        'Individual Income and Employment Taxes, Not Withheld',
    ],
    'corporate_taxes': ['Taxes - Corporate Income', 'Corporation Income Taxes'],
    'tax_deposits': ["FTD''s Received (Table IV)", "Cash FTD''s Received (Table IV)"],
    'customs': [
        'Customs and Certain Excise Taxes', 'DHS - Customs and Certain Excise Taxes',
        'DHS - Customs Duties, Taxes, and Fees',
    ],
    'debt_issues': ['Public Debt Cash Issues (Table IIIB)', 'Public Debt Cash Issues (Table III-B)'],
} %}
{% set withdrawals = {
    'social_security': ['SSA - Benefits Payments', 'Social Security Benefits (EFT)'],
    'medicare': [
        'Medicare', 'HHS - Federal Hospital Insr Trust Fund', 'HHS - Federal Supple Med Insr Trust Fund',
        'HHS - Medicare Prescription Drugs', 'Medicare Advantage - Part C&D Payments',
        'Medicare and Other CMS Payments',
    ],
    'medicaid': ['Medicaid', 'HHS - Grants to States for Medicaid'],
    'defense': [
        'Defense Vendor Payments (EFT)', 'Military Active Duty Pay (EFT)', 'Dept of Defense (DoD) - misc',
        'DoD - Military Active Duty Pay', 'DoD - Military Retirement', 'DoD - Health',
    ],
    'salaries': ['Federal Salaries (EFT)'],
    'interest_paid': ['Interest on Treasury Securities'],
    'debt_redemptions': ['Public Debt Cash Redemp. (Table IIIB)', 'Public Debt Cash Redemp. (Table III-B)'],
} %}
{% set taxes = ['withheld_taxes', 'individual_taxes', 'corporate_taxes', 'tax_deposits', 'customs', 'other_taxes'] %}
{% set outlays = ['social_security', 'medicare', 'medicaid', 'defense', 'salaries', 'interest_paid', 'tax_refunds'] %}
with lines as (
    select
        record_date,
        transaction_type,
        transaction_catg,
        account_type,
        {{ usd_mn_to_bn('transaction_today_usd_mn') }} as today_usd_bn,
        case
            -- Totals, and the subtotals of March to September 2023.
            when account_type like '%Total%' or transaction_catg like '%Total%' then 'total'
            {% for kinds, side in [(deposits, 'Deposits'), (withdrawals, 'Withdrawals')] %}
            {% for kind, names in kinds.items() %}
            when transaction_type = '{{ side }}' and transaction_catg in ('{{ names | join("', '") }}')
                then '{{ kind }}'
            {% endfor %}
            {% endfor %}
            when transaction_type = 'Deposits' and transaction_catg like '%Taxes%' then 'other_taxes'
            when transaction_type = 'Withdrawals' and transaction_catg like '%Tax Refunds%' then 'tax_refunds'
        end as kind
    from {{ ref('stg_fiscaldata__deposits_withdrawals_operating_cash') }}
),

days as (
    select
        record_date as effective_date,
        {% for side in ['Deposits', 'Withdrawals'] %}
        max(today_usd_bn) filter (
            where account_type in (
                'Treasury General Account Total {{ side }}', 'Federal Reserve Account Total {{ side }}'
            )
        ) as {{ side | lower }}_usd_bn,
        {% endfor %}
        {% for kind in taxes + outlays + ['debt_issues', 'debt_redemptions'] %}
        coalesce(sum(today_usd_bn) filter (where kind = '{{ kind }}'), 0) as {{ kind }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from lines
    group by record_date
),

summed as (
    select
        *,
        {{ taxes | join('_usd_bn + ') }}_usd_bn as taxes_usd_bn,
        {{ outlays | join('_usd_bn + ') }}_usd_bn as named_outlays_usd_bn,
        deposits_usd_bn - debt_issues_usd_bn - withdrawals_usd_bn + debt_redemptions_usd_bn as fiscal_flow_usd_bn,
        debt_issues_usd_bn - debt_redemptions_usd_bn as debt_flow_usd_bn
    from days
),

business_days as (
    select
        calendar_date,
        is_tax_date,
        count(*) over (partition by date_trunc('month', calendar_date) order by calendar_date) as business_day_number
    from {{ ref('int_calendar') }}
    where is_business_day
),

-- Sums since the first of the month, where every business day of it is held so far.
numbered as (
    select
        summed.*,
        business_days.is_tax_date,
        business_days.business_day_number,
        {% for flow in ['taxes', 'fiscal_flow'] %}
        case when count(*) over the_month = business_days.business_day_number
            then sum(summed.{{ flow }}_usd_bn) over the_month
        end as {{ flow }}_month_to_date_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from summed
    inner join business_days on summed.effective_date = business_days.calendar_date
    window the_month as (partition by date_trunc('month', summed.effective_date) order by summed.effective_date)
)

select
    today.effective_date,
    {{ difference_bn('today.deposits_usd_bn') }} as deposits_usd_bn,
    {{ difference_bn('today.withdrawals_usd_bn') }} as withdrawals_usd_bn,
    {{ difference_bn('today.deposits_usd_bn - today.withdrawals_usd_bn') }} as net_flow_usd_bn,
    {{ difference_bn('cash.closing_balance_usd_bn - cash.opening_balance_usd_bn') }} as account_change_usd_bn,
    {{ difference_bn('today.fiscal_flow_usd_bn') }} as fiscal_flow_usd_bn,
    {{ difference_bn('today.debt_flow_usd_bn') }} as debt_flow_usd_bn,
    {{ difference_bn('today.taxes_usd_bn') }} as taxes_usd_bn,
    -- Before 2023-02-14 withheld taxes came in one line with firms' taxes and others.
    case when today.effective_date >= date '2023-02-14' then {{ difference_bn('today.withheld_taxes_usd_bn') }} end
        as withheld_taxes_usd_bn,
    {% for kind in taxes if kind != 'withheld_taxes' %}
    {{ difference_bn('today.' ~ kind ~ '_usd_bn') }} as {{ kind }}_usd_bn,
    {% endfor %}
    {{ difference_bn('today.deposits_usd_bn - today.debt_issues_usd_bn - today.taxes_usd_bn') }}
        as other_deposits_usd_bn,
    {% for kind in outlays %}
    {{ difference_bn('today.' ~ kind ~ '_usd_bn') }} as {{ kind }}_usd_bn,
    {% endfor %}
    {{ difference_bn('today.withdrawals_usd_bn - today.debt_redemptions_usd_bn - today.named_outlays_usd_bn') }}
        as other_withdrawals_usd_bn,
    {{ difference_bn('today.debt_issues_usd_bn') }} as debt_issues_usd_bn,
    {{ difference_bn('today.debt_redemptions_usd_bn') }} as debt_redemptions_usd_bn,
    today.is_tax_date,
    cast(today.business_day_number as integer) as business_day_of_month_number,
    year_before.effective_date as year_before_date,
    {% for flow in ['taxes', 'fiscal_flow'] %}
    {{ difference_bn('today.' ~ flow ~ '_month_to_date_usd_bn') }} as {{ flow }}_month_to_date_usd_bn,
    {{ difference_bn('year_before.' ~ flow ~ '_month_to_date_usd_bn') }}
        as {{ flow }}_month_to_date_year_before_usd_bn{{ ',' if not loop.last }}
    {% endfor %}
from numbered as today
left join {{ ref('int_tga_daily') }} as cash on today.effective_date = cash.record_date
left join numbered as year_before
    on
        today.business_day_number = year_before.business_day_number
        and date_trunc('month', today.effective_date) - interval 1 year
        = date_trunc('month', year_before.effective_date)
order by today.effective_date
