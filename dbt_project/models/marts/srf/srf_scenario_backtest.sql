-- What the formula would have said each January since 2022, with CBO's borrowing, the Fed's pace, the limit and, where the
-- log has them, the levels as then known, against what came and against no change. Hedge funds' repo and overnight reverse
-- repo are as published now, and the other drivers are today's, so that it knows too much.
{% set levels = {'assets': ('WALCL', 0), 'reserves': ('WRESBAL', 6), 'tga': ('tga', 3), 'gdp': ('GDP', 300)} %}
with origins as (
    select distinct
        origin_date,
        start_date
    from {{ ref('int_scenario_quarters') }}
    where origin_date < date '9999-12-31'
),

paces as (
    select
        origins.origin_date,
        {{ last_by(
            'coalesce(milestones.treasury_cap_usd_bn_month, 0) + coalesce(milestones.mbs_cap_usd_bn_month, 0)',
            'milestones.effective_date'
        ) }} as run_off_usd_bn_month
    from origins
    inner join {{ ref('stg_policy__qt_milestones') }} as milestones
        on greatest(milestones.effective_date, milestones.known_date) <= origins.origin_date
    group by origins.origin_date
),

purchases as (
    select
        origins.origin_date,
        max(schedules.reserve_management_usd_bn_month) as bought_usd_bn_month
    from origins
    left join {{ ref('stg_policy__rmp_schedule') }} as schedules
        on
            origins.origin_date between schedules.period_start_date and schedules.period_end_date
            and schedules.known_date <= origins.origin_date
    group by origins.origin_date
),

limits as (
    select
        origins.origin_date,
        {{ last_by('coalesce(policy.aggregate_limit_usd_bn, -1)', 'policy.effective_date') }} as limit_usd_bn
    from origins
    inner join {{ ref('stg_policy__srf_policy') }} as policy
        on greatest(policy.effective_date, policy.known_date) <= origins.origin_date
    where policy.regime <> 'morning_trial'
    group by origins.origin_date
),

-- What one knew at the origin of the level of the start's Wednesday: the newest value up to it, at most some days old.
known_levels as (
    select
        origins.origin_date,
        {% for level, (input, days) in levels.items() %}
        {{ last_by('versions.value', 'versions.effective_date') }} filter (
            where versions.input = '{{ input }}' and versions.effective_date >= states.wednesday_date - {{ days }}
        ) as {{ level }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from origins
    inner join {{ ref('int_scenario_states') }} as states on origins.start_date = states.quarter_date
    inner join {{ ref('stg_meta__alert_versions') }} as versions
        on
            versions.effective_date <= states.wednesday_date
            and versions.effective_date >= states.wednesday_date - 300
            and {{ is_known_at('versions', 'cast(origins.origin_date + 1 as timestamp)') }}
    group by origins.origin_date
),

starts as (
    select
        origins.origin_date,
        origins.start_date,
        states.repo_usd_bn,
        states.standing_repo_usd_bn,
        states.on_rrp_usd_bn,
        {% for level in levels %}
        coalesce(known_levels.{{ level }}_usd_bn, states.{{ level }}_usd_bn) as {{ level }}_usd_bn,
        {% endfor %}
        {% for level in levels %}
        case when known_levels.{{ level }}_usd_bn is null then 0 else 1 end{{ ' +' if not loop.last }}
        {% endfor %}
        as levels_as_known_count
    from origins
    inner join {{ ref('int_scenario_states') }} as states on origins.start_date = states.quarter_date
    left join known_levels on origins.origin_date = known_levels.origin_date
),

runs as (
    select
        standards.scenario,
        {% for driver in scenario_drivers() if driver != 'reserve_management_usd_bn_month' %}
        standards.{{ driver }},
        {% endfor %}
        origins.origin_date || ' ' || standards.scenario as run,
        origins.origin_date,
        origins.start_date,
        coalesce(purchases.bought_usd_bn_month, 0) - paces.run_off_usd_bn_month as reserve_management_usd_bn_month,
        nullif(limits.limit_usd_bn, -1) as standing_repo_limit_usd_bn,
        starts.repo_usd_bn as start_repo_usd_bn,
        starts.standing_repo_usd_bn as start_standing_repo_usd_bn,
        starts.assets_usd_bn as start_assets_usd_bn,
        starts.reserves_usd_bn as start_reserves_usd_bn,
        starts.tga_usd_bn as start_tga_usd_bn,
        starts.on_rrp_usd_bn as start_on_rrp_usd_bn,
        starts.assets_usd_bn - starts.reserves_usd_bn - starts.tga_usd_bn - starts.on_rrp_usd_bn
            as start_other_liabilities_usd_bn,
        starts.assets_usd_bn - starts.tga_usd_bn - starts.on_rrp_usd_bn as start_net_liquidity_usd_bn,
        starts.gdp_usd_bn as start_gdp_usd_bn,
        starts.levels_as_known_count
    from origins
    inner join starts on origins.origin_date = starts.origin_date
    inner join paces on origins.origin_date = paces.origin_date
    inner join purchases on origins.origin_date = purchases.origin_date
    inner join limits on origins.origin_date = limits.origin_date
    cross join {{ ref('int_scenario_standards') }} as standards
),

quarters as (
    select
        runs.run,
        quarters.quarter_number,
        quarters.quarter_date,
        quarters.projected_borrowing_usd_bn,
        quarters.borrowing_source
    from runs
    inner join {{ ref('int_scenario_quarters') }} as quarters on runs.origin_date = quarters.origin_date
    inner join {{ ref('int_scenario_states') }} as states on quarters.quarter_date = states.quarter_date
),

paths as (
    {{ scenario_path('runs', 'quarters') }}
),

compared as (
    {% for measure, (said, start, came) in {
        'repo_demand': ('repo_demand_usd_bn', 'start_repo_usd_bn', 'repo_usd_bn'),
        'fed_credit': ('fed_credit_usd_bn', 'start_standing_repo_usd_bn', 'standing_repo_usd_bn'),
        'fed_assets': ('scenario_fed_assets_usd_bn', 'start_assets_usd_bn', 'assets_usd_bn'),
        'reserves': ('scenario_reserves_usd_bn', 'start_reserves_usd_bn', 'reserves_usd_bn'),
        'net_liquidity': ('scenario_net_liquidity_usd_bn', 'start_net_liquidity_usd_bn', 'net_liquidity_usd_bn'),
    }.items() %}
    select
        paths.origin_date,
        paths.scenario,
        '{{ measure }}' as measure,
        paths.quarter_date,
        paths.start_date,
        cast(paths.quarter_number as integer) as quarters_ahead,
        cast(paths.levels_as_known_count as integer) as levels_as_known_count,
        {{ difference_bn('paths.' ~ said) }} as scenario_usd_bn,
        {{ difference_bn('paths.' ~ start) }} as no_change_usd_bn,
        {{ difference_bn('states.' ~ came) }} as came_usd_bn
    from paths
    inner join {{ ref('int_scenario_states') }} as states on paths.quarter_date = states.quarter_date
    where states.{{ came }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    origin_date,
    scenario,
    measure as scenario_measure,
    quarter_date,
    start_date,
    quarters_ahead,
    levels_as_known_count,
    scenario_usd_bn,
    no_change_usd_bn,
    came_usd_bn,
    {{ difference_bn('scenario_usd_bn - came_usd_bn') }} as scenario_error_usd_bn,
    {{ difference_bn('no_change_usd_bn - came_usd_bn') }} as no_change_error_usd_bn
from compared
order by origin_date, scenario, scenario_measure, quarter_date
