-- Treasury, agency and mortgage-backed legs add up to the operation's own total, to the dollar. A dropped leg, a
-- row of another unit, or details of another operation break it.
with legs as (
    select
        operation_id,
        sum(accepted_usd) as legs_accepted_usd,
        sum(submitted_usd) as legs_submitted_usd
    from {{ ref('stg_nyfed__repo_operation_details') }}
    group by operation_id
)

select
    operations.operation_id,
    operations.operation_date,
    operations.accepted_usd,
    legs.legs_accepted_usd,
    operations.submitted_usd,
    legs.legs_submitted_usd
from {{ ref('stg_nyfed__repo_operations') }} as operations
left join legs on operations.operation_id = legs.operation_id
where
    operations.accepted_usd <> coalesce(legs.legs_accepted_usd, 0)
    or operations.submitted_usd <> coalesce(legs.legs_submitted_usd, 0)
