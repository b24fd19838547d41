-- Block bootstrap of recall and precision: the days of a sample window and control are drawn again in blocks of
-- consecutive days, so that runs of days around a quarter end stay together. The days close into a ring (the block that
-- starts on the last day goes on with the first), so every day is drawn equally often; the newest days matter most here.
with settings as (
    select
        max(case when setting_name = 'block_length' then cast(setting_value as bigint) end) as block_days,
        max(case when setting_name = 'replications' then cast(setting_value as bigint) end) as replications,
        max(case when setting_name = 'random_number_start' then cast(setting_value as bigint) end) as start_number
    from {{ ref('stg_policy__srf_event_study_settings') }}
    where setting = 'bootstrap'
),

series as (
    select
        days.sample_window,
        days.control,
        max(days.day_number) + 1 as days_count,
        -- Whole blocks, at least as many days as there are.
        ceil((max(days.day_number) + 1) / max(settings.block_days)) as blocks_count
    from {{ ref('int_srf_event_days') }} as days
    cross join settings
    group by days.sample_window, days.control
),

steps as (
    select {{ whole_numbers(0, 'block_days - 1') }} as step
    from settings
),

-- A day counts in each block that starts on it or up to block_days - 1 days before. Days that are neither change no
-- ratio and are left out.
block_sums as (
    select
        days.sample_window,
        days.control,
        days.sofr_threshold_bp,
        days.take_up_threshold_usd_bn,
        (days.day_number - steps.step + settings.block_days * series.days_count) % series.days_count
            as first_day_number,
        count(case when days.is_take_up and days.is_sofr_near then 1 end) as both_count,
        count(case when days.is_take_up then 1 end) as take_up_count,
        count(case when days.is_sofr_near then 1 end) as sofr_near_count
    from {{ ref('int_srf_event_days') }} as days
    inner join series on days.sample_window = series.sample_window and days.control = series.control
    cross join settings
    cross join steps
    where days.is_take_up or days.is_sofr_near
    group by all
),

replication_numbers as (
    select {{ whole_numbers(1, 'replications') }} as replication
    from settings
),

block_numbers as (
    select {{ whole_numbers(1, 'most_blocks') }} as block_number
    from (select max(blocks_count) as most_blocks from series)
),

-- The same random numbers for every window, control and threshold: differences between rows are not made by luck.
random_numbers as (
    select
        replication_numbers.replication,
        block_numbers.block_number,
        {{ number_from_text(
            "settings.start_number || ':' || replication_numbers.replication || ':' || block_numbers.block_number"
        ) }} as random_number
    from replication_numbers
    cross join block_numbers
    cross join settings
),

drawn as (
    select
        series.sample_window,
        series.control,
        random_numbers.replication,
        random_numbers.random_number % series.days_count as first_day_number
    from series
    inner join random_numbers on random_numbers.block_number <= series.blocks_count
),

replicated as (
    select
        block_sums.sample_window,
        block_sums.control,
        block_sums.sofr_threshold_bp,
        block_sums.take_up_threshold_usd_bn,
        drawn.replication,
        sum(block_sums.both_count) / nullif(sum(block_sums.take_up_count), 0) as recall_ratio,
        sum(block_sums.both_count) / nullif(sum(block_sums.sofr_near_count), 0) as precision_ratio
    from drawn
    inner join block_sums
        on
            drawn.sample_window = block_sums.sample_window
            and drawn.control = block_sums.control
            and drawn.first_day_number = block_sums.first_day_number
    group by all
)

select
    replicated.sample_window,
    replicated.control,
    replicated.sofr_threshold_bp,
    replicated.take_up_threshold_usd_bn,
    count(replicated.recall_ratio) as recall_replications_count,
    count(replicated.precision_ratio) as precision_replications_count,
    -- A 90 % interval; an engine wants the share as a constant.
    round({{ quantile('replicated.recall_ratio', 0.05) }}, 4) as recall_low_ratio,
    round({{ quantile('replicated.recall_ratio', 0.95) }}, 4) as recall_high_ratio,
    round({{ quantile('replicated.precision_ratio', 0.05) }}, 4) as precision_low_ratio,
    round({{ quantile('replicated.precision_ratio', 0.95) }}, 4) as precision_high_ratio
from replicated
group by all
