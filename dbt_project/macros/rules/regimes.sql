{#- CTEs that turn `judged` (effective_date, business_day_number, observed_rank) and `regimes` (regime_rank,
    enter_business_days, leave_business_days) into `states`: the regime of each judged day, held_rank, with hysteresis.
    For each regime: is the day at least as severe? Runs of equal answers are counted in business days. One unjudged
    business day inside a run is bridged, because Good Friday always is one; a longer hole starts a new run. -#}
{% macro regime_states() -%}
answers as (
    select
        judged.effective_date,
        judged.business_day_number,
        regimes.regime_rank,
        regimes.enter_business_days,
        regimes.leave_business_days,
        judged.observed_rank >= regimes.regime_rank as is_reached,
        lag(judged.observed_rank >= regimes.regime_rank)
            over (partition by regimes.regime_rank order by judged.effective_date) as was_reached,
        lag(judged.business_day_number)
            over (partition by regimes.regime_rank order by judged.effective_date) as previous_day_number
    from judged
    cross join regimes
),

numbered as (
    select
        effective_date,
        regime_rank,
        enter_business_days,
        leave_business_days,
        is_reached,
        count(
            case
                when
                    previous_day_number is null
                    or is_reached <> was_reached
                    or business_day_number - previous_day_number > 2
                    then 1
            end
        ) over (partition by regime_rank order by effective_date) as run_number
    from answers
),

runs as (
    select
        effective_date,
        regime_rank,
        enter_business_days,
        leave_business_days,
        is_reached,
        count(*) over (partition by regime_rank, run_number order by effective_date) as run_business_days
    from numbered
),

switches as (
    select
        effective_date,
        regime_rank,
        case
            when is_reached and run_business_days >= enter_business_days then true
            when not is_reached and run_business_days >= leave_business_days then false
        end as is_switched_on
    from runs
),

held as (
    select
        effective_date,
        regime_rank,
        {{ last_known('is_switched_on', 'regime_rank', 'effective_date') }} as is_on
    from switches
),

-- Before every regime has been decided once, the state is unknown.
states as (
    select
        effective_date,
        case
            when count(*) = count(is_on) then coalesce(max(case when is_on then regime_rank end), 1)
        end as held_rank
    from held
    group by effective_date
)
{%- endmacro %}
