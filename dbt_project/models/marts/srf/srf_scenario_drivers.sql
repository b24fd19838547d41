-- The assumptions of the standard scenarios, each with its source; next to the scarcity point what the slope of SOFR on
-- reserves says of it. A slope is of 52 weeks, so it belongs to the mean of reserves over GDP in them.
with weeks as (
    select
        reserves_week_date,
        avg(reserves_to_gdp_pct) as reserves_to_gdp_pct,
        max(sofr_slope_on_reserves_52w_high_bp) as slope_high_bp
    from {{ ref('reserve_scarcity_daily') }}
    where reserves_to_gdp_pct is not null
    group by reserves_week_date
),

spans as (
    select
        slope_high_bp < 0 as is_steep,
        slope_high_bp is not null as has_slope,
        round(avg(reserves_to_gdp_pct) over (
            order by reserves_week_date rows between 51 preceding and current row
        ), 4) as reserves_to_gdp_pct
    from weeks
),

-- The ratio up to which years are steep with the fewest errors; the band is from the one up to which all are steep to the
-- one above which none is.
thresholds as (
    select
        candidates.reserves_to_gdp_pct,
        sum(
            case when spans.is_steep = (spans.reserves_to_gdp_pct <= candidates.reserves_to_gdp_pct) then 0 else 1 end
        ) as errors
    from (select distinct reserves_to_gdp_pct from spans where has_slope) as candidates
    cross join spans
    where spans.has_slope
    group by candidates.reserves_to_gdp_pct
),

ends as (
    select
        count(*) as weeks_count,
        max(case when is_steep then reserves_to_gdp_pct end) as highest_steep_pct,
        min(case when not is_steep then reserves_to_gdp_pct end) as lowest_flat_pct
    from spans
    where has_slope
),

always_steep as (
    select max(spans.reserves_to_gdp_pct) as highest_pct
    from spans
    cross join ends
    where spans.has_slope and spans.reserves_to_gdp_pct < ends.lowest_flat_pct
),

measured as (
    select
        'scarcity_point_pct' as driver,
        ends.weeks_count,
        coalesce(always_steep.highest_pct, ends.lowest_flat_pct) as low_value,
        ends.highest_steep_pct as high_value,
        (
            select round(avg(reserves_to_gdp_pct), 4)
            from thresholds
            where errors = (select min(errors) from thresholds)
        ) as middle_value
    from ends
    cross join always_steep
    where ends.highest_steep_pct is not null and ends.lowest_flat_pct is not null
)

select
    drivers.scenario,
    drivers.driver,
    drivers.driver_value,
    drivers.driver_unit,
    drivers.driver_source,
    drivers.driver_source like 'assumption%' as is_assumption,
    drivers.lowest_value,
    drivers.highest_value,
    drivers.known_date as driver_known_date,
    drivers.what_it_is,
    measured.middle_value as measured_driver_value,
    measured.low_value as measured_driver_low_value,
    measured.high_value as measured_driver_high_value,
    cast(measured.weeks_count as integer) as measured_driver_weeks_count
from {{ ref('stg_policy__scenario_drivers') }} as drivers
left join measured on drivers.driver = measured.driver
order by drivers.driver, drivers.scenario
