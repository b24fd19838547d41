-- Days of the event study: which days each sample window and control leaves, numbered in a row, and what each pair of
-- thresholds makes of them. Everything the study counts, resamples or shifts is counted from here.
{% set controls = {
    'all_days': 'true',
    'without_quarter_ends': 'not is_around_quarter_end',
    'without_month_ends': 'not is_around_month_end',
    'without_tax_dates': 'not is_around_tax_date',
    'ordinary_days': 'not (is_around_month_end or is_around_tax_date or is_around_coupon_settlement)',
} %}
with sample_windows as (
    select setting_name as sample_window, first_date, last_date
    from {{ ref('stg_policy__srf_event_study_settings') }}
    where setting = 'sample_window'
),

-- The thresholds of tight cash are those of the regime rules; the settings add others to compare with.
sofr_thresholds as (
    select setting_value as sofr_threshold_bp
    from {{ ref('stg_policy__srf_event_study_settings') }}
    where setting = 'sofr_threshold'
    union
    select threshold from {{ ref('stg_policy__regime_thresholds') }}
    where rule_name = 'sofr_near_ceiling'
),

take_up_thresholds as (
    select setting_value as take_up_threshold_usd_bn
    from {{ ref('stg_policy__srf_event_study_settings') }}
    where setting = 'take_up_threshold'
    union
    select threshold from {{ ref('stg_policy__regime_thresholds') }}
    where rule_name = 'srf_take_up'
),

-- A control drops the flagged day and the business day after it: what was borrowed over a quarter end is often still
-- dear the day after.
known_days as (
    select
        stress.effective_date,
        stress.sofr_minus_ceiling_bp,
        stress.srf_accepted_usd_bn,
        {% for flag in ['quarter_end', 'month_end', 'tax_date', 'coupon_settlement'] %}
        calendar.is_{{ flag }} or coalesce(day_before.is_{{ flag }}, false) as is_around_{{ flag }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref('funding_stress_daily') }} as stress
    inner join {{ ref('int_calendar') }} as calendar on stress.effective_date = calendar.calendar_date
    left join {{ ref('int_calendar') }} as day_before on calendar.previous_business_date = day_before.calendar_date
    where stress.sofr_minus_ceiling_bp is not null and stress.srf_accepted_usd_bn is not null
),

controlled as (
    {% for control, rule in controls.items() %}
    select '{{ control }}' as control, effective_date, sofr_minus_ceiling_bp, srf_accepted_usd_bn
    from known_days
    where {{ rule }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

numbered as (
    select
        sample_windows.sample_window,
        controlled.*,
        row_number() over (
            partition by sample_windows.sample_window, controlled.control order by controlled.effective_date
        ) - 1 as day_number
    from sample_windows
    inner join controlled
        on
            controlled.effective_date >= sample_windows.first_date
            and controlled.effective_date <= coalesce(sample_windows.last_date, controlled.effective_date)
)

select
    numbered.sample_window,
    numbered.control,
    sofr_thresholds.sofr_threshold_bp,
    take_up_thresholds.take_up_threshold_usd_bn,
    numbered.effective_date,
    numbered.day_number,
    numbered.sofr_minus_ceiling_bp,
    numbered.srf_accepted_usd_bn,
    numbered.sofr_minus_ceiling_bp >= sofr_thresholds.sofr_threshold_bp as is_sofr_near,
    numbered.srf_accepted_usd_bn >= take_up_thresholds.take_up_threshold_usd_bn as is_take_up
from numbered
cross join sofr_thresholds
cross join take_up_thresholds
