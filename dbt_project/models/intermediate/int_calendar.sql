-- Federal Reserve business days by rule. The rule looks only at the date, so a day ahead can be judged too: whether
-- today is the last business day of its month must not depend on data that come tomorrow. Coupon settlement alone is
-- what was paid for, wherever that is held.
with last_days as (
    select max(effective_date) as last_date from {{ ref('stg_nyfed__reference_rates') }}
    union all
    select max(operation_date) from {{ ref('stg_nyfed__repo_operations') }}
    union all
    select max(observation_date) from {{ ref('stg_fred__observations') }}
    where series_id not in ('IORB', 'DFEDTARL', 'DFEDTARU')
    union all
    select max(record_date) from {{ ref('stg_fiscaldata__operating_cash_balance') }}
    union all
    select max(record_date) from {{ ref('stg_fiscaldata__public_debt_transactions') }}
    union all
    select max(candle_date) from {{ ref('stg_coinbase__daily_candles') }}
),

announced as (
    select observation_date as effective_date from {{ ref('stg_fred__observations') }}
    where series_id in ('IORB', 'DFEDTARL', 'DFEDTARU')
    union all
    select effective_date from {{ ref('stg_policy__fomc_target_range') }}
    union all
    select effective_date from {{ ref('stg_policy__administered_rates') }}
),

observed as (
    select max(last_date) as last_observed_date
    from last_days
),

-- A decision is in force the day after it is announced, and FRED dates IORB up to four days ahead; a week covers both
-- without reaching for facts of another year.
bounds as (
    select
        observed.last_observed_date,
        greatest(observed.last_observed_date, max(announced.effective_date)) as last_date
    from observed
    left join announced on announced.effective_date <= observed.last_observed_date + 7
    group by observed.last_observed_date
),

-- 1990-01-01: before every monthly statement and weekly balance sheet that is read. 45 days ahead decide the month end
-- and shifted dates.
spine as (
    select {{ calendar_days("date '1990-01-01'", "last_date + 45") }} as calendar_date
    from bounds
),

{{ judged_days('spine') }},

{% set next_day = 'over (order by calendar_date rows between current row and unbounded following)' -%}
neighbours as (
    select
        calendar_date,
        month_day,
        weekday_number,
        month_start,
        is_business_day,
        max(case when is_business_day then calendar_date end)
            over (order by calendar_date rows between unbounded preceding and 1 preceding) as previous_business_date,
        min(case when is_business_day and not is_holiday_of_capital then calendar_date end)
            {{ next_day }} as this_or_next_tax_date,
        min(case when is_business_day and not is_good_friday then calendar_date end)
            {{ next_day }} as this_or_next_repo_date,
        max(case when is_business_day then calendar_date end) over (partition by month_start) as last_business_date,
        max(case when is_business_day and not is_good_friday then calendar_date end)
            over (partition by month_start) as last_repo_date,
        max(case when weekday_number = 5 then calendar_date end) over (partition by month_start) as last_friday,
        max(calendar_date) over (partition by month_start) as last_calendar_date
    from judged
),

tax_dates as (
    select neighbours.this_or_next_tax_date as tax_date
    from neighbours
    left join {{ ref('stg_policy__tax_deadlines') }} as postponed on neighbours.calendar_date = postponed.usual_date
    where neighbours.month_day in (115, 315, 415, 615, 915, 1215) and postponed.usual_date is null
    union
    select deadline_date from {{ ref('stg_policy__tax_deadlines') }}
),

-- Notes and bonds by rule: the middle of the month; its end, on the day itself for new ones or on the last repo day for
-- inflation-protected ones; the last Friday for floating-rate notes that are reopened (two months out of three).
coupon_rule as (
    select this_or_next_repo_date as coupon_date
    from neighbours
    where
        extract(day from calendar_date) = 15
        or calendar_date = last_calendar_date
        or (calendar_date = last_friday and extract(month from calendar_date) % 3 <> 1)
    union
    select last_repo_date from neighbours
),

-- Paid for on each day with a statement. Nothing but tests of the auction system comes to less than the threshold.
coupons_paid as (
    select
        record_date,
        coalesce({{ usd_mn_to_bn("sum(transaction_today_usd_mn) filter (
            where transaction_type = 'Issues' and security_market = 'Marketable' and security_type in ('Notes', 'Bonds')
        )") }}, 0) >= {{ var('coupon_settlement_usd_bn') }} as is_settlement
    from {{ ref('stg_fiscaldata__public_debt_transactions') }}
    group by record_date
),

-- Sold, where there is no statement: before the first one and after the last. An amount that is not held counts.
coupons_sold as (
    select
        issue_date,
        coalesce({{ usd_to_bn('sum(total_accepted_usd)') }} >= {{ var('coupon_settlement_usd_bn') }}, true)
            as is_settlement
    from {{ ref('stg_fiscaldata__auctions_query') }}
    where security_type <> 'Bill'
    group by issue_date
),

coupons_held as (
    select
        neighbours.calendar_date,
        coupons_paid.is_settlement as is_paid,
        coalesce(coupons_sold.is_settlement, false) as is_sold,
        max(coupons_sold.issue_date) over (
            order by neighbours.calendar_date rows between unbounded preceding and current row
        ) as last_issue_date,
        min(coupons_sold.issue_date) over (
            order by neighbours.calendar_date rows between current row and unbounded following
        ) as next_issue_date
    from neighbours
    left join coupons_paid on neighbours.calendar_date = coupons_paid.record_date
    left join coupons_sold on neighbours.calendar_date = coupons_sold.issue_date
),

-- Between two issues at most 45 days apart, none was missed: they came at least once a month.
coupons as (
    select
        calendar_date,
        case
            when is_paid is not null then is_paid
            when next_issue_date - last_issue_date <= 45 then is_sold
        end as is_settlement,
        case
            when is_paid is not null then 'statement'
            when next_issue_date - last_issue_date <= 45 then 'auctions'
            else 'rule'
        end as settlement_basis
    from coupons_held
)

select
    neighbours.calendar_date,
    neighbours.is_business_day,
    neighbours.calendar_date > (select last_observed_date from bounds) as is_ahead,
    neighbours.previous_business_date,
    neighbours.calendar_date = neighbours.last_business_date as is_last_business_day,
    neighbours.calendar_date = neighbours.last_repo_date as is_month_end,
    neighbours.calendar_date = neighbours.last_repo_date
    and extract(month from neighbours.calendar_date) in (3, 6, 9, 12) as is_quarter_end,
    neighbours.calendar_date = neighbours.last_repo_date
    and extract(month from neighbours.calendar_date) = 12 as is_year_end,
    tax_dates.tax_date is not null as is_tax_date,
    coalesce(coupons.is_settlement, coupon_rule.coupon_date is not null) as is_coupon_settlement,
    coupon_rule.coupon_date is not null as is_coupon_settlement_by_rule,
    coupons.settlement_basis as coupon_settlement_basis
from neighbours
inner join coupons on neighbours.calendar_date = coupons.calendar_date
left join tax_dates on neighbours.calendar_date = tax_dates.tax_date
left join coupon_rule on neighbours.calendar_date = coupon_rule.coupon_date
where neighbours.calendar_date <= (select last_date from bounds)
