-- New reserves by channel. The identity behind it, reserves = assets - TGA - reverse repo - currency - other, exists on
-- Wednesdays alone, because H.4.1 prints no other day; on the days between only three channels can be seen.
{% set assets = ['srf', 'other_repo', 'loans', 'bills', 'coupons', 'mbs', 'other_assets'] %}
{% set liabilities = ['tga', 'on_rrp', 'foreign_reverse_repo', 'currency', 'other_liabilities'] %}
{#- Running off since 2022-06-01 (announced 2022-05-04); bills bought for reserve management since 2025-12-12. -#}
{% set starts = {'since_qt': '2022-06-01', 'since_rmp': '2025-12-12'} %}
with soma as (
    select
        wednesday_date,
        {{ usd_to_bn('coalesce(bills_usd, 0)') }} as bills_usd_bn
    from {{ ref('stg_nyfed__soma_summary') }}
),

sheets as (
    select
        h41.wednesday_date,
        h41.reserves_usd_bn,
        {{ standing_repo_on('h41.wednesday_date') }} as srf_usd_bn,
        h41.repo_usd_bn,
        h41.loans_usd_bn,
        soma.bills_usd_bn,
        h41.treasuries_usd_bn - soma.bills_usd_bn as coupons_usd_bn,
        h41.mbs_usd_bn,
        h41.assets_usd_bn - h41.treasuries_usd_bn - h41.mbs_usd_bn - h41.repo_usd_bn - h41.loans_usd_bn
            as other_assets_usd_bn,
        h41.tga_usd_bn,
        operations.on_rrp_usd_bn,
        h41.reverse_repo_usd_bn - operations.on_rrp_usd_bn as foreign_reverse_repo_usd_bn,
        h41.currency_usd_bn,
        h41.assets_usd_bn - h41.reserves_usd_bn - h41.tga_usd_bn - h41.reverse_repo_usd_bn - h41.currency_usd_bn
            as other_liabilities_usd_bn
    from {{ ref('int_fred_h41_weekly') }} as h41
    inner join {{ ref('int_calendar') }} as calendar on h41.wednesday_date = calendar.calendar_date
    left join {{ ref('int_operations_daily') }} as operations
        on operations.effective_date = {{ lending_day('h41.wednesday_date') }}
    left join soma on h41.wednesday_date = soma.wednesday_date
    where h41.assets_usd_bn is not null
),

levels as (
    select
        wednesday_date,
        reserves_usd_bn,
        {% for channel in assets + liabilities if channel != 'other_repo' %}
        {{ channel }}_usd_bn,
        {% endfor %}
        repo_usd_bn - srf_usd_bn as other_repo_usd_bn
    from sheets
),

{% for name, start_date in starts.items() %}
-- Last balance sheet on or before {{ start_date }}: what happened since is counted from its levels.
{{ name }} as (
    select
        wednesday_date,
        reserves_usd_bn,
        {% for channel in assets + liabilities %}
        {{ channel }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from levels
    where wednesday_date between date '{{ start_date }}' - 6 and date '{{ start_date }}'
),

{% endfor %}
weekly as (
    select
        this_week.wednesday_date,
        {{ difference_bn('this_week.reserves_usd_bn - last_week.reserves_usd_bn') }} as reserves_created_usd_bn,
        {% for channel in assets %}
        {{ difference_bn('this_week.' ~ channel ~ '_usd_bn - last_week.' ~ channel ~ '_usd_bn') }}
            as {{ channel }}_contribution_usd_bn,
        {% endfor %}
        {% for channel in liabilities %}
        {{ difference_bn('last_week.' ~ channel ~ '_usd_bn - this_week.' ~ channel ~ '_usd_bn') }}
            as {{ channel }}_contribution_usd_bn,
        {% endfor %}
        {% for name in starts %}
        {{ difference_bn('this_week.reserves_usd_bn - ' ~ name ~ '.reserves_usd_bn') }}
            as reserves_created_{{ name }}_usd_bn,
        {% for channel in assets %}
        {{ difference_bn('this_week.' ~ channel ~ '_usd_bn - ' ~ name ~ '.' ~ channel ~ '_usd_bn') }}
            as {{ channel }}_{{ name }}_usd_bn,
        {% endfor %}
        {% for channel in liabilities %}
        {{ difference_bn(name ~ '.' ~ channel ~ '_usd_bn - this_week.' ~ channel ~ '_usd_bn') }}
            as {{ channel }}_{{ name }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
        {{ ',' if not loop.last }}
        {% endfor %}
    from levels as this_week
    left join levels as last_week on this_week.wednesday_date - 7 = last_week.wednesday_date
    {% for name in starts %}
    left join {{ name }} on this_week.wednesday_date >= {{ name }}.wednesday_date
    {% endfor %}
),

-- What was bought by the results of operations; unknown where these do not reach back to the first purchases.
purchases as (
    select
        levels.wednesday_date,
        case
            when min(operations.settlement_date) <= min(since_rmp.wednesday_date) + 7
                then sum({{ usd_to_bn('operations.accepted_usd') }})
        end as bought_usd_bn
    from levels
    inner join since_rmp on levels.wednesday_date > since_rmp.wednesday_date
    inner join {{ ref('stg_nyfed__treasury_operations') }} as operations
        on
            levels.wednesday_date >= operations.settlement_date
            and since_rmp.wednesday_date < operations.settlement_date
    where operations.operation_type = 'Outright Bill Purchase' and operations.operation_direction = 'P'
    group by levels.wednesday_date
),

-- Neither portfolio nor operations show the purpose of bill purchases; the schedules do. One that runs counts in
-- proportion to its days; after the last one known nothing is.
schedules as (
    select
        levels.wednesday_date,
        sum(
            schedule.reserve_management_usd_bn
            * (least(levels.wednesday_date, schedule.period_end_date) - schedule.period_start_date + 1)
            / (schedule.period_end_date - schedule.period_start_date + 1)
        ) as scheduled_usd_bn
    from levels
    inner join {{ ref('stg_policy__rmp_schedule') }} as schedule
        on levels.wednesday_date >= schedule.period_start_date
    group by levels.wednesday_date
    having levels.wednesday_date <= (select max(period_end_date) from {{ ref('stg_policy__rmp_schedule') }})
),

bills_split as (
    select
        weekly.wednesday_date,
        {{ difference_bn('greatest(least(schedules.scheduled_usd_bn, weekly.bills_since_rmp_usd_bn), 0)') }}
            as managing_usd_bn
    from weekly
    inner join schedules on weekly.wednesday_date = schedules.wednesday_date
    where weekly.bills_since_rmp_usd_bn is not null
),

first_sheet as (
    select min(wednesday_date) as first_date
    from levels
),

days as (
    select
        calendar.calendar_date as effective_date,
        calendar.previous_business_date
    from {{ ref('int_calendar') }} as calendar
    cross join first_sheet
    left join levels on calendar.calendar_date = levels.wednesday_date
    where
        calendar.calendar_date >= first_sheet.first_date
        and calendar.is_ahead is not true
        and (calendar.is_business_day or levels.wednesday_date is not null)
)

select
    days.effective_date,
    weekly.wednesday_date is not null as is_balance_sheet_day,
    {{ difference_bn('today.srf_accepted_usd_bn - yesterday.srf_accepted_usd_bn') }} as daily_srf_contribution_usd_bn,
    {{ difference_bn('cash_yesterday.closing_balance_usd_bn - cash_today.closing_balance_usd_bn') }}
        as daily_tga_contribution_usd_bn,
    {{ difference_bn('yesterday.on_rrp_usd_bn - today.on_rrp_usd_bn') }} as daily_on_rrp_contribution_usd_bn,
    weekly.reserves_created_usd_bn,
    {% for channel in assets + liabilities %}
    weekly.{{ channel }}_contribution_usd_bn,
    {% endfor %}
    {% for name in starts %}
    weekly.reserves_created_{{ name }}_usd_bn,
    {% for channel in assets + liabilities %}
    weekly.{{ channel }}_{{ name }}_usd_bn{{ ',' if not loop.last }}
    {% endfor %}
    ,
    {% endfor %}
    {{ difference_bn('purchases.bought_usd_bn') }} as rmp_bills_bought_usd_bn,
    bills_split.managing_usd_bn as rmp_bills_for_reserve_management_usd_bn,
    {{ difference_bn('weekly.bills_since_rmp_usd_bn - bills_split.managing_usd_bn') }}
        as rmp_bills_reinvested_usd_bn
from days
left join bills_split on days.effective_date = bills_split.wednesday_date
left join purchases on days.effective_date = purchases.wednesday_date
left join weekly on days.effective_date = weekly.wednesday_date
left join {{ ref('int_operations_daily') }} as today on days.effective_date = today.effective_date
left join {{ ref('int_operations_daily') }} as yesterday on days.previous_business_date = yesterday.effective_date
left join {{ ref('int_tga_daily') }} as cash_today on days.effective_date = cash_today.record_date
left join {{ ref('int_tga_daily') }} as cash_yesterday on days.previous_business_date = cash_yesterday.record_date
order by days.effective_date
