with newest_outcomes as (
    select
        forecast_target,
        max(target_date) as newest_known_date
    from {{ ref('int_forecast_outcomes') }}
    group by forecast_target
)

select
    forecasts.forecast_target,
    forecasts.forecast_model,
    forecasts.effective_date as forecast_date,
    forecasts.as_known_at as forecast_at,
    forecasts.target_date,
    forecasts.horizon_days,
    forecasts.unit as forecast_unit,
    forecasts.forecast_value,
    forecasts.low_value,
    forecasts.high_value,
    forecasts.interval_basis,
    forecasts.persistence_value,
    forecasts.previous_release_value,
    outcomes.outcome_value,
    outcomes.outcome_known_at,
    {{ forecast_state('forecasts.as_known_at', 'outcomes.outcome_known_at', 'forecasts.target_date', 'newest_outcomes.newest_known_date') }} as forecast_state,
    {{ difference_bn('forecasts.forecast_value - outcomes.outcome_value') }} as forecast_error_value,
    outcomes.outcome_value between forecasts.low_value and forecasts.high_value as is_within_interval,
    {{ knowledge_basis('forecasts.basis_rank') }} as weakest_known_basis,
    forecasts.inputs_known_from
from {{ ref('int_forecasts') }} as forecasts
left join {{ ref('int_forecast_outcomes') }} as outcomes
    on forecasts.forecast_target = outcomes.forecast_target and forecasts.target_date = outcomes.target_date
left join newest_outcomes on forecasts.forecast_target = newest_outcomes.forecast_target
where forecasts.is_replayed
order by forecasts.forecast_target, forecasts.forecast_model, forecasts.as_known_at
