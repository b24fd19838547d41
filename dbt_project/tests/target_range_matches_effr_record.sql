-- The NY Fed prints the target range beside each EFFR; FRED and the dated facts must say the same for the same day.
-- A shift by one day shows on every policy change.
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
    -- Before 2017 FRED dates a decision by its announcement, one day earlier than the NY Fed (2015-12-16,
    -- 2016-12-14).
    corridor.effective_date >= date '2017-01-01'
    and (corridor.target_floor_pct <> rates.target_from_pct or corridor.target_ceiling_pct <> rates.target_to_pct)
