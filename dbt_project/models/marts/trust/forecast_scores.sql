-- Every forecast is counted, those that cannot be scored too.
with counted as (
    select
        record,
        forecast_target,
        forecast_model,
        horizon_from_days,
        horizon_to_days,
        max(forecast_unit) as forecast_unit,
        count(*) as forecasts_count,
        {% for state in ['scored', 'open', 'void', 'late'] %}
        count(case when forecast_state = '{{ state }}' then 1 end) as {{ state }}_count{{ ',' if not loop.last }}
        {% endfor %}
    from ({{ forecast_records() }}) as records
    group by record, forecast_target, forecast_model, horizon_from_days, horizon_to_days
),

averaged as (
    select
        record,
        forecast_target,
        forecast_model,
        horizon_from_days,
        count(*) as targets_count,
        min(target_date) as first_target_date,
        max(target_date) as last_target_date,
        avg(absolute_error_value) as mean_absolute_error_value,
        avg(error_value) as bias_value,
        avg(coverage_ratio) as coverage_ratio,
        cast(sum(intervals_count) as bigint) as intervals_count,
        avg(persistence_error_value) as persistence_error_value,
        avg(previous_release_error_value) as previous_release_error_value,
        avg(absolute_error_with_previous_value) as error_with_previous_value
    from {{ ref('int_forecast_errors') }}
    group by record, forecast_target, forecast_model, horizon_from_days
),

scored as (
    select
        counted.*,
        coalesce(averaged.targets_count, 0) as targets_count,
        averaged.first_target_date,
        averaged.last_target_date,
        round(averaged.mean_absolute_error_value, 6) as mean_absolute_error_value,
        round(averaged.bias_value, 6) as bias_value,
        round(averaged.coverage_ratio, 4) as coverage_ratio,
        coalesce(averaged.intervals_count, 0) as intervals_count,
        round(averaged.persistence_error_value, 6) as persistence_error_value,
        round(averaged.previous_release_error_value, 6) as previous_release_error_value,
        round(1 - averaged.mean_absolute_error_value / nullif(averaged.persistence_error_value, 0), 4) + 0
            as skill_ratio,
        bootstrap.skill_low_ratio,
        bootstrap.skill_high_ratio,
        round(1 - averaged.error_with_previous_value / nullif(averaged.previous_release_error_value, 0), 4) + 0
            as skill_to_previous_ratio,
        bootstrap.skill_to_previous_low_ratio,
        bootstrap.skill_to_previous_high_ratio,
        case
            when counted.forecast_model = 'persistence' then 'benchmark'
            else {{ skill_verdict('bootstrap.skill_low_ratio', 'bootstrap.skill_high_ratio') }}
        end as skill_verdict
    from counted
    left join averaged
        on
            counted.record = averaged.record
            and counted.forecast_target = averaged.forecast_target
            and counted.forecast_model = averaged.forecast_model
            and counted.horizon_from_days = averaged.horizon_from_days
    left join {{ ref('int_forecast_bootstrap') }} as bootstrap
        on
            counted.record = bootstrap.record
            and counted.forecast_target = bootstrap.forecast_target
            and counted.forecast_model = bootstrap.forecast_model
            and counted.horizon_from_days = bootstrap.horizon_from_days
)

select
    record,
    forecast_target,
    forecast_model,
    horizon_from_days,
    horizon_to_days,
    forecast_unit,
    forecasts_count,
    scored_count,
    open_count,
    void_count,
    late_count,
    targets_count,
    first_target_date,
    last_target_date,
    mean_absolute_error_value,
    bias_value,
    coverage_ratio,
    intervals_count,
    persistence_error_value,
    previous_release_error_value,
    skill_ratio,
    skill_low_ratio,
    skill_high_ratio,
    skill_to_previous_ratio,
    skill_to_previous_low_ratio,
    skill_to_previous_high_ratio,
    skill_verdict,
    case
        when targets_count = 0 then 'No outcome is known yet.'
        else
            'Off by ' || {{ in_words('mean_absolute_error_value', 'forecast_unit') }} || ' on average over '
            || targets_count || case targets_count when 1 then ' target ' else ' targets ' end
            || {{ horizon_in_words('horizon_from_days', 'horizon_to_days') }} || case record when 'replayed' then ' (replayed)' else '' end
            || case
                when forecast_model = 'persistence' then '; it is what others are held against.'
                else
                    ', no change by ' || {{ in_words('persistence_error_value', 'forecast_unit') }}
                    || case skill_verdict
                        when 'better' then ': it wins.'
                        when 'worse' then ': it loses.'
                        when 'undecided' then ': it is ' || case when skill_ratio >= 0 then 'better' else 'worse' end
                            || ', by no more than chance.'
                        else ': too few to tell.'
                    end
            end
    end as sentence
from scored
order by record desc, forecast_target, forecast_model, horizon_from_days
