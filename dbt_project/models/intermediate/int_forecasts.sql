-- What every model says at every moment, with an interval that 80 % of outcomes should be in: by the model's own
-- distribution, or by its errors at the same horizon whose outcomes were known at the moment.
with said as (
    select * from {{ ref('int_forecast_weekly') }}
    union all
    select * from {{ ref('int_forecast_cash') }}
    union all
    select * from {{ ref('int_forecast_sofr') }}
),

errors as (
    select
        said.forecast_target,
        said.forecast_model,
        said.target_date,
        said.horizon_days,
        outcomes.outcome_value - said.forecast_value as missed_value,
        outcomes.outcome_known_at
    from said
    inner join {{ ref('int_forecast_moments') }} as moments
        on said.as_known_at = moments.as_known_at and moments.is_replayed
    inner join {{ ref('int_forecast_outcomes') }} as outcomes
        on
            said.forecast_target = outcomes.forecast_target
            and said.target_date = outcomes.target_date
            and said.as_known_at < outcomes.outcome_known_at
),

{#- Errors of a year of weeks, of five years of months, of all quarters. -#}
{% set weekly = "said.forecast_target in ('fed_assets', 'reserves', 'net_liquidity')" %}
spans as (
    select
        said.as_known_at,
        said.forecast_target,
        said.forecast_model,
        count(*) as errors_count,
        {{ quantile('errors.missed_value', 0.1) }} as low_missed_value,
        {{ quantile('errors.missed_value', 0.9) }} as high_missed_value
    from said
    inner join errors
        on
            said.forecast_target = errors.forecast_target
            and said.forecast_model = errors.forecast_model
            and said.horizon_days = errors.horizon_days
            and said.as_known_at >= errors.outcome_known_at
            and said.target_date > errors.target_date
            and said.target_date - errors.target_date
            <= case when {{ weekly }} then 371 when said.forecast_target = 'tga_month_end' then 1830 else 99999 end
    where said.low_value is null
    group by said.as_known_at, said.forecast_target, said.forecast_model
)

select
    said.effective_date,
    said.as_known_at,
    moments.is_replayed,
    said.forecast_target,
    said.forecast_model,
    said.target_date,
    said.horizon_days,
    case said.forecast_target when 'sofr_quarter_end' then 'bp' else 'usd_bn' end as unit,
    said.forecast_value,
    coalesce(said.low_value, {{ difference_bn('said.forecast_value + spans.low_missed_value') }}) as low_value,
    coalesce(said.high_value, {{ difference_bn('said.forecast_value + spans.high_missed_value') }}) as high_value,
    case
        when said.low_value is not null then 'distribution'
        when spans.errors_count is not null then 'past_errors'
    end as interval_basis,
    said.persistence_value,
    said.previous_release_value,
    said.basis_rank,
    said.known_from as inputs_known_from
from said
inner join {{ ref('int_forecast_moments') }} as moments on said.as_known_at = moments.as_known_at
left join spans
    on
        said.as_known_at = spans.as_known_at
        and said.forecast_target = spans.forecast_target
        and said.forecast_model = spans.forecast_model
        and spans.errors_count >= 8
