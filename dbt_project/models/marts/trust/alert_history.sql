-- When each rule was on, as then known: a value counts from the moment at which it first was known, and what came later
-- changes nothing. A rule is on from the last of its days in a row until a value passes the clear threshold.
with debt_limit as (
    select distinct calendar.calendar_date
    from {{ ref('int_calendar') }} as calendar
    inner join {{ ref('stg_policy__debt_limit_episodes') }} as episodes
        on
            calendar.calendar_date >= episodes.binding_start_date
            and (episodes.resolved_date is null or calendar.calendar_date < episodes.resolved_date)
),

-- A day on which the rule is noise neither counts nor interrupts.
judged as (
    select
        rules.*,
        measured.effective_date,
        measured.known_at,
        measured.measured_value,
        measured.knowledge_basis,
        max(measured.effective_date) over (
            partition by rules.rule_id order by measured.known_at, measured.effective_date
            rows between unbounded preceding and 1 preceding
        ) as newest_before
    from {{ ref('stg_policy__alert_rules') }} as rules
    inner join {{ ref('int_alert_values') }} as measured
        on rules.measure = measured.measure and measured.effective_date >= rules.since_date
    left join {{ ref('int_calendar') }} as calendar on measured.effective_date = calendar.calendar_date
    left join debt_limit on measured.effective_date = debt_limit.calendar_date
    where
        not case rules.calendar_exclusion
            when 'quarter_end' then coalesce(calendar.is_quarter_end, false)
            when 'month_end' then coalesce(calendar.is_month_end, false)
            when 'tax_date' then coalesce(calendar.is_tax_date, false)
            when 'debt_limit' then debt_limit.calendar_date is not null
            else false
        end
),

-- A date that comes after a later one is history and no news.
compared as (
    select
        judged.*,
        case comparison
            when '>' then measured_value > raise_threshold
            when '>=' then measured_value >= raise_threshold
            when '<' then measured_value < raise_threshold
            when '<=' then measured_value <= raise_threshold
        end as is_over,
        case comparison
            when '>' then measured_value <= clear_threshold
            when '>=' then measured_value < clear_threshold
            when '<' then measured_value >= clear_threshold
            when '<=' then measured_value > clear_threshold
        end as is_back
    from judged
    where newest_before is null or effective_date >= newest_before
),

runs as (
    select
        compared.*,
        count(case when not is_over then 1 end) over (
            partition by rule_id order by known_at, effective_date
        ) as run_number
    from compared
),

switches as (
    select
        runs.*,
        case
            when
                is_over
                and count(case when is_over then 1 end) over (
                    partition by rule_id, run_number order by known_at, effective_date
                ) >= days_in_a_row
                then true
            when is_back or is_event then false
        end as is_switched_on
    from runs
),

held as (
    select
        switches.*,
        last_value(is_switched_on ignore nulls) over (
            partition by rule_id order by known_at, effective_date rows between unbounded preceding and current row
        ) as is_on
    from switches
),

states as (
    select
        held.*,
        coalesce(
            not is_event and lag(is_on) over (partition by rule_id order by known_at, effective_date), false
        ) as was_on
    from held
)

select
    rule_id,
    effective_date,
    -- The day in New York on which it was known; without the hour of summer time, which no release falls into.
    cast(known_at - interval 5 hour as date) as fired_on_date,
    known_at,
    link,
    severity,
    measured_value,
    case when is_on then raise_threshold else clear_threshold end as threshold_value,
    unit,
    case when is_on and was_on then 'held' when is_on then 'raised' else 'cleared' end as state,
    is_on and not was_on as is_first_day,
    knowledge_basis,
    case when is_on then '' else 'Over: ' end
    || replace(
        replace(message, '{value}', {{ alert_in_words('measured_value', 'unit') }}),
        '{threshold}',
        {{ alert_in_words('raise_threshold', 'unit') }}
    ) as message
from states
where is_on or (was_on and not is_event)
order by rule_id, known_at, effective_date
