-- depends_on: {{ ref('int_forecasts') }}
-- After it, because a build writes the newest forecasts into the ledger as soon as it has them.
with source as (
    select * from {{ source('meta', 'forecast') }}
    where {{ was_written('made_at') }}
),

renamed as (
    select
        made_at,
        run_id,
        forecast_target,
        forecast_model,
        forecast_date,
        forecast_at,
        target_date,
        horizon_days,
        forecast_unit,
        forecast_value,
        low_value,
        high_value,
        interval_basis,
        persistence_value,
        previous_release_value,
        outcome_expected_at,
        weakest_known_basis,
        inputs_known_from
    from source
),

final as (
    select * from renamed
)

select * from final
