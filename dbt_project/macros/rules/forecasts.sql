{#- Whether an outcome came in time for a forecast: late when it was known before the forecast was made, void when it never came
    though that of a later date did. -#}
{% macro forecast_state(made_at, known_at, target_date, newest_known_date) -%}
    case
        when {{ known_at }} <= {{ made_at }} then 'late'
        when {{ known_at }} is not null then 'scored'
        when {{ newest_known_date }} > {{ target_date }} then 'void'
        else 'open'
    end
{%- endmacro %}

{#- First and last business day ahead of the group of horizons that a forecast is scored in; 0 has what is made on the day
    itself and later, the last group is open. -#}
{% macro horizon_groups() -%}
    {{ return([(0, 0), (1, 1), (2, 2), (3, 5), (6, 10), (11, 21), (22, 42), (43, 999)]) }}
{%- endmacro %}

{% macro horizon_end(horizon_days, place) -%}
    case
        {% for group in horizon_groups() %}
        when {{ horizon_days }} <= {{ group[1] }} then {{ group[place] }}
        {% endfor %}
    end
{%- endmacro %}

{#- Every forecast of both records, replayed and live, with its group of horizons. -#}
{% macro forecast_records() -%}
    {% for record, mart in {'replayed': 'forecast_history', 'live': 'forecast_ledger'}.items() %}
    select
        '{{ record }}' as record,
        forecast_target,
        forecast_model,
        forecast_unit,
        target_date,
        {{ horizon_end('horizon_days', 0) }} as horizon_from_days,
        {{ horizon_end('horizon_days', 1) }} as horizon_to_days,
        forecast_state,
        forecast_error_value,
        persistence_value - outcome_value as persistence_error_value,
        previous_release_value - outcome_value as previous_release_error_value,
        case when low_value is not null then is_within_interval end as is_within_interval
    from {{ ref(mart) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- A group of horizons in words. -#}
{% macro horizon_in_words(first, last) -%}
    case
        when {{ last }} = 0 then 'on the day itself'
        when {{ last }} = 1 then 'a business day ahead'
        when {{ last }} = 999 then {{ first }} || ' business days ahead or more'
        when {{ first }} = {{ last }} then {{ first }} || ' business days ahead'
        else {{ first }} || ' to ' || {{ last }} || ' business days ahead'
    end
{%- endmacro %}

{#- What a skill is called: an interval that holds zero decides nothing. -#}
{% macro skill_verdict(skill_low, skill_high) -%}
    case
        when {{ skill_low }} is null then 'too few targets'
        when {{ skill_low }} > 0 then 'better'
        when {{ skill_high }} < 0 then 'worse'
        else 'undecided'
    end
{%- endmacro %}

{#- Newest forecasts of some targets, each with its replayed score at its horizon; amounts end in `suffix`. -#}
{% macro forecasts_with_scores(targets, suffix) -%}
select
    forecasts.forecast_target,
    forecasts.forecast_model,
    forecasts.target_date,
    forecasts.effective_date as forecast_date,
    forecasts.as_known_at as forecast_at,
    forecasts.horizon_days,
    forecasts.forecast_value as forecast_{{ suffix }},
    forecasts.low_value as low_{{ suffix }},
    forecasts.high_value as high_{{ suffix }},
    forecasts.interval_basis,
    scores.mean_absolute_error_value as mean_absolute_error_{{ suffix }},
    scores.persistence_error_value as persistence_error_{{ suffix }},
    scores.skill_ratio,
    scores.skill_low_ratio,
    scores.skill_high_ratio,
    scores.skill_verdict,
    scores.coverage_ratio,
    scores.targets_count,
    coalesce(scores.sentence, 'No score yet: no outcome of a forecast at this horizon is known.') as score_sentence,
    {{ knowledge_basis('forecasts.basis_rank') }} as weakest_known_basis,
    forecasts.inputs_known_from
from {{ ref('int_forecasts') }} as forecasts
left join {{ ref('forecast_scores') }} as scores
    on
        scores.record = 'replayed'
        and forecasts.forecast_target = scores.forecast_target
        and forecasts.forecast_model = scores.forecast_model
        and {{ horizon_end('forecasts.horizon_days', 0) }} = scores.horizon_from_days
where not forecasts.is_replayed and forecasts.forecast_target in ('{{ targets | join("', '") }}')
order by forecasts.forecast_target, forecasts.target_date, forecasts.forecast_model
{%- endmacro %}
