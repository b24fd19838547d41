-- Interval of the skill by a circular block bootstrap: target dates are drawn again in blocks of as many in a row as the cube
-- root of their number, so that bad times stay together, and the dates close into a ring, so that each is drawn equally often.
{% set replications = 500 %}
{% set group = ['record', 'forecast_target', 'forecast_model', 'horizon_from_days'] %}
{% set sums = [
    'absolute_error_value', 'persistence_error_value', 'absolute_error_with_previous_value',
    'previous_release_error_value'
] %}
with errors as (
    select
        *,
        dense_rank() over (order by {{ group | join(', ') }}) as series_number
    from {{ ref('int_forecast_errors') }}
),

series as (
    select
        {{ group | join(',\n        ') }},
        series_number,
        count(*) as targets_count,
        cast(ceil(cbrt(count(*)) - 1e-9) as bigint) as block_length,
        cast(ceil(count(*) / ceil(cbrt(count(*)) - 1e-9)) as bigint) as blocks_count
    from errors
    group by {{ group | join(', ') }}, series_number
    having count(*) >= 8
),

steps as (
    select {{ whole_numbers(0, 'longest - 1') }} as step
    from (select max(block_length) as longest from series)
),

-- A date counts in each block that starts with it or up to block_length - 1 dates before.
block_sums as (
    select
        errors.series_number,
        (errors.target_number - steps.step + series.targets_count) % series.targets_count as first_number,
        {% for column in sums %}
        sum(errors.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from errors
    inner join series on errors.series_number = series.series_number
    inner join steps on steps.step < series.block_length
    group by all
),

-- The same random numbers for every series: differences between rows are not made by luck.
random_numbers as (
    select
        replications.replication,
        blocks.block_number,
        {{ number_from_text("'forecasts:' || replications.replication || ':' || blocks.block_number") }} as random_number
    from (select {{ whole_numbers(1, replications) }} as replication) as replications
    cross join (
        select {{ whole_numbers(1, 'most_blocks') }} as block_number
        from (select max(blocks_count) as most_blocks from series)
    ) as blocks
),

drawn as (
    select
        series.series_number,
        random_numbers.replication,
        random_numbers.random_number % series.targets_count as first_number,
        count(*) as draws_count
    from series
    inner join random_numbers on random_numbers.block_number <= series.blocks_count
    group by all
),

replicated as (
    select
        drawn.series_number,
        drawn.replication,
        {% for column in sums %}
        sum(drawn.draws_count * block_sums.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from drawn
    inner join block_sums
        on drawn.series_number = block_sums.series_number and drawn.first_number = block_sums.first_number
    group by drawn.series_number, drawn.replication
),

skills as (
    select
        series_number,
        1 - absolute_error_value / nullif(persistence_error_value, 0) as skill_ratio,
        1 - absolute_error_with_previous_value / nullif(previous_release_error_value, 0) as skill_to_previous_ratio
    from replicated
),

intervals as (
    select
        series_number,
        round({{ quantile('skill_ratio', 0.05) }}, 4) as skill_low_ratio,
        round({{ quantile('skill_ratio', 0.95) }}, 4) as skill_high_ratio,
        round({{ quantile('skill_to_previous_ratio', 0.05) }}, 4) as skill_to_previous_low_ratio,
        round({{ quantile('skill_to_previous_ratio', 0.95) }}, 4) as skill_to_previous_high_ratio
    from skills
    group by series_number
)

select
    {% for column in group %}
    series.{{ column }},
    {% endfor %}
    intervals.skill_low_ratio,
    intervals.skill_high_ratio,
    intervals.skill_to_previous_low_ratio,
    intervals.skill_to_previous_high_ratio
from series
inner join intervals on series.series_number = intervals.series_number
