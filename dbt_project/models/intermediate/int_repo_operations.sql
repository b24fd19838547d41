-- Every repo and reverse-repo operation with its legs, and the verdict on whether it was a small value exercise.
with operations as (
    select * from {{ ref('stg_nyfed__repo_operations') }}
),

details as (
    select * from {{ ref('stg_nyfed__repo_operation_details') }}
),

regimes as (
    select effective_date, end_date, regime
    from {{ ref('stg_policy__srf_policy') }}
    where regime is not null
),

listed_exercises as (
    select * from {{ ref('stg_policy__srf_small_value_exercises') }}
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
    from details
    group by operation_id
),

-- The newest rule in force on the day; a trial week ends by itself and leaves the rule before it in force.
regime_by_operation as (
    select
        operations.operation_id,
        {{ last_by('regimes.regime', 'regimes.effective_date') }} as policy_regime
    from operations
    inner join regimes
        on
            operations.operation_date >= regimes.effective_date
            and operations.operation_date <= coalesce(regimes.end_date, operations.operation_date)
    where operations.operation_type = 'Repo'
    group by operations.operation_id
),

timed as (
    select
        operations.operation_id,
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
    left join regime_by_operation on operations.operation_id = regime_by_operation.operation_id
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
),

final as (
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
        judged.operation_type = 'Repo' and judged.policy_regime is not null as is_standing_repo,
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
)

select * from final
