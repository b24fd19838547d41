with known_days as (
    select
        effective_date,
        sofr_minus_ceiling_bp,
        row_number() over (order by effective_date) as day_number
    from {{ ref('funding_stress_daily') }}
    where sofr_minus_ceiling_bp is not null
),

study_days as (
    select distinct
        sample_window,
        control,
        take_up_threshold_usd_bn,
        effective_date,
        sofr_minus_ceiling_bp,
        is_take_up
    from {{ ref('int_srf_event_days') }}
),

-- Any day of the sample as likely as another: what the average path would be if take-up had nothing to do with SOFR.
placebo as (
    select
        sample_window,
        control,
        take_up_threshold_usd_bn,
        avg(sofr_minus_ceiling_bp) as mean_sofr_minus_ceiling_bp
    from study_days
    group by sample_window, control, take_up_threshold_usd_bn
),

offsets as (
    select {{ whole_numbers(-10, 10) }} as business_day_offset
),

paths as (
    select
        study_days.sample_window,
        study_days.control,
        study_days.take_up_threshold_usd_bn,
        offsets.business_day_offset,
        around.sofr_minus_ceiling_bp
    from study_days
    inner join known_days as event on study_days.effective_date = event.effective_date
    cross join offsets
    inner join known_days as around on around.day_number = event.day_number + offsets.business_day_offset
    where study_days.is_take_up
),

averages as (
    select
        sample_window,
        control,
        take_up_threshold_usd_bn,
        business_day_offset,
        count(*) as days_count,
        avg(sofr_minus_ceiling_bp) as mean_bp,
        {{ quantile('sofr_minus_ceiling_bp', 0.25) }} as lower_quartile_bp,
        {{ quantile('sofr_minus_ceiling_bp', 0.75) }} as upper_quartile_bp
    from paths
    group by sample_window, control, take_up_threshold_usd_bn, business_day_offset
)

select
    placebo.sample_window,
    placebo.take_up_threshold_usd_bn,
    placebo.control,
    offsets.business_day_offset,
    coalesce(averages.days_count, 0) as take_up_days_count,
    round(averages.mean_bp, 4) as mean_sofr_minus_ceiling_bp,
    round(averages.lower_quartile_bp, 4) as lower_quartile_sofr_minus_ceiling_bp,
    round(averages.upper_quartile_bp, 4) as upper_quartile_sofr_minus_ceiling_bp,
    round(placebo.mean_sofr_minus_ceiling_bp, 4) as placebo_mean_sofr_minus_ceiling_bp
from placebo
cross join offsets
left join averages
    on
        placebo.sample_window = averages.sample_window
        and placebo.control = averages.control
        and placebo.take_up_threshold_usd_bn = averages.take_up_threshold_usd_bn
        and offsets.business_day_offset = averages.business_day_offset
order by placebo.sample_window, placebo.take_up_threshold_usd_bn, placebo.control, offsets.business_day_offset
