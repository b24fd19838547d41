-- What simple models say of the next Wednesday of the balance sheet, at each moment: net liquidity, reserves, Fed assets.
-- Where no day after the last Wednesday is known, nothing is known to have flowed.
{% set moments = ref('int_forecast_moments') %}
with known_weekly as (
    {{ values_as_known(['WALCL', 'WDTGAL', 'WRBWFRBL'], 48, moments) }}
),

known_daily as (
    {{ values_as_known(['RRPONTSYD', 'tga'], 21, moments) }}
),

wednesdays as (
    select
        known.effective_date,
        known.as_known_at,
        known.value_date as wednesday_date,
        days.business_date as on_rrp_date,
        {% for name, input in {'assets': 'WALCL', 'tga': 'WDTGAL', 'reserves': 'WRBWFRBL'}.items() %}
        max(case when known.input = '{{ input }}' then known.value end) as {{ name }}_usd_bn,
        max(case when known.input = '{{ input }}' then known.basis_rank end) as {{ name }}_basis_rank,
        max(case when known.input = '{{ input }}' then known.known_from end) as {{ name }}_known_from
        {{ ',' if not loop.last }}
        {% endfor %}
    from known_weekly as known
    inner join {{ ref('int_forecast_days') }} as days on known.value_date = days.calendar_date
    where {{ weekday_number('known.value_date') }} = 3
    group by known.effective_date, known.as_known_at, known.value_date, days.business_date
),

levels as (
    select
        effective_date,
        as_known_at,
        wednesday_date,
        'fed_assets' as forecast_target,
        assets_usd_bn as level_usd_bn,
        assets_basis_rank as basis_rank,
        assets_known_from as known_from
    from wednesdays
    where assets_usd_bn is not null
    union all
    select
        effective_date,
        as_known_at,
        wednesday_date,
        'reserves' as forecast_target,
        reserves_usd_bn as level_usd_bn,
        reserves_basis_rank as basis_rank,
        reserves_known_from as known_from
    from wednesdays
    where reserves_usd_bn is not null
    union all
    select
        wednesdays.effective_date,
        wednesdays.as_known_at,
        wednesdays.wednesday_date,
        'net_liquidity' as forecast_target,
        {{ difference_bn('wednesdays.assets_usd_bn - wednesdays.tga_usd_bn - on_rrp.value') }} as level_usd_bn,
        least(wednesdays.assets_basis_rank, wednesdays.tga_basis_rank, on_rrp.basis_rank) as basis_rank,
        greatest(wednesdays.assets_known_from, wednesdays.tga_known_from, on_rrp.known_from) as known_from
    from wednesdays
    inner join known_daily as on_rrp
        on
            wednesdays.as_known_at = on_rrp.as_known_at
            and wednesdays.on_rrp_date = on_rrp.value_date
            and on_rrp.input = 'RRPONTSYD'
    where wednesdays.assets_usd_bn is not null and wednesdays.tga_usd_bn is not null
),

-- The Treasury's balance and reverse repo of one day, both known.
daily as (
    select
        cash.as_known_at,
        cash.value_date,
        cash.value as tga_usd_bn,
        on_rrp.value as on_rrp_usd_bn,
        least(cash.basis_rank, on_rrp.basis_rank) as basis_rank,
        greatest(cash.known_from, on_rrp.known_from) as known_from
    from known_daily as cash
    inner join known_daily as on_rrp
        on
            cash.as_known_at = on_rrp.as_known_at
            and cash.value_date = on_rrp.value_date
            and on_rrp.input = 'RRPONTSYD'
    where cash.input = 'tga'
),

newest_day as (
    select
        daily.as_known_at,
        max(daily.value_date) as value_date,
        {{ last_by('daily.tga_usd_bn', 'daily.value_date') }} as tga_usd_bn,
        {{ last_by('daily.on_rrp_usd_bn', 'daily.value_date') }} as on_rrp_usd_bn,
        {{ last_by('daily.basis_rank', 'daily.value_date') }} as basis_rank,
        {{ last_by('daily.known_from', 'daily.value_date') }} as known_from
    from daily
    inner join {{ moments }} as moments on daily.as_known_at = moments.as_known_at
    where daily.value_date >= moments.effective_date - 10
    group by daily.as_known_at
),

newest as (
    select
        forecast_target,
        as_known_at,
        max(wednesday_date) as wednesday_date
    from levels
    where wednesday_date >= effective_date - 20
    group by forecast_target, as_known_at
),

inputs as (
    select
        newest_level.*,
        four_weeks_before.level_usd_bn as level_four_weeks_before_usd_bn,
        assets.level_usd_bn as assets_usd_bn,
        same_day.tga_usd_bn as wednesday_tga_usd_bn,
        same_day.on_rrp_usd_bn as wednesday_on_rrp_usd_bn,
        day.tga_usd_bn,
        day.on_rrp_usd_bn,
        day.value_date >= days.business_date as has_newer_day,
        least(newest_level.basis_rank, day.basis_rank, same_day.basis_rank) as weakest_basis_rank,
        greatest(newest_level.known_from, day.known_from, same_day.known_from) as newest_known_from
    from newest
    inner join levels as newest_level
        on
            newest.forecast_target = newest_level.forecast_target
            and newest.as_known_at = newest_level.as_known_at
            and newest.wednesday_date = newest_level.wednesday_date
    left join levels as four_weeks_before
        on
            newest.forecast_target = four_weeks_before.forecast_target
            and newest.as_known_at = four_weeks_before.as_known_at
            and newest.wednesday_date - 28 = four_weeks_before.wednesday_date
    left join levels as assets
        on
            assets.forecast_target = 'fed_assets'
            and newest.as_known_at = assets.as_known_at
            and newest.wednesday_date = assets.wednesday_date
    left join {{ ref('int_forecast_days') }} as days on newest.wednesday_date = days.calendar_date
    left join daily as same_day
        on newest.as_known_at = same_day.as_known_at and days.business_date = same_day.value_date
    left join newest_day as day on newest.as_known_at = day.as_known_at
),

said as (
    {% for model, (value, condition) in {
        'persistence': ('level_usd_bn', 'true'),
        'average_change': (
            'level_usd_bn + (level_usd_bn - level_four_weeks_before_usd_bn) / 4',
            "forecast_target = 'fed_assets' and level_four_weeks_before_usd_bn is not null",
        ),
        'cash_flows_so_far': (
            'case when has_newer_day and wednesday_tga_usd_bn is not null then '
            'level_usd_bn - (tga_usd_bn - wednesday_tga_usd_bn) - (on_rrp_usd_bn - wednesday_on_rrp_usd_bn) '
            'else level_usd_bn end',
            "forecast_target = 'reserves'",
        ),
        'daily_nowcast': (
            'case when has_newer_day then assets_usd_bn - tga_usd_bn - on_rrp_usd_bn else level_usd_bn end',
            "forecast_target = 'net_liquidity'",
        ),
    }.items() %}
    {% set is_daily = model in ('cash_flows_so_far', 'daily_nowcast') -%}
    select
        effective_date,
        as_known_at,
        forecast_target,
        wednesday_date,
        level_usd_bn,
        '{{ model }}' as forecast_model,
        {{ difference_bn(value) }} as forecast_value,
        {{ 'weakest_basis_rank' if is_daily else 'basis_rank' }} as basis_rank,
        {{ 'newest_known_from' if is_daily else 'known_from' }} as known_from
    from inputs
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    said.effective_date,
    said.as_known_at,
    said.forecast_target,
    said.forecast_model,
    said.wednesday_date + 7 as target_date,
    ends.business_day_number - starts.business_day_number as horizon_days,
    said.forecast_value,
    cast(null as double) as low_value,
    cast(null as double) as high_value,
    said.level_usd_bn as persistence_value,
    said.level_usd_bn as previous_release_value,
    said.basis_rank,
    said.known_from
from said
inner join {{ ref('int_forecast_days') }} as starts on said.effective_date = starts.calendar_date
inner join {{ ref('int_forecast_days') }} as ends on said.wednesday_date + 7 = ends.calendar_date
