-- SCENARIO, not a forecast: standing repo under the debt that CBO projects, by quarter, for three sets of drivers. The
-- formula is the macro scenario_path; what it starts from is in each row, so that a row can be made again.
with runs as (
    select
        standards.scenario as run,
        standards.*,
        states.quarter_date as start_date,
        states.repo_usd_bn as start_repo_usd_bn,
        states.standing_repo_usd_bn as start_standing_repo_usd_bn,
        states.assets_usd_bn as start_assets_usd_bn,
        states.reserves_usd_bn as start_reserves_usd_bn,
        states.tga_usd_bn as start_tga_usd_bn,
        states.on_rrp_usd_bn as start_on_rrp_usd_bn,
        states.other_liabilities_usd_bn as start_other_liabilities_usd_bn,
        states.gdp_usd_bn as start_gdp_usd_bn,
        -- A regime without a limit has none; the newest one counts, and null is no newest value.
        nullif(
            (
                select {{ last_by('coalesce(aggregate_limit_usd_bn, -1)', 'effective_date') }}
                from {{ ref('stg_policy__srf_policy') }}
                where regime <> 'morning_trial'
            ),
            -1
        ) as standing_repo_limit_usd_bn
    from {{ ref('int_scenario_standards') }} as standards
    cross join {{ ref('int_scenario_states') }} as states
    where states.quarter_date = (select max(quarter_date) from {{ ref('int_scenario_states') }} where is_complete)
),

quarters as (
    select
        runs.run,
        quarters.quarter_number,
        quarters.quarter_date,
        quarters.projected_borrowing_usd_bn,
        quarters.borrowing_source
    from runs
    cross join {{ ref('int_scenario_quarters') }} as quarters
    where quarters.origin_date = date '9999-12-31'
),

paths as (
    {{ scenario_path('runs', 'quarters') }}
)

select
    scenario,
    quarter_date,
    cast(quarter_number as integer) as quarter_number,
    start_date,
    borrowing_source,
    projected_borrowing_usd_bn,
    borrowed_usd_bn,
    repo_demand_usd_bn,
    added_money_fund_repo_usd_bn,
    added_bank_repo_usd_bn,
    private_supply_usd_bn,
    fed_credit_usd_bn,
    standing_repo_limit_usd_bn,
    scenario_standing_repo_usd_bn,
    other_fed_credit_usd_bn,
    fed_purchases_usd_bn,
    scenario_fed_assets_usd_bn,
    scenario_reserves_usd_bn,
    scarcity_point_usd_bn,
    scenario_on_rrp_usd_bn,
    scenario_other_liabilities_usd_bn,
    scenario_net_liquidity_usd_bn,
    start_repo_usd_bn,
    start_standing_repo_usd_bn,
    start_assets_usd_bn,
    start_reserves_usd_bn,
    start_tga_usd_bn,
    start_on_rrp_usd_bn,
    start_other_liabilities_usd_bn,
    start_gdp_usd_bn
from paths
order by quarter_date, scenario
