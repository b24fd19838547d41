select
    operations.operation_id,
    operations.operation_date,
    case when operations.release_time < '12:00' then 'morning' else 'afternoon' end as day_half,
    operations.release_time,
    operations.term,
    operations.operation_method,
    operations.policy_regime,
    operations.is_exercise,
    operations.exercise_evidence,
    operations.is_on_schedule,
    operations.submitted_usd_bn,
    operations.accepted_usd_bn,
    coalesce(operations.treasury_accepted_usd_bn, 0) as treasury_accepted_usd_bn,
    coalesce(operations.agency_accepted_usd_bn, 0) as agency_accepted_usd_bn,
    coalesce(operations.mbs_accepted_usd_bn, 0) as mbs_accepted_usd_bn,
    operations.operation_limit_usd_bn,
    operations.minimum_bid_pct,
    operations.accepted_rate_pct,
    {{ spread_bp('operations.minimum_bid_pct', 'policy.target_ceiling_pct') }} as minimum_bid_minus_ceiling_bp
from {{ ref('int_repo_operations') }} as operations
left join {{ ref('int_policy_rates_daily') }} as policy on operations.operation_date = policy.effective_date
where operations.is_standing_repo
order by operations.operation_date, operations.release_time, operations.operation_id
