-- The NY Fed prints the target range with each EFFR; FRED and the dated facts must have the same for the same day.
-- A shift by one day shows on every policy change. FRED is not read before 2017: it is a day early there.
select
    corridor.effective_date,
    corridor.target_floor_pct,
    rates.target_from_pct,
    corridor.target_ceiling_pct,
    rates.target_to_pct
from {{ ref('policy_corridor_daily') }} as corridor
inner join {{ ref('stg_nyfed__reference_rates') }} as rates
    on corridor.effective_date = rates.effective_date and rates.rate_type = 'EFFR'
where
    -- Until 2008 the target was a single rate, dated by its decision in the facts.
    corridor.effective_date >= date '2009-01-01'
    and (corridor.target_floor_pct <> rates.target_from_pct or corridor.target_ceiling_pct <> rates.target_to_pct)
