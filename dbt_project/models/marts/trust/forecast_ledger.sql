-- An outcome that was due by its release rule counts as known, whether this warehouse had asked for it or not.
with newest_outcomes as (
    select
        forecast_target,
        max(target_date) as newest_known_date
    from {{ ref('int_forecast_outcomes') }}
    group by forecast_target
)

select
    ledger.forecast_target,
    ledger.forecast_model,
    ledger.forecast_date,
    ledger.forecast_at,
    ledger.made_at,
    ledger.run_id,
    ledger.target_date,
    ledger.horizon_days,
    ledger.forecast_unit,
    ledger.forecast_value,
    ledger.low_value,
    ledger.high_value,
    ledger.interval_basis,
    ledger.persistence_value,
    ledger.previous_release_value,
    ledger.outcome_expected_at,
    outcomes.outcome_value,
    outcomes.outcome_known_at,
    case
        when ledger.outcome_expected_at <= ledger.made_at then 'late'
        else {{ forecast_state('ledger.made_at', 'outcomes.outcome_known_at', 'ledger.target_date', 'newest_outcomes.newest_known_date') }}
    end as forecast_state,
    {{ difference_bn('ledger.forecast_value - outcomes.outcome_value') }} as forecast_error_value,
    outcomes.outcome_value between ledger.low_value and ledger.high_value as is_within_interval,
    ledger.weakest_known_basis,
    ledger.inputs_known_from
from {{ ref('stg_meta__forecasts') }} as ledger
left join {{ ref('int_forecast_outcomes') }} as outcomes on ledger.forecast_target = outcomes.forecast_target and ledger.target_date = outcomes.target_date
left join newest_outcomes on ledger.forecast_target = newest_outcomes.forecast_target
order by ledger.forecast_target, ledger.forecast_model, ledger.forecast_at
