{#-
    The one formula of the scenario of standing repo: for the marts, for `liquidity scenario` and for the sliders of the
    page, which read this file without dbt (warehouse/publication/formula.py). METHODS has the source of each line.
    Billions of US dollars.

    `runs`: one row for each run: `run`, the state at its start (start_*), standing_repo_limit_usd_bn (null: none) and a
    column for each driver.
    `quarters`: run, quarter_number (1 follows the start), quarter_date, projected_borrowing_usd_bn of the quarter and
    its borrowing_source.
-#}
{% macro scenario_path(runs, quarters) -%}
    with borrowed as (
        select
            runs.*,
            quarters.quarter_number,
            quarters.quarter_date,
            quarters.projected_borrowing_usd_bn,
            quarters.borrowing_source,
            runs.borrowing_to_cbo_ratio * sum(quarters.projected_borrowing_usd_bn) over (
                partition by quarters.run order by quarters.quarter_number
            ) as borrowed_usd_bn,
            3 * runs.reserve_management_usd_bn_month * quarters.quarter_number as fed_purchases_usd_bn,
            runs.start_other_liabilities_usd_bn
            * power(1 + runs.other_liabilities_growth_pct / 100, quarters.quarter_number / 4)
                as scenario_other_liabilities_usd_bn,
            runs.start_gdp_usd_bn * runs.scarcity_point_pct / 100
            * power(1 + runs.gdp_growth_pct / 100, quarters.quarter_number / 4) as scarcity_point_usd_bn
        from {{ runs }} as runs
        inner join {{ quarters }} as quarters on runs.run = quarters.run
    ),

    -- The Fed buys bills, so that fewer are left for money funds.
    repo as (
        select
            *,
            start_repo_usd_bn + borrowed_usd_bn * (1 - bills_share_ratio) * leveraged_share_ratio
            * repo_to_purchases_ratio * (1 - haircut_ratio) as repo_demand_usd_bn,
            money_fund_repo_ratio * (
                money_fund_inflow_ratio * borrowed_usd_bn
                - money_fund_bills_ratio * (bills_share_ratio * borrowed_usd_bn - fed_purchases_usd_bn)
            ) as added_money_fund_repo_usd_bn
        from borrowed
    ),

    -- What was lent at the start goes on. Money funds next draw their cash at the Fed; it is not filled up again.
    drawn as (
        select
            *,
            least(
                start_on_rrp_usd_bn,
                greatest(
                    start_on_rrp_usd_bn + added_money_fund_repo_usd_bn
                    - (repo_demand_usd_bn - start_repo_usd_bn + start_standing_repo_usd_bn),
                    0
                )
            ) as scenario_on_rrp_usd_bn
        from repo
    ),

    sheet as (
        select
            *,
            start_reserves_usd_bn - start_standing_repo_usd_bn + fed_purchases_usd_bn
            - (scenario_other_liabilities_usd_bn - start_other_liabilities_usd_bn)
            + (start_on_rrp_usd_bn - scenario_on_rrp_usd_bn) as reserves_before_credit_usd_bn
        from drawn
    ),

    banks as (
        select
            *,
            bank_lending_ratio * greatest(reserves_before_credit_usd_bn - scarcity_point_usd_bn, 0)
                as added_bank_repo_usd_bn
        from sheet
    ),

    supplied as (
        select
            *,
            start_repo_usd_bn - start_standing_repo_usd_bn + added_money_fund_repo_usd_bn + start_on_rrp_usd_bn
            + added_bank_repo_usd_bn as private_supply_usd_bn
        from banks
    ),

    credit as (
        select
            *,
            greatest(repo_demand_usd_bn - private_supply_usd_bn, 0) as fed_credit_usd_bn
        from supplied
    ),

    assets as (
        select
            *,
            least(fed_credit_usd_bn, coalesce(standing_repo_limit_usd_bn, fed_credit_usd_bn))
                as scenario_standing_repo_usd_bn,
            start_assets_usd_bn - start_standing_repo_usd_bn + fed_purchases_usd_bn + fed_credit_usd_bn
                as scenario_fed_assets_usd_bn
        from credit
    )

    select
        *,
        fed_credit_usd_bn - scenario_standing_repo_usd_bn as other_fed_credit_usd_bn,
        reserves_before_credit_usd_bn + fed_credit_usd_bn as scenario_reserves_usd_bn,
        scenario_fed_assets_usd_bn - start_tga_usd_bn - scenario_on_rrp_usd_bn as scenario_net_liquidity_usd_bn
    from assets
{%- endmacro %}

{#- Names of the drivers, in the order in which the money moves. -#}
{% macro scenario_drivers() -%}
    {{ return([
    'borrowing_to_cbo_ratio', 'bills_share_ratio', 'leveraged_share_ratio', 'repo_to_purchases_ratio', 'haircut_ratio',
    'money_fund_inflow_ratio', 'money_fund_bills_ratio', 'money_fund_repo_ratio', 'bank_lending_ratio',
    'scarcity_point_pct', 'reserve_management_usd_bn_month', 'gdp_growth_pct', 'other_liabilities_growth_pct'
    ]) }}
{%- endmacro %}
