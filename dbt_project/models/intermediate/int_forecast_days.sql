-- Every calendar day with the ends of months and quarters around it, by the rule of int_calendar, and a hundred days ahead
-- of it, so that the end of the coming quarter is always among them.
with spine as (
    select {{ calendar_days("date '2014-01-01'", "last_date + 100") }} as calendar_date
    from (select max(calendar_date) as last_date from {{ ref('int_calendar') }}) as known
),

{{ judged_days('spine') }},

numbered as (
    select
        calendar_date,
        is_business_day,
        max(case when is_business_day then calendar_date end) over (order by calendar_date) as business_date,
        count(case when is_business_day then 1 end) over (order by calendar_date) as business_day_number,
        max(case when is_business_day then calendar_date end) over (partition by month_start) as last_business_date,
        max(case when is_business_day and not is_good_friday then calendar_date end) over (partition by month_start)
            as last_repo_date,
        max(calendar_date) over (partition by month_start) = cast(month_start + interval 1 month as date) - 1
            as is_whole_month,
        extract(month from calendar_date) % 3 = 0 as is_last_month
    from judged
),

ends as (
    select
        *,
        is_whole_month and calendar_date = last_business_date as is_month_end,
        is_whole_month and calendar_date = last_repo_date and is_last_month as is_quarter_end_of_repo
    from numbered
)

{% set later = 'over (order by calendar_date rows between 1 following and unbounded following)' -%}
select
    calendar_date,
    is_business_day,
    business_date,
    cast(business_day_number as integer) as business_day_number,
    is_month_end,
    is_month_end and is_last_month as is_quarter_end,
    is_quarter_end_of_repo,
    max(case when is_month_end then calendar_date end) over (order by calendar_date) as month_end_date,
    max(case when is_month_end and is_last_month then calendar_date end) over (order by calendar_date)
        as quarter_end_date,
    min(case when is_month_end then calendar_date end) {{ later }} as next_month_end_date,
    min(case when is_month_end and is_last_month then calendar_date end) {{ later }} as next_quarter_end_date,
    min(case when is_quarter_end_of_repo then calendar_date end) {{ later }} as next_quarter_end_of_repo_date
from ends
