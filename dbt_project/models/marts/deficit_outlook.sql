-- Every published estimate that is held, in long form, beside what came of it. Periods are fiscal years or quarters; only
-- a period that is over has an actual, and one that no source here measures has none.
with cbo as (
    select
        'CBO' as institution,
        vintage_month as vintage,
        known_date as published_date,
        kind,
        fiscal_year,
        deficit_usd_bn,
        implied_borrowing_usd_bn,
        is_verified,
        source
    from {{ ref('stg_policy__cbo_baseline') }}
),

estimates as (
    select
        institution,
        vintage,
        published_date,
        kind,
        'deficit' as measure,
        'FY' || fiscal_year as period,
        make_date(fiscal_year - 1, 10, 1) as period_start_date,
        make_date(fiscal_year, 9, 30) as period_end_date,
        deficit_usd_bn as estimate_usd_bn,
        is_verified,
        source
    from cbo
    where kind <> 'actual' and deficit_usd_bn is not null
    union all
    select
        institution,
        vintage,
        published_date,
        kind,
        'net_borrowing' as measure,
        'FY' || fiscal_year as period,
        make_date(fiscal_year - 1, 10, 1) as period_start_date,
        make_date(fiscal_year, 9, 30) as period_end_date,
        implied_borrowing_usd_bn as estimate_usd_bn,
        is_verified,
        source
    from cbo
    where kind <> 'actual' and implied_borrowing_usd_bn is not null
    union all
    select
        institution,
        strftime(published_date, '%Y-%m') as vintage,
        published_date,
        'estimate' as kind,
        replace(measure, '_estimate', '') as measure,
        period,
        period_start_date,
        period_end_date,
        value_usd_bn as estimate_usd_bn,
        is_verified,
        source
    from {{ ref('stg_policy__treasury_borrowing_estimates') }}
    where measure like '%\_estimate' escape '\' and value_usd_bn is not null
),

monthly as (
    select
        estimates.measure,
        estimates.period,
        case estimates.measure
            when 'deficit' then sum(bridge.deficit_usd_bn)
            when 'net_borrowing' then sum(bridge.net_borrowing_usd_bn)
            when 'net_marketable_borrowing' then sum(bridge.net_marketable_issuance_usd_bn)
        end as actual_usd_bn,
        case estimates.measure
            when 'deficit' then count(bridge.deficit_usd_bn)
            when 'net_borrowing' then count(bridge.net_borrowing_usd_bn)
            when 'net_marketable_borrowing' then count(bridge.net_marketable_issuance_usd_bn)
        end as months_held,
        max(date_diff('month', estimates.period_start_date, estimates.period_end_date)) + 1 as months_needed
    from (select distinct measure, period, period_start_date, period_end_date from estimates) as estimates
    inner join {{ ref('deficit_bridge_monthly') }} as bridge
        on bridge.month_date between estimates.period_start_date and estimates.period_end_date
    group by estimates.measure, estimates.period
),

-- In order of preference: our own sum of monthly or daily statements, the Treasury's own later figure, CBO's table of actuals.
actuals as (
    select
        measure,
        period,
        actual_usd_bn,
        case measure
            when 'net_marketable_borrowing' then 'daily statements with accretion' else 'monthly statements'
        end as actual_source,
        1 as preference
    from monthly
    where months_held = months_needed
    union all
    select
        replace(measure, '_actual', '') as measure,
        period,
        value_usd_bn as actual_usd_bn,
        'US Treasury, ' || published_date as actual_source,
        2 as preference
    from {{ ref('stg_policy__treasury_borrowing_estimates') }}
    where measure like '%\_actual' escape '\' and value_usd_bn is not null
    union all
    select
        'deficit' as measure,
        'FY' || fiscal_year as period,
        deficit_usd_bn as actual_usd_bn,
        'CBO actuals' as actual_source,
        3 as preference
    from cbo
    where kind = 'actual' and deficit_usd_bn is not null
    union all
    select
        'net_borrowing' as measure,
        'FY' || fiscal_year as period,
        implied_borrowing_usd_bn as actual_usd_bn,
        'CBO actuals' as actual_source,
        3 as preference
    from cbo
    where kind = 'actual' and implied_borrowing_usd_bn is not null
),

preferred as (
    select
        measure,
        period,
        {{ first_by('actual_usd_bn', 'preference') }} as actual_usd_bn,
        {{ first_by('actual_source', 'preference') }} as actual_source
    from actuals
    group by measure, period
)

select
    estimates.institution,
    estimates.vintage,
    estimates.published_date,
    estimates.kind,
    estimates.measure,
    estimates.period,
    estimates.period_start_date,
    estimates.period_end_date,
    cast(case when estimates.period like 'FY____' then year(estimates.period_end_date) end as integer) as fiscal_year,
    cast(estimates.estimate_usd_bn as double) as estimate_usd_bn,
    {{ difference_bn('cast(preferred.actual_usd_bn as double)') }} as actual_usd_bn,
    preferred.actual_source,
    {{ difference_bn('cast(estimates.estimate_usd_bn - preferred.actual_usd_bn as double)') }} as error_usd_bn,
    estimates.is_verified,
    estimates.source
from estimates
left join preferred on estimates.measure = preferred.measure and estimates.period = preferred.period
order by estimates.measure, estimates.period, estimates.published_date, estimates.institution, estimates.kind
