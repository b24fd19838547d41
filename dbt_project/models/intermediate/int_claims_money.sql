-- Measurements of the claims about balance sheets, cash and prices (B04, F12, M01, M02, M04 to M06, P03 to P06, R14, R15).
-- The windows are those of the claims; definitions and ranges are in the seed claim_measures.
{% set sheets = ref('fed_balance_sheet_weekly') %}
{% set cash = ref('treasury_cash_daily') %}
-- Averages of the week, dated by its Wednesday; they are never used as levels.
with week_averages as (
    select
        observation_date as wednesday_date,
        value_canonical as reserves_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'WRESBAL'
),

money_stock as (
    select
        observation_date,
        value_canonical as m2_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'M2SL'
),

issuance as (
    select sum(net_issuance_with_accretion_usd_bn) as net_usd_bn
    from {{ ref('treasury_issuance_daily') }}
    where fiscal_year = 2025
    -- The whole year or nothing.
    having min(effective_date) <= date '2024-10-07' and max(effective_date) >= date '2025-09-24'
),

candles as (
    select
        today.candle_date,
        today.open_usd_per_btc,
        today.high_usd_per_btc,
        today.low_usd_per_btc,
        today.close_usd_per_btc,
        ln(today.close_usd_per_btc / yesterday.close_usd_per_btc) as log_return
    from {{ ref('stg_coinbase__daily_candles') }} as today
    left join {{ ref('stg_coinbase__daily_candles') }} as yesterday
        on today.candle_date - 1 = yesterday.candle_date and today.product_id = yesterday.product_id
    where today.product_id = 'BTC-USD'
),

volatility_of_a_year as (
    select stddev_samp(log_return) as daily_volatility
    from candles
    where candle_date > date '2024-11-12' and candle_date <= date '2025-11-12'
),

gold as (
    select *
    from {{ ref('stg_worldbank__commodity_prices_monthly') }}
    where series_id = 'gold'
),

wednesdays as (
    select
        effective_date as wednesday_date,
        wednesday_assets_usd_bn as assets_usd_bn,
        net_liquidity_wednesday_usd_bn as net_liquidity_usd_bn,
        bitcoin_close_usd_per_btc
    from {{ ref('dollar_liquidity_daily') }}
    where wednesday_assets_usd_bn is not null and bitcoin_close_usd_per_btc is not null
),

changes as (
    select
        now.wednesday_date,
        now.assets_usd_bn - before.assets_usd_bn as assets_change_usd_bn,
        now.net_liquidity_usd_bn - before.net_liquidity_usd_bn as net_liquidity_change_usd_bn,
        ln(now.bitcoin_close_usd_per_btc / before.bitcoin_close_usd_per_btc) as log_bitcoin_change
    from wednesdays as now
    inner join wednesdays as before on now.wednesday_date - 91 = before.wednesday_date
)

{{ measured('B04', 'treasuries', change('treasuries_usd_bn', 'wednesday_date'), sheets, 'wednesday_date', '2022-01-01',
    '2024-12-31') }}
{% for measure_id, event in {
    'runoff_start': 'second runoff starts', 'purchases_end': 'net asset purchases end'
}.items() %}
{{ also('R14', measure_id, "min(effective_date) - date '2022-01-01'", ref('stg_policy__qt_milestones'),
    'effective_date', '2020-04-01', none, "event = '" ~ event ~ "'", 9999) }}
{% endfor %}
{{ also('R15', 'since_2022', change('reserves_usd_bn', 'wednesday_date'), sheets, 'wednesday_date', '2022-01-05',
    '2025-10-29', 'reserves_usd_bn is not null', slack=0) }}
{{ also('R15', 'week_average', change('reserves_usd_bn', 'wednesday_date'), 'week_averages', 'wednesday_date',
    '2022-01-05', '2025-10-29', slack=0) }}
{{ also('R15', 'from_record', last_by('reserves_usd_bn', 'wednesday_date') ~ ' - max(reserves_usd_bn)', sheets,
    'wednesday_date', '2021-01-06', '2025-10-29', 'reserves_usd_bn is not null', slack=0) }}
{{ also('M01', 'money_stock', '(' ~ change('m2_usd_bn', 'observation_date') ~ ') / (select net_usd_bn from issuance)',
    'money_stock', 'observation_date', '2024-09-01', '2025-09-01', ahead='interval 1 month') }}
{{ also('M01', 'fed_assets', '(' ~ change('assets_usd_bn', 'wednesday_date') ~ ') / (select net_usd_bn from issuance)',
    sheets, 'wednesday_date', '2024-09-25', '2025-10-01') }}
{{ also('M02', 'levels', 'corr(assets_usd_bn, bitcoin_close_usd_per_btc)', 'wednesdays', 'wednesday_date',
    '2022-01-01') }}
{{ also('M02', 'changes', 'corr(assets_change_usd_bn, log_bitcoin_change)', 'changes', 'wednesday_date',
    '2022-01-01', span='interval 91 day', from_level=true) }}
{{ also('M02', 'changes_net_liquidity', 'corr(net_liquidity_change_usd_bn, log_bitcoin_change)', 'changes',
    'wednesday_date', '2022-01-01', none, 'net_liquidity_change_usd_bn is not null', span='interval 91 day',
    from_level=true) }}
{{ also('M04', 'cash', change('closing_balance_usd_bn', 'effective_date'), cash, 'effective_date', '2025-09-30',
    '2025-10-31', slack=0) }}
{% for day in ['2025-10-29', '2025-10-30', '2025-10-31', '2025-11-03', '2025-11-04'] %}
{{ also('M05', 'on_' ~ day.replace('-', '_'), 'max(closing_balance_usd_bn - assumed_cash_balance_usd_bn)', cash,
    'effective_date', day, day) }}
{% endfor %}
{{ also('M06', 'after_reopening', change('closing_balance_usd_bn', 'effective_date'), cash, 'effective_date',
    '2025-11-12', '2025-12-12', slack=0) }}
{{ also('M06', 'until_reopening', change('closing_balance_usd_bn', 'effective_date'), cash, 'effective_date',
    '2025-11-04', '2025-11-12', slack=0) }}
{{ also('F12', 'twelve_months', '100 * (' ~ last_by('price_usd_per_ozt', 'month_date') ~ ' / '
    ~ first_by('price_usd_per_ozt', 'month_date') ~ ' - 1)', 'gold', 'month_date', '2022-02-28', '2023-02-28',
    span='interval 1 month') }}
{{ also('F12', 'to_essay', '100 * (' ~ last_by('price_usd_per_ozt', 'month_date') ~ ' / '
    ~ first_by('price_usd_per_ozt', 'month_date') ~ ' - 1)', 'gold', 'month_date', '2022-02-28', '2025-10-31',
    slack=31, span='interval 1 month') }}
{% for measure_id, last in {'newest': none, 'after_a_year': '2026-11-04'}.items() %}
{{ also('P03', measure_id, '100 * (' ~ last_by('close_usd_per_btc', 'candle_date') ~ ' / '
    ~ first_by('close_usd_per_btc', 'candle_date') ~ ' - 1)', 'candles', 'candle_date', '2025-11-04', last, slack=0) }}
{% endfor %}
{{ also('P03', 'best', '100 * (max(close_usd_per_btc) filter (where candle_date > ' ~ publication_date() ~ ') / '
    ~ first_by('close_usd_per_btc', 'candle_date') ~ ' - 1)', 'candles', 'candle_date', '2025-11-04', slack=0) }}
{{ also('P04', 'volatility', 'stddev_samp(log_return) / (select daily_volatility from volatility_of_a_year)',
    'candles', 'candle_date', '2025-10-14', '2025-11-12', slack=0) }}
{{ also('P04', 'drift', '100 * abs(' ~ last_by('close_usd_per_btc', 'candle_date') ~ ' / '
    ~ first_by('close_usd_per_btc', 'candle_date') ~ ' - 1)', 'candles', 'candle_date', '2025-11-04', '2025-11-12',
    slack=0) }}
{% for measure_id, column_name in {'close': 'close_usd_per_btc', 'intraday': 'high_usd_per_btc'}.items() %}
{{ also('P05', measure_id, last_by('candle_date', column_name) ~ " - date '2021-11-08'", 'candles', 'candle_date',
    '2021-01-01', '2021-12-31', slack=0) }}
{% endfor %}
{{ also('P06', 'bitcoin', '100 * min(low_usd_per_btc / open_usd_per_btc - 1)', 'candles', 'candle_date',
    '2025-10-10', '2025-10-10', slack=0) }}
