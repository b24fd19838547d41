-- A week is read at the first 17:00 at which its level was known: on Thursday, on Friday when Thursday is a holiday, later
-- when the release was late.
with known as (
    {{ values_as_known(['WRBWFRBL'], 27) }}
),

first_read as (
    select
        value_date as wednesday_date,
        min(as_known_at) as as_known_at
    from known
    where value_date >= effective_date - 20
    group by value_date
),

as_known as (
    select
        first_read.wednesday_date,
        first_read.as_known_at,
        this_week.value as reserves_usd_bn,
        {{ difference_bn('this_week.value - last_week.value') }} as reserves_change_usd_bn,
        least(this_week.basis_rank, last_week.basis_rank) as basis_rank,
        greatest(this_week.known_from, last_week.known_from) as known_from
    from first_read
    inner join known as this_week
        on first_read.as_known_at = this_week.as_known_at and first_read.wednesday_date = this_week.value_date
    left join known as last_week
        on first_read.as_known_at = last_week.as_known_at and first_read.wednesday_date - 7 = last_week.value_date
)

select
    as_known.wednesday_date,
    as_known.as_known_at,
    as_known.reserves_usd_bn as reserves_as_known_usd_bn,
    now_known.reserves_usd_bn as reserves_now_usd_bn,
    {{ difference_bn('now_known.reserves_usd_bn - as_known.reserves_usd_bn') }} as reserves_revision_usd_bn,
    as_known.reserves_change_usd_bn as reserves_change_as_known_usd_bn,
    now_known.reserves_change_usd_bn as reserves_change_now_usd_bn,
    {{ knowledge_basis('as_known.basis_rank') }} as weakest_known_basis,
    as_known.known_from as inputs_known_from
from as_known
left join {{ ref('fed_balance_sheet_weekly') }} as now_known on as_known.wednesday_date = now_known.wednesday_date
order by as_known.wednesday_date
