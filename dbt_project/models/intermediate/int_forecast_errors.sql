-- Errors of each record, target, model and group of horizons by target date: forecasts of one target go wrong together, so
-- they count as one. The same rows give the errors of what they are held against.
with scored as (
    select *
    from ({{ forecast_records() }}) as records
    where forecast_state = 'scored'
),

averaged as (
    select
        record,
        forecast_target,
        forecast_model,
        horizon_from_days,
        horizon_to_days,
        target_date,
        max(forecast_unit) as forecast_unit,
        count(*) as forecasts_count,
        avg(abs(forecast_error_value)) as absolute_error_value,
        avg(forecast_error_value) as error_value,
        avg(abs(persistence_error_value)) as persistence_error_value,
        avg(abs(forecast_error_value)) filter (where previous_release_error_value is not null)
            as absolute_error_with_previous_value,
        avg(abs(previous_release_error_value)) as previous_release_error_value,
        count(is_within_interval) as intervals_count,
        avg(cast(is_within_interval as integer)) as coverage_ratio
    from scored
    group by record, forecast_target, forecast_model, horizon_from_days, horizon_to_days, target_date
)

select
    *,
    cast(row_number() over (
        partition by record, forecast_target, forecast_model, horizon_from_days order by target_date
    ) - 1 as integer) as target_number
from averaged
