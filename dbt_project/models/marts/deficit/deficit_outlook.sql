-- Every published estimate that is held, in long form, with the actual by the same definition. Periods are fiscal
-- years or quarters; only a period that is over has an actual, and one that no source here measures has none.
{% set as_printed = "'deficit of the Monthly Treasury Statement'" %}
{% set as_adjusted = "'deficit as CBO adjusts it'" %}
{% set debt_change = "'change of debt held by the public'" %}
{% set privately_held = "'privately held net marketable borrowing'" %}
-- CBO's own tables leave out Fannie and Freddie and the student-loan items; the headline of its report does not.
with cbo_amounts as (
    {% for column_name, measure in {'deficit_usd_bn': 'deficit', 'implied_borrowing_usd_bn': 'net_borrowing'}.items() %}
    select
        vintage_month,
        known_date,
        kind,
        fiscal_year,
        make_date(fiscal_year - 1, 10, 1) as period_start_date,
        make_date(fiscal_year, 9, 30) as period_end_date,
        '{{ measure }}' as measure,
        {% if measure == 'deficit' %}
        case when kind = 'headline' then {{ as_printed }} else {{ as_adjusted }} end as definition,
        {% else %}
        {{ debt_change }} as definition,
        {% endif %}
        {{ column_name }} as amount_usd_bn,
        is_verified,
        source
    from {{ ref('stg_policy__cbo_baseline') }}
    where {{ column_name }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

published as (
    select
        institution,
        known_date,
        replace(replace(measure, '_estimate', ''), '_actual', '') as measure,
        measure like '%\_actual' escape '\' as is_actual,
        period,
        period_start_date,
        period_end_date,
        value_usd_bn as amount_usd_bn,
        is_verified,
        source
    from {{ ref('stg_policy__treasury_borrowing_estimates') }}
    where
        (measure like '%\_estimate' escape '\' or measure like '%\_actual' escape '\')
        and value_usd_bn is not null
),

estimates as (
    select
        'CBO' as institution,
        vintage_month as vintage,
        known_date as published_date,
        kind,
        measure,
        definition,
        'FY' || fiscal_year as period,
        period_start_date,
        period_end_date,
        amount_usd_bn as estimate_usd_bn,
        is_verified,
        source
    from cbo_amounts
    where kind <> 'actual'
    union all
    select
        institution,
        strftime(known_date, '%Y-%m') as vintage,
        known_date as published_date,
        'estimate' as kind,
        measure,
        case measure
            when 'deficit' then {{ as_printed }}
            when 'privately_held_net_marketable_borrowing' then {{ privately_held }}
        end as definition,
        period,
        period_start_date,
        period_end_date,
        amount_usd_bn as estimate_usd_bn,
        is_verified,
        source
    from published
    where not is_actual
),

quarters as (
    select
        period_start_date,
        period_end_date,
        max(known_date) as known_date,
        {{ last_by('amount_usd_bn', 'known_date') }} as amount_usd_bn
    from published
    where is_actual and measure = 'privately_held_net_marketable_borrowing'
    group by period_start_date, period_end_date
),

-- In order of preference within a definition. A fiscal year is borrowed in four quarters, all of them or none.
actuals as (
    select
        {{ as_printed }} as definition,
        make_date(fiscal_year - 1, 10, 1) as period_start_date,
        make_date(fiscal_year, 9, 30) as period_end_date,
        deficit_usd_bn as actual_usd_bn,
        case when statement_date is null then 'FRED FYFSD' else 'monthly statements' end as actual_source,
        1 as preference
    from {{ ref('int_federal_budget_fiscal_year') }}
    where months_count = 12
    union all
    select
        definition,
        period_start_date,
        period_end_date,
        amount_usd_bn as actual_usd_bn,
        'CBO actuals' as actual_source,
        1 as preference
    from cbo_amounts
    where kind = 'actual'
    union all
    select
        {{ debt_change }} as definition,
        make_date(fiscal_year - 1, 10, 1) as period_start_date,
        make_date(fiscal_year, 9, 30) as period_end_date,
        net_borrowing_usd_bn as actual_usd_bn,
        'monthly statements' as actual_source,
        2 as preference
    from {{ ref('deficit_bridge_fiscal_year') }}
    where months_count = 12 and net_borrowing_usd_bn is not null
    union all
    select
        {{ privately_held }} as definition,
        periods.period_start_date,
        periods.period_end_date,
        sum(quarters.amount_usd_bn) as actual_usd_bn,
        'US Treasury, ' || max(quarters.known_date) as actual_source,
        1 as preference
    from (select distinct period_start_date, period_end_date from published where not is_actual) as periods
    inner join quarters
        on
            quarters.period_start_date >= periods.period_start_date
            and quarters.period_end_date <= periods.period_end_date
    group by periods.period_start_date, periods.period_end_date
    having count(*) * 3 = date_diff('month', periods.period_start_date, periods.period_end_date) + 1
),

preferred as (
    select
        definition,
        period_start_date,
        period_end_date,
        {{ first_by('actual_usd_bn', 'preference') }} as actual_usd_bn,
        {{ first_by('actual_source', 'preference') }} as actual_source
    from actuals
    group by definition, period_start_date, period_end_date
)

select
    estimates.institution,
    estimates.vintage,
    estimates.published_date,
    estimates.kind,
    estimates.measure,
    estimates.definition,
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
left join preferred
    on
        estimates.definition = preferred.definition
        and estimates.period_start_date = preferred.period_start_date
        and estimates.period_end_date = preferred.period_end_date
order by estimates.measure, estimates.period, estimates.published_date, estimates.institution, estimates.kind
