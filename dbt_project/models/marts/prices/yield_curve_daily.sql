-- What the Treasury pays in the market, at the points of the curve that are held. A bill is quoted as a discount
-- on its face: against a bond it counts as a bond-equivalent yield, against reverse repo as a money-market yield.
{% set others = {
    'yield_3m_pct': 'DGS3MO', 'yield_6m_pct': 'DGS6MO', 'yield_1y_pct': 'DGS1', 'yield_5y_pct': 'DGS5',
    'yield_30y_pct': 'DGS30',
} %}
{% set points = dict({'bill_4w_discount_pct': 'DTB4WK', 'yield_2y_pct': 'DGS2', 'yield_10y_pct': 'DGS10'}, **others) %}
{% set bill_days = 28 %}
with points as (
    select
        observation_date as effective_date,
        {% for column_name, series_id in points.items() %}
        max(case when series_id = '{{ series_id }}' then value_canonical end)
            as {{ column_name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_fred__observations') }}
    where series_id in ('{{ points.values() | join("', '") }}') and value_canonical is not null
    group by observation_date
),

yields as (
    select
        effective_date,
        bill_4w_discount_pct,
        round({{ money_market_yield_pct('bill_4w_discount_pct', bill_days) }}, 4) as bill_4w_money_market_pct,
        round({{ bond_equivalent_yield_pct('bill_4w_discount_pct', bill_days) }}, 4) as bill_4w_bond_equivalent_pct,
        yield_2y_pct,
        yield_10y_pct,
        {{ others | join(', ') }}
    from points
),

-- A survey of Thursdays; each day has the last one.
mortgages as (
    select observation_date as mortgage_date, value_canonical as mortgage_30y_pct
    from {{ ref('stg_fred__observations') }}
    where series_id = 'MORTGAGE30US' and value_canonical is not null
),

-- The last ten-year yield on or before a day.
ten_years as (
    select effective_date, yield_10y_pct from points where yield_10y_pct is not null
)

select
    yields.effective_date,
    yields.bill_4w_discount_pct,
    yields.bill_4w_money_market_pct,
    yields.bill_4w_bond_equivalent_pct,
    yields.yield_2y_pct,
    yields.yield_10y_pct,
    {{ spread_bp('yields.yield_2y_pct', 'yields.bill_4w_bond_equivalent_pct') }} as curve_4w_2y_bp,
    {{ spread_bp('yields.yield_10y_pct', 'yields.yield_2y_pct') }} as curve_2y_10y_bp,
    {{ spread_bp('yields.yield_10y_pct', 'yields.bill_4w_bond_equivalent_pct') }} as curve_4w_10y_bp,
    yields.yield_10y_pct < yields.yield_2y_pct as is_2y_10y_inverted,
    {{ spread_bp('yields.bill_4w_money_market_pct', 'policy.on_rrp_award_pct') }} as bill_4w_minus_on_rrp_award_bp,
    -- At most five days older than a year ago: a long weekend.
    case
        when a_year_ago.effective_date >= yields.effective_date - interval 1 year - interval 5 day
            then {{ spread_bp('yields.yield_10y_pct', 'a_year_ago.yield_10y_pct') }}
    end as yield_10y_year_change_bp,
    {% for name in others %}
    yields.{{ name }},
    {% endfor %}
    {{ spread_bp('yields.yield_10y_pct', 'yields.yield_3m_pct') }} as curve_3m_10y_bp,
    {{ spread_bp('yields.yield_30y_pct', 'yields.yield_5y_pct') }} as curve_5y_30y_bp,
    -- At most eight days old: the survey is of Thursdays, of Wednesday before a holiday.
    case when yields.effective_date - mortgages.mortgage_date <= 8 then mortgages.mortgage_date end as mortgage_date,
    case when yields.effective_date - mortgages.mortgage_date <= 8 then mortgages.mortgage_30y_pct end
        as mortgage_30y_pct,
    case
        when yields.effective_date - mortgages.mortgage_date <= 8
            then {{ spread_bp('mortgages.mortgage_30y_pct', 'yields.yield_10y_pct') }}
    end as mortgage_minus_10y_bp
from yields
left join {{ ref('int_policy_rates_daily') }} as policy on yields.effective_date = policy.effective_date
{{ asof_left_join('ten_years', 'a_year_ago', '(yields.effective_date - interval 1 year)', 'effective_date') }}
{{ asof_left_join('mortgages', 'mortgages', 'yields.effective_date', 'mortgage_date') }}
order by yields.effective_date
