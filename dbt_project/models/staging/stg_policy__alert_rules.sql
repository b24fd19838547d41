-- Not filtered by the as-of time: rules are how this project watches. A threshold that the regime has is read from there.
with thresholds as (
    select rule_name, threshold
    from {{ ref('regime_thresholds') }}
)

select
    source.rule_id,
    source.title,
    source.link,
    source.mart,
    source.measure,
    source.unit,
    source.comparison,
    coalesce(thresholds.threshold, source.raise_threshold) as raise_threshold,
    source.clear_threshold,
    source.days_in_a_row,
    source.severity,
    source.calendar_exclusion,
    source.is_event,
    source.evidence,
    source.since_date,
    source.message,
    source.reason
from {{ ref('alert_rules') }} as source
left join thresholds on source.threshold_from = thresholds.rule_name
