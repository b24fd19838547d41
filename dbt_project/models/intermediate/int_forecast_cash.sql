-- What simple models say of the Treasury's balance at the next end of a month and of a quarter, at each moment.
{% set moments = ref('int_forecast_moments') %}
with known as (
    {{ values_as_known(['tga'], 20, moments) }}
),

newest as (
    select
        effective_date,
        as_known_at,
        max(value_date) as value_date,
        {{ last_by('value', 'value_date') }} as balance_usd_bn,
        {{ last_by('basis_rank', 'value_date') }} as basis_rank,
        {{ last_by('known_from', 'value_date') }} as known_from
    from known
    group by effective_date, as_known_at
),

targets as (
    {% for period in ['month', 'quarter'] %}
    select
        newest.*,
        'tga_{{ period }}_end' as forecast_target,
        days.business_day_number,
        days.{{ period }}_end_date as last_end_date,
        days.next_{{ period }}_end_date as target_date
    from newest
    inner join {{ ref('int_forecast_days') }} as days on newest.value_date = days.calendar_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

dated as (
    select
        targets.*,
        ends.business_day_number - targets.business_day_number as days_left,
        ends.business_day_number - today.business_day_number as horizon_days
    from targets
    inner join {{ ref('int_forecast_days') }} as ends on targets.target_date = ends.calendar_date
    inner join {{ ref('int_forecast_days') }} as today on targets.effective_date = today.calendar_date
),

versions as (
    select *
    from {{ ref('stg_meta__alert_versions') }}
    where input = 'tga'
),

previous as (
    select
        dated.as_known_at,
        dated.forecast_target,
        versions.value as previous_usd_bn
    from dated
    inner join versions
        on dated.last_end_date = versions.effective_date and {{ is_known_at('versions', 'dated.as_known_at') }}
),

-- The same month of each of the three years before: its end, and the day as many business days before it.
years as (
    select
        dated.as_known_at,
        dated.forecast_target,
        ends.calendar_date as end_date,
        starts.calendar_date as start_date
    from (
        select
            *,
            {{ whole_numbers(1, 3) }} as years_back
        from dated
    ) as dated
    inner join {{ ref('int_forecast_days') }} as ends
        on
            ends.is_month_end
            and date_trunc('month', ends.calendar_date)
            = {{ months_later("date_trunc('month', dated.target_date)", '-12 * dated.years_back') }}
    inner join {{ ref('int_forecast_days') }} as starts
        on starts.is_business_day and ends.business_day_number - dated.days_left = starts.business_day_number
),

seasons as (
    select
        years.as_known_at,
        years.forecast_target,
        count(*) as years_count,
        avg(at_end.value - at_start.value) as change_usd_bn
    from years
    inner join versions as at_end
        on years.end_date = at_end.effective_date and {{ is_known_at('at_end', 'years.as_known_at') }}
    inner join versions as at_start
        on years.start_date = at_start.effective_date and {{ is_known_at('at_start', 'years.as_known_at') }}
    group by years.as_known_at, years.forecast_target
),

-- The newest one that was public on the day of the moment, of the quarter that ends with the target.
assumptions as (
    select
        dated.as_known_at,
        dated.forecast_target,
        {{ last_by('estimates.value_usd_bn', 'estimates.published_date') }} as assumed_usd_bn
    from dated
    inner join {{ ref('stg_policy__treasury_borrowing_estimates') }} as estimates
        on
            estimates.measure = 'assumed_end_of_quarter_cash_balance'
            and estimates.value_usd_bn is not null
            and date_trunc('month', estimates.period_end_date) = date_trunc('month', dated.target_date)
            and estimates.known_date <= dated.effective_date
    where dated.forecast_target = 'tga_quarter_end'
    group by dated.as_known_at, dated.forecast_target
),

inputs as (
    select
        dated.*,
        previous.previous_usd_bn,
        seasons.years_count,
        seasons.change_usd_bn,
        assumptions.assumed_usd_bn
    from dated
    left join previous
        on dated.as_known_at = previous.as_known_at and dated.forecast_target = previous.forecast_target
    left join seasons
        on dated.as_known_at = seasons.as_known_at and dated.forecast_target = seasons.forecast_target
    left join assumptions
        on dated.as_known_at = assumptions.as_known_at and dated.forecast_target = assumptions.forecast_target
)

{% for model, value in {
    'persistence': 'balance_usd_bn',
    'previous_release': 'previous_usd_bn',
    'seasonal_flows': 'case when years_count >= 2 then balance_usd_bn + change_usd_bn end',
    'treasury_assumption': 'assumed_usd_bn',
}.items() %}
select
    effective_date,
    as_known_at,
    forecast_target,
    '{{ model }}' as forecast_model,
    target_date,
    horizon_days,
    {{ difference_bn(value) }} as forecast_value,
    cast(null as double) as low_value,
    cast(null as double) as high_value,
    balance_usd_bn as persistence_value,
    previous_usd_bn as previous_release_value,
    basis_rank,
    known_from
from inputs
where {{ value }} is not null
{{ 'union all' if not loop.last }}
{% endfor %}
