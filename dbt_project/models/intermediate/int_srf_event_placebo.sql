-- Placebo: the take-up days moved together by a number of days along the ring of days, which keeps how they cluster and
-- breaks what ties them to their own SOFR. What recall reaches then is what calm and tense months alone would give.
with shift_settings as (
    select cast(setting_value as bigint) as shift_days
    from {{ ref('stg_policy__srf_event_study_settings') }}
    where setting = 'placebo_shift'
),

cases as (
    select
        sample_window,
        control,
        sofr_threshold_bp,
        take_up_threshold_usd_bn,
        count(*) as days_count,
        count(case when is_take_up then 1 end) as take_up_count,
        count(case when is_take_up and is_sofr_near then 1 end) as both_count
    from {{ ref('int_srf_event_days') }} as days
    group by sample_window, control, sofr_threshold_bp, take_up_threshold_usd_bn
),

-- Every shift from the shortest of the settings up; on a ring the longest ones are short ones backwards.
shifts as (
    select
        cases.sample_window,
        cases.control,
        cases.sofr_threshold_bp,
        cases.take_up_threshold_usd_bn,
        cases.take_up_count,
        cases.both_count,
        numbers.shift_days,
        forwards.shift_days is not null or backwards.shift_days is not null as is_named
    from cases
    inner join (
        select {{ whole_numbers(1, 'most_days') }} as shift_days
        from (select max(days_count) as most_days from cases)
    ) as numbers
        on cases.days_count >= numbers.shift_days
    cross join (select min(shift_days) as shortest_days from shift_settings) as shortest
    left join shift_settings as forwards on numbers.shift_days = forwards.shift_days
    left join shift_settings as backwards on cases.days_count - numbers.shift_days = backwards.shift_days
    where
        cases.take_up_count > 0
        and numbers.shift_days between shortest.shortest_days and cases.days_count - shortest.shortest_days
),

hits as (
    select
        take_up.sample_window,
        take_up.control,
        take_up.sofr_threshold_bp,
        take_up.take_up_threshold_usd_bn,
        (tight.day_number - take_up.day_number + cases.days_count) % cases.days_count as shift_days,
        count(*) as hits_count
    from {{ ref('int_srf_event_days') }} as take_up
    inner join {{ ref('int_srf_event_days') }} as tight
        on
            take_up.sample_window = tight.sample_window
            and take_up.control = tight.control
            and take_up.sofr_threshold_bp = tight.sofr_threshold_bp
            and take_up.take_up_threshold_usd_bn = tight.take_up_threshold_usd_bn
    inner join cases
        on
            take_up.sample_window = cases.sample_window
            and take_up.control = cases.control
            and take_up.sofr_threshold_bp = cases.sofr_threshold_bp
            and take_up.take_up_threshold_usd_bn = cases.take_up_threshold_usd_bn
    where take_up.is_take_up and tight.is_sofr_near
    group by all
),

shifted as (
    select
        shifts.sample_window,
        shifts.control,
        shifts.sofr_threshold_bp,
        shifts.take_up_threshold_usd_bn,
        shifts.is_named,
        coalesce(hits.hits_count, 0) as hits_count,
        shifts.both_count,
        coalesce(hits.hits_count, 0) / shifts.take_up_count as recall_ratio
    from shifts
    left join hits
        on
            shifts.sample_window = hits.sample_window
            and shifts.control = hits.control
            and shifts.sofr_threshold_bp = hits.sofr_threshold_bp
            and shifts.take_up_threshold_usd_bn = hits.take_up_threshold_usd_bn
            and shifts.shift_days = hits.shift_days
)

select
    sample_window,
    control,
    sofr_threshold_bp,
    take_up_threshold_usd_bn,
    count(*) as placebo_shifts_count,
    round(avg(recall_ratio), 4) as placebo_mean_recall_ratio,
    round({{ quantile('recall_ratio', 0.95) }}, 4) as placebo_high_recall_ratio,
    max(recall_ratio) as placebo_highest_recall_ratio,
    round(count(case when hits_count >= both_count then 1 end) / count(*), 6) as placebo_reaching_ratio,
    count(case when is_named then 1 end) as named_shifts_count,
    round(avg(case when is_named then recall_ratio end), 4) as named_placebo_mean_recall_ratio,
    max(case when is_named then recall_ratio end) as named_placebo_highest_recall_ratio
from shifted
group by sample_window, control, sofr_threshold_bp, take_up_threshold_usd_bn
