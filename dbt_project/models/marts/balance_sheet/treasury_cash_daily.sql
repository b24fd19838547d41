-- What the Treasury itself assumed for the end of the quarter of that day, in the newest release published by it. A release
-- covers two quarters, so until its own release a quarter has the second estimate of the release before.
with assumed as (
    select
        balances.record_date,
        {{ last_by('estimates.value_usd_bn', 'estimates.published_date') }} as assumed_cash_balance_usd_bn,
        max(estimates.published_date) as assumed_cash_balance_published_date
    from {{ ref('int_tga_daily') }} as balances
    inner join {{ ref('stg_policy__treasury_borrowing_estimates') }} as estimates
        on
            balances.record_date between estimates.period_start_date and estimates.period_end_date
            and balances.record_date >= estimates.published_date
    where estimates.measure = 'assumed_end_of_quarter_cash_balance' and estimates.institution = 'US Treasury'
    group by balances.record_date
),

debt_limit as (
    select distinct balances.record_date
    from {{ ref('int_tga_daily') }} as balances
    inner join {{ ref('stg_policy__debt_limit_episodes') }} as episodes
        on
            balances.record_date >= episodes.binding_start_date
            and (episodes.resolved_date is null or balances.record_date < episodes.resolved_date)
),

shutdowns as (
    select
        balances.record_date,
        {{ last_by('episodes.scope', 'episodes.start_date') }} as shutdown_scope
    from {{ ref('int_tga_daily') }} as balances
    inner join {{ ref('stg_policy__government_shutdowns') }} as episodes
        on
            balances.record_date >= episodes.start_date
            and (episodes.end_date is null or balances.record_date <= episodes.end_date)
    group by balances.record_date
)

select
    balances.record_date as effective_date,
    balances.dts_era,
    balances.closing_balance_usd_bn,
    {{ difference_bn('balances.closing_balance_usd_bn - previous.closing_balance_usd_bn') }}
        as closing_balance_change_usd_bn,
    balances.opening_balance_usd_bn,
    assumed.assumed_cash_balance_usd_bn,
    assumed.assumed_cash_balance_published_date,
    {{ difference_bn('balances.closing_balance_usd_bn - assumed.assumed_cash_balance_usd_bn') }}
        as excess_over_assumed_usd_bn,
    debt_limit.record_date is not null as is_debt_limit_binding,
    shutdowns.record_date is not null as is_government_shutdown,
    shutdowns.shutdown_scope
from {{ ref('int_tga_daily') }} as balances
left join {{ ref('int_calendar') }} as calendar on balances.record_date = calendar.calendar_date
left join {{ ref('int_tga_daily') }} as previous on calendar.previous_business_date = previous.record_date
left join assumed on balances.record_date = assumed.record_date
left join debt_limit on balances.record_date = debt_limit.record_date
left join shutdowns on balances.record_date = shutdowns.record_date
order by balances.record_date
