-- How often each rule cries: firings, days on, first and last date, by rule; a rule that never fired has its row too.
with judged as (
    select
        rules.rule_id,
        count(*) as days_judged_count,
        min(measured.effective_date) as first_judged_date,
        max(measured.effective_date) as last_judged_date
    from {{ ref('stg_policy__alert_rules') }} as rules
    inner join {{ ref('int_alert_values') }} as measured
        on rules.measure = measured.measure and measured.effective_date >= rules.since_date
    group by rules.rule_id
),

counted as (
    select
        rule_id,
        count(case when state = 'raised' then 1 end) as firings_count,
        count(case when state in ('raised', 'held') then 1 end) as days_on_count,
        min(case when state = 'raised' then effective_date end) as first_fired_date,
        max(case when state = 'raised' then effective_date end) as last_fired_date,
        {{ last_by('state', 'known_at') }} as last_state,
        {{ last_by('message', 'known_at') }} as last_message
    from {{ ref('alert_history') }} as history
    group by rule_id
)

select
    rules.rule_id,
    rules.title,
    rules.link,
    rules.mart,
    rules.measure,
    rules.unit,
    rules.comparison,
    rules.raise_threshold as raise_threshold_value,
    rules.clear_threshold as clear_threshold_value,
    rules.days_in_a_row as days_in_a_row_count,
    rules.severity,
    rules.calendar_exclusion,
    rules.is_event,
    rules.evidence,
    rules.reason,
    coalesce(judged.days_judged_count, 0) as days_judged_count,
    judged.first_judged_date,
    judged.last_judged_date,
    coalesce(counted.firings_count, 0) as firings_count,
    coalesce(counted.days_on_count, 0) as days_on_count,
    counted.first_fired_date,
    counted.last_fired_date,
    coalesce(counted.last_state in ('raised', 'held') and not rules.is_event, false) as is_on,
    counted.last_message
from {{ ref('stg_policy__alert_rules') }} as rules
left join judged on rules.rule_id = judged.rule_id
left join counted on rules.rule_id = counted.rule_id
order by rules.rule_id
