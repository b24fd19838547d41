-- Federal Reserve business days by rule. The rule looks only at the date, so a day ahead can be judged too: whether
-- today is the last business day of its month must not depend on data that come tomorrow.
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

-- 2003-01-01: first full year of the weekly balance sheet. 45 days ahead decide the month end and shifted dates.
spine as (
    select cast({{ calendar_days("date '2003-01-01'", "last_date + 45") }} as date) as calendar_date
    from bounds
),

parts as (
    select
        calendar_date,
        extract(year from calendar_date) as year_number,
        extract(month from calendar_date) * 100 + extract(day from calendar_date) as month_day,
        extract(isodow from calendar_date) as weekday_number
    from spine
),

-- A holiday on a Sunday moves to Monday. One on a Saturday does not move: the Fed and the Treasury were open on
-- 2021-06-18 and 2026-07-03.
fixed_holidays as (
    select calendar_date as holiday_date
    from parts
    where month_day in (101, 704, 1111, 1225) or (month_day = 619 and year_number >= 2021)
),

judged as (
    select
        parts.calendar_date,
        parts.month_day,
        date_trunc('month', parts.calendar_date) as month_start,
        (
            parts.weekday_number <= 5
            and not coalesce(same_day.holiday_date is not null, false)
            and not coalesce(parts.weekday_number = 1 and day_before.holiday_date is not null, false)
            and not (
                parts.weekday_number = 1
                and (
                    parts.month_day between 115 and 121  -- Martin Luther King Day
                    or parts.month_day between 215 and 221  -- Washington's Birthday
                    or parts.month_day between 525 and 531  -- Memorial Day
                    or parts.month_day between 901 and 907  -- Labor Day
                    or parts.month_day between 1008 and 1014  -- Columbus Day
                )
            )
            and not (parts.weekday_number = 4 and parts.month_day between 1122 and 1128)  -- Thanksgiving
        ) as is_business_day
    from parts
    left join fixed_holidays as same_day on parts.calendar_date = same_day.holiday_date
    left join fixed_holidays as day_before on parts.calendar_date - 1 = day_before.holiday_date
),

neighbours as (
    select
        calendar_date,
        month_day,
        month_start,
        is_business_day,
        max(case when is_business_day then calendar_date end)
            over (order by calendar_date rows between unbounded preceding and 1 preceding) as previous_business_date,
        min(case when is_business_day then calendar_date end)
            over (order by calendar_date rows between current row and unbounded following)
            as this_or_next_business_date,
        max(case when is_business_day then calendar_date end) over (partition by month_start) as last_business_date,
        max(calendar_date) over (partition by month_start) as last_calendar_date
    from judged
),

tax_dates as (
    select distinct this_or_next_business_date as tax_date
    from neighbours
    where month_day in (115, 315, 415, 615, 915, 1215)
),

coupon_dates as (
    select distinct this_or_next_business_date as coupon_date
    from neighbours
    where extract(day from calendar_date) = 15 or calendar_date = last_calendar_date
),

final as (
    select
        neighbours.calendar_date,
        neighbours.is_business_day,
        neighbours.calendar_date > (select last_observed_date from bounds) as is_ahead,
        neighbours.previous_business_date,
        neighbours.calendar_date = neighbours.last_business_date as is_month_end,
        neighbours.calendar_date = neighbours.last_business_date
        and extract(month from neighbours.calendar_date) in (3, 6, 9, 12) as is_quarter_end,
        neighbours.calendar_date = neighbours.last_business_date
        and extract(month from neighbours.calendar_date) = 12 as is_year_end,
        tax_dates.tax_date is not null as is_tax_date,
        coupon_dates.coupon_date is not null as is_coupon_settlement
    from neighbours
    left join tax_dates on neighbours.calendar_date = tax_dates.tax_date
    left join coupon_dates on neighbours.calendar_date = coupon_dates.coupon_date
    where neighbours.calendar_date <= (select last_date from bounds)
)

select * from final
