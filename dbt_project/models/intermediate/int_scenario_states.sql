-- Quarters with everything that a scenario starts from: hedge funds' repo on the last day of the quarter, the Fed's
-- balance sheet on the last Wednesday up to it.
with quarters as (
    select
        quarter_date,
        quarter_date - cast(({{ weekday_number('quarter_date') }} + 4) % 7 as integer) as wednesday_date,
        repo_borrowing_usd_bn as repo_usd_bn
    from {{ ref('hedge_fund_exposure_quarterly') }}
    where repo_borrowing_usd_bn is not null
),

cash as (
    select *
    from {{ ref('int_tga_daily') }}
    where closing_balance_usd_bn is not null
),

reserves as (
    select
        effective_date,
        reserves_of_week_usd_bn,
        100 * reserves_of_week_usd_bn / reserves_to_gdp_pct as gdp_usd_bn
    from {{ ref('reserve_scarcity_daily') }}
    where reserves_to_gdp_pct is not null
),

dated as (
    select
        quarters.*,
        liquidity.wednesday_assets_usd_bn as assets_usd_bn,
        liquidity.wednesday_on_rrp_usd_bn as on_rrp_usd_bn,
        -- A Wednesday holiday has the values of the business day before.
        case when quarters.wednesday_date - cash.record_date <= 3 then cash.closing_balance_usd_bn end as tga_usd_bn,
        -- A day with operations of any kind and none of this one lent nothing.
        case
            when operations.effective_date is not null or quarters.wednesday_date < date '2021-07-29'
                then coalesce({{ standing_repo_on('quarters.wednesday_date') }}, 0)
        end as standing_repo_usd_bn,
        case when quarters.wednesday_date - reserves.effective_date <= 3 then reserves.reserves_of_week_usd_bn end
            as reserves_usd_bn,
        case when quarters.wednesday_date - reserves.effective_date <= 3 then reserves.gdp_usd_bn end as gdp_usd_bn
    from quarters
    inner join {{ ref('dollar_liquidity_daily') }} as liquidity on quarters.wednesday_date = liquidity.effective_date
    {{ asof_left_join('cash', 'cash', 'quarters.wednesday_date', 'record_date') }}
    inner join {{ ref('int_calendar') }} as calendar on quarters.wednesday_date = calendar.calendar_date
    left join {{ ref('int_operations_daily') }} as operations
        on operations.effective_date = {{ lending_day('quarters.wednesday_date') }}
    {{ asof_left_join('reserves', 'reserves', 'quarters.wednesday_date', 'effective_date') }}
)

select
    *,
    assets_usd_bn - reserves_usd_bn - tga_usd_bn - on_rrp_usd_bn as other_liabilities_usd_bn,
    assets_usd_bn - tga_usd_bn - on_rrp_usd_bn as net_liquidity_usd_bn,
    -- All of it or nothing: only such a quarter can be a start.
    gdp_usd_bn + reserves_usd_bn + standing_repo_usd_bn + tga_usd_bn + on_rrp_usd_bn + assets_usd_bn is not null
        as is_complete
from dated
