{#- CTEs regimes, listed_exercises, regime_by_operation, timed, judged: each row of the CTE `operations` with the rule in
    force on its day and the verdict on whether it was a small value exercise. `version` names the columns that tell rows
    apart: operation_id where one version of each operation is known, known_from too where all are. -#}
{% macro judged_repo_operations(version) -%}
regimes as (
    select effective_date, end_date, regime
    from {{ ref('stg_policy__srf_policy') }}
    where regime is not null
),

listed_exercises as (
    select * from {{ ref('stg_policy__srf_small_value_exercises') }}
),

-- The newest rule in force on the day; a trial week ends by itself and leaves the rule before it in force.
regime_by_operation as (
    select
        {% for name in version %}
        operations.{{ name }},
        {% endfor %}
        {{ last_by('regimes.regime', 'regimes.effective_date') }} as policy_regime
    from operations
    inner join regimes
        on
            operations.operation_date >= regimes.effective_date
            and operations.operation_date <= coalesce(regimes.end_date, operations.operation_date)
    where operations.operation_type = 'Repo'
    group by {% for name in version %}operations.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
),

timed as (
    select
        {% for name in version %}
        operations.{{ name }},
        {% endfor %}
        operations.operation_date,
        operations.operation_type,
        operations.operation_method,
        operations.term,
        operations.term_days,
        operations.release_time,
        operations.note,
        {{ usd_to_bn('operations.submitted_usd') }} as submitted_usd_bn,
        {{ usd_to_bn('operations.accepted_usd') }} as accepted_usd_bn,
        {{ usd_to_bn('operations.operation_limit_usd') }} as operation_limit_usd_bn,
        regime_by_operation.policy_regime,
        case
            when operations.release_time is null then null
            -- Hours seen: ON RRP 12:44, 12:45, once 13:30; standing repo 13:25 to 13:30, once 14:30, mornings
            -- 08:14, 08:15.
            when operations.operation_type = 'Reverse Repo'
                then operations.term = 'Overnight' and operations.release_time between '12:00' and '14:59'
            else
                operations.term = 'Overnight'
                and (
                    operations.release_time between '13:00' and '14:59'
                    or (
                        operations.release_time between '08:00' and '08:59'
                        and coalesce(regime_by_operation.policy_regime, 'single_operation') <> 'single_operation'
                    )
                )
        end as is_on_schedule,
        -- The desk caps an exercise at 250 million dollars (operating policy of 2025-10-02); seen were 44 to 116
        -- million.
        operations.accepted_usd <= 250e6 as is_small
    from operations
    left join regime_by_operation
        on
            {% for name in version %}
            {{ 'and ' if not loop.first }}operations.{{ name }} = regime_by_operation.{{ name }}
            {% endfor %}
),

-- A note alone proves nothing: the note of the regular operation of the day may mention the exercise. It must also be
-- small and off its schedule.
judged as (
    select
        timed.*,
        case
            when
                timed.is_small and not coalesce(timed.is_on_schedule, false) and {{ names_exercise('timed.note') }}
                then 'note'
            when timed.is_small and listed_exercises.operation_date is not null then 'dated_list'
            when timed.is_small and timed.accepted_usd_bn > 0 and not timed.is_on_schedule then 'size_time_term'
        end as exercise_evidence
    from timed
    left join listed_exercises
        on
            timed.operation_date = listed_exercises.operation_date
            and timed.operation_type = listed_exercises.operation_type
            and timed.term = listed_exercises.operation_term
            and coalesce(timed.release_time, '') = coalesce(listed_exercises.release_time, '')
)
{%- endmacro %}

{#- Whether a note names a small value exercise: in full, or as the word SVE. -#}
{% macro names_exercise(note) -%}
    regexp_matches(coalesce({{ note }}, ''), '(?i)small[- ]value|\bSVE\b')
{%- endmacro %}
