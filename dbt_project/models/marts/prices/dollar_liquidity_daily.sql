with assets as (
    select
        wednesday_date,
        assets_usd_bn
    from {{ ref('int_fred_h41_weekly') }}
    where assets_usd_bn is not null
),

on_rrp as (
    select
        effective_date,
        on_rrp_usd_bn
    from {{ ref('int_operations_daily') }}
    where on_rrp_usd_bn is not null
),

bitcoin as (
    select
        candle_date,
        close_usd_per_btc
    from {{ ref('stg_coinbase__daily_candles') }}
    where product_id = 'BTC-USD'
),

gold as (
    select
        month_date,
        price_usd_per_ozt
    from {{ ref('stg_worldbank__commodity_prices_monthly') }}
    where series_id = 'gold'
),

first_day as (
    select min(wednesday_date) as first_date
    from assets
),

days as (
    select
        calendar.calendar_date as effective_date,
        calendar.is_business_day,
        calendar.previous_business_date
    from {{ ref('int_calendar') }} as calendar
    cross join first_day
    where calendar.calendar_date >= first_day.first_date and calendar.is_ahead is not true
),

-- Levels of one Wednesday, all three. On a Wednesday holiday the operation of the business day before is still
-- outstanding, so its amount is the level; any other missing amount stays missing.
wednesdays as (
    select
        h41.wednesday_date,
        h41.assets_usd_bn,
        h41.tga_usd_bn,
        rrp.observation_date as on_rrp_as_of_date,
        rrp.value_canonical as on_rrp_usd_bn,
        {{ difference_bn('h41.assets_usd_bn - h41.tga_usd_bn - rrp.value_canonical') }} as net_liquidity_usd_bn
    from {{ ref('int_fred_h41_weekly') }} as h41
    inner join days on h41.wednesday_date = days.effective_date
    left join {{ ref('stg_fred__observations') }} as rrp
        on
            rrp.series_id = 'RRPONTSYD'
            and rrp.observation_date = case
                when days.is_business_day then h41.wednesday_date else days.previous_business_date
            end
),

bridge as (
    select
        this_week.wednesday_date,
        this_week.net_liquidity_usd_bn as net_liquidity_wednesday_usd_bn,
        this_week.assets_usd_bn,
        this_week.tga_usd_bn,
        this_week.on_rrp_usd_bn,
        this_week.on_rrp_as_of_date,
        {{ difference_bn('this_week.net_liquidity_usd_bn - last_week.net_liquidity_usd_bn') }}
            as net_liquidity_wednesday_change_usd_bn,
        {{ difference_bn('this_week.assets_usd_bn - last_week.assets_usd_bn') }} as assets_contribution_usd_bn,
        {{ difference_bn('last_week.tga_usd_bn - this_week.tga_usd_bn') }} as tga_contribution_usd_bn,
        {{ difference_bn('last_week.on_rrp_usd_bn - this_week.on_rrp_usd_bn') }} as on_rrp_contribution_usd_bn
    from wednesdays as this_week
    left join wednesdays as last_week on this_week.wednesday_date - 7 = last_week.wednesday_date
),

-- The nowcast takes the last Wednesday's assets, at most 9 days old, and the day's own TGA and ON RRP.
nowcast as (
    select
        days.effective_date,
        case when days.effective_date - assets.wednesday_date <= 9 then assets.assets_usd_bn end as assets_usd_bn,
        case when days.effective_date - assets.wednesday_date <= 9 then assets.wednesday_date end as assets_as_of_date,
        tga.closing_balance_usd_bn as tga_usd_bn,
        tga.record_date as tga_as_of_date,
        on_rrp.on_rrp_usd_bn,
        on_rrp.effective_date as on_rrp_as_of_date
    from days
    left join {{ ref('int_tga_daily') }} as tga on days.effective_date = tga.record_date
    left join on_rrp on days.effective_date = on_rrp.effective_date
    {{ asof_left_join('assets', 'assets', 'days.effective_date', 'wednesday_date') }}
)

select
    nowcast.effective_date,
    nowcast.assets_usd_bn as nowcast_assets_usd_bn,
    nowcast.assets_as_of_date as nowcast_assets_as_of_date,
    nowcast.tga_usd_bn as nowcast_tga_usd_bn,
    nowcast.tga_as_of_date as nowcast_tga_as_of_date,
    nowcast.on_rrp_usd_bn as nowcast_on_rrp_usd_bn,
    nowcast.on_rrp_as_of_date as nowcast_on_rrp_as_of_date,
    {{ difference_bn('nowcast.assets_usd_bn - nowcast.tga_usd_bn - nowcast.on_rrp_usd_bn') }}
        as net_liquidity_nowcast_usd_bn,
    bridge.assets_usd_bn as wednesday_assets_usd_bn,
    bridge.tga_usd_bn as wednesday_tga_usd_bn,
    bridge.on_rrp_usd_bn as wednesday_on_rrp_usd_bn,
    bridge.on_rrp_as_of_date as wednesday_on_rrp_as_of_date,
    bridge.net_liquidity_wednesday_usd_bn,
    bridge.net_liquidity_wednesday_change_usd_bn,
    bridge.assets_contribution_usd_bn,
    bridge.tga_contribution_usd_bn,
    bridge.on_rrp_contribution_usd_bn,
    bitcoin.close_usd_per_btc as bitcoin_close_usd_per_btc,
    -- An average of a month, known when it is over: it is used until the next one, which comes within two weeks of it.
    case when nowcast.effective_date - gold.month_date <= 45 then gold.price_usd_per_ozt end as gold_usd_per_ozt,
    case when nowcast.effective_date - gold.month_date <= 45 then gold.month_date end as gold_as_of_date
from nowcast
left join bridge on nowcast.effective_date = bridge.wednesday_date
left join bitcoin on nowcast.effective_date = bitcoin.candle_date
{{ asof_left_join('gold', 'gold', 'nowcast.effective_date', 'month_date') }}
order by nowcast.effective_date
