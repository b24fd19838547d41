-- Every repo and reverse-repo operation with its legs, and the verdict on whether it was a small value exercise.
with operations as (
    select * from {{ ref('stg_nyfed__repo_operations') }}
),

legs as (
    select
        operation_id,
        sum(case when security_type = 'Treasury' then {{ usd_to_bn('accepted_usd') }} end) as treasury_accepted_usd_bn,
        sum(case when security_type = 'Agency' then {{ usd_to_bn('accepted_usd') }} end) as agency_accepted_usd_bn,
        sum(case when security_type = 'Mortgage-Backed' then {{ usd_to_bn('accepted_usd') }} end)
            as mbs_accepted_usd_bn,
        max(minimum_bid_rate_pct) as minimum_bid_rate_pct,
        max(offering_rate_pct) as offering_rate_pct,
        max(award_rate_pct) as award_rate_pct,
        max(high_rate_pct) as high_rate_pct,
        -- One rate for the operation: the legs weighted by what they lent.
        round(
            sum(weighted_average_rate_pct * accepted_usd)
            / nullif(sum(case when weighted_average_rate_pct is not null then accepted_usd end), 0),
            6
        ) as weighted_average_rate_pct
    from {{ ref('stg_nyfed__repo_operation_details') }} as details
    group by operation_id
),

{{ judged_repo_operations(['operation_id']) }}

select
    judged.operation_id,
    judged.operation_date,
    judged.operation_type,
    judged.operation_method,
    judged.term,
    judged.term_days,
    judged.release_time,
    judged.is_on_schedule,
    judged.policy_regime,
    {{ is_standing_repo() }} as is_standing_repo,
    judged.exercise_evidence is not null as is_exercise,
    judged.exercise_evidence,
    judged.submitted_usd_bn,
    judged.accepted_usd_bn,
    judged.operation_limit_usd_bn,
    legs.treasury_accepted_usd_bn,
    legs.agency_accepted_usd_bn,
    legs.mbs_accepted_usd_bn,
    coalesce(legs.minimum_bid_rate_pct, legs.offering_rate_pct) as minimum_bid_pct,
    coalesce(legs.weighted_average_rate_pct, legs.award_rate_pct) as accepted_rate_pct,
    legs.high_rate_pct as highest_accepted_rate_pct,
    legs.award_rate_pct
from judged
left join legs on judged.operation_id = legs.operation_id
