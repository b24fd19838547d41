-- SCENARIO, not a forecast: the middle scenario under each published projection of borrowing: CBO's three newest vintages,
-- the Treasury's quarters and the primary dealers' fiscal years. Where a projection has ended, or not begun, CBO's newest counts.
with newest as (
    select
        quarter_date,
        projected_borrowing_usd_bn,
        borrowing_source
    from {{ ref('int_scenario_quarters') }}
    where origin_date = date '9999-12-31'
),

vintages as (
    select
        vintage_month,
        row_number() over (order by max(known_date) desc) as place
    from {{ ref('stg_policy__cbo_baseline') }}
    where kind = 'baseline'
    group by vintage_month
),

published as (
    select
        'CBO ' || cbo.vintage_month as borrowing_projection,
        'CBO ' || cbo.vintage_month as borrowing_source,
        cbo.known_date,
        make_date(cbo.fiscal_year - 1, 10, 1) as period_start_date,
        make_date(cbo.fiscal_year, 9, 30) as period_end_date,
        cbo.implied_borrowing_usd_bn as amount_usd_bn
    from {{ ref('stg_policy__cbo_baseline') }} as cbo
    inner join vintages on cbo.vintage_month = vintages.vintage_month
    where cbo.kind = 'baseline' and vintages.place <= 3
    union all
    select
        case when institution = 'US Treasury' then 'Treasury' else 'primary dealers' end as borrowing_projection,
        institution || ', ' || known_date as borrowing_source,
        known_date,
        period_start_date,
        period_end_date,
        value_usd_bn as amount_usd_bn
    from {{ ref('stg_policy__treasury_borrowing_estimates') }}
    where
        measure in ('privately_held_net_marketable_borrowing_estimate', 'privately_held_net_marketable_borrowing_actual')
        and (institution = 'US Treasury' or institution like 'Primary dealers%')
        and value_usd_bn is not null
),

-- A fiscal year is borrowed a fourth a quarter; the newest publication about a quarter counts, what came over what was expected.
projected as (
    select
        published.borrowing_projection,
        newest.quarter_date,
        {{ last_by(
            "published.amount_usd_bn / ((date_diff('month', published.period_start_date, published.period_end_date) + 1) / 3)",
            'published.known_date'
        ) }} as amount_usd_bn,
        {{ last_by('published.borrowing_source', 'published.known_date') }} as borrowing_source
    from published
    inner join newest on newest.quarter_date between published.period_start_date and published.period_end_date
    group by published.borrowing_projection, newest.quarter_date
),

projections as (
    select
        borrowing_projection,
        max(known_date) as projection_date,
        max(period_end_date) as last_date
    from published
    group by borrowing_projection
),

-- A vintage of CBO is not carried on with another one.
carried_on as (
    select
        projections.borrowing_projection,
        newest.quarter_date,
        year(newest.quarter_date + 92) as fiscal_year,
        newest.projected_borrowing_usd_bn as newest_usd_bn,
        cast(projected.amount_usd_bn as double) as amount_usd_bn,
        coalesce(projected.borrowing_source, newest.borrowing_source) as borrowing_source
    from projections
    cross join newest
    left join projected
        on
            projections.borrowing_projection = projected.borrowing_projection
            and newest.quarter_date = projected.quarter_date
    where newest.quarter_date <= projections.last_date or projections.borrowing_projection not like 'CBO %'
),

-- Borrowing has seasons: after a heavy quarter of the Treasury's, the rest of the fiscal year has what CBO's year leaves.
quarters as (
    select
        borrowing_projection as run,
        quarter_date,
        row_number() over (partition by borrowing_projection order by quarter_date) as quarter_number,
        case
            when amount_usd_bn is not null then amount_usd_bn
            when count(amount_usd_bn) over (partition by borrowing_projection, fiscal_year) = 0 then newest_usd_bn
            else
                (
                    sum(newest_usd_bn) over (partition by borrowing_projection, fiscal_year)
                    - sum(amount_usd_bn) over (partition by borrowing_projection, fiscal_year)
                )
                / (
                    count(*) over (partition by borrowing_projection, fiscal_year)
                    - count(amount_usd_bn) over (partition by borrowing_projection, fiscal_year)
                )
        end as projected_borrowing_usd_bn,
        borrowing_source
    from carried_on
),

runs as (
    select
        standards.*,
        projections.borrowing_projection as run,
        projections.borrowing_projection,
        projections.projection_date,
        {% for name in ['date', 'repo_usd_bn', 'standing_repo_usd_bn', 'assets_usd_bn', 'reserves_usd_bn', 'tga_usd_bn', 'on_rrp_usd_bn',
                        'other_liabilities_usd_bn', 'gdp_usd_bn'] %}
        starts.start_{{ name }},
        {% endfor %}
        starts.standing_repo_limit_usd_bn
    from projections
    cross join {{ ref('srf_scenario') }} as starts
    inner join {{ ref('int_scenario_standards') }} as standards on starts.scenario = standards.scenario
    where starts.scenario = 'middle' and starts.quarter_number = 1
),

paths as (
    {{ scenario_path('runs', 'quarters') }}
)

select
    borrowing_projection,
    quarter_date,
    cast(quarter_number as integer) as quarter_number,
    start_date,
    projection_date,
    borrowing_source,
    projected_borrowing_usd_bn,
    borrowed_usd_bn,
    repo_demand_usd_bn,
    private_supply_usd_bn,
    fed_credit_usd_bn,
    scenario_fed_assets_usd_bn,
    scenario_net_liquidity_usd_bn
from paths
order by quarter_date, borrowing_projection
