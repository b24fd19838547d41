-- A revision replaces what was known before it: a figure dated as known after its own revision was dated too late.
with facts as (
    select
        'treasury_borrowing_estimates' as seed,
        institution || ' ' || measure || ' ' || period as fact,
        cast(published_date as varchar) as edition,
        known_date
    from {{ ref('stg_policy__treasury_borrowing_estimates') }}
    union all
    select
        'cbo_baseline',
        kind || ' ' || fiscal_year,
        vintage_month,
        known_date
    from {{ ref('stg_policy__cbo_baseline') }}
    where vintage_month is not null
),

with_next as (
    select
        seed,
        fact,
        edition,
        known_date,
        lead(edition) over (partition by seed, fact order by edition) as next_edition,
        lead(known_date) over (partition by seed, fact order by edition) as next_known_date
    from facts
)

select *
from with_next
where known_date >= next_known_date
