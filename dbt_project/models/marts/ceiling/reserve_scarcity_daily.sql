-- How scarce reserves are. The slope is that of weekly means of SOFR less interest on reserves on weekly means of
-- reserves: within a week reserves are published once, so days are no more observations than weeks.
{% set slope_weeks = var('slope_weeks', 52) %}
{% set share_days = var('share_days', 60) %}
with days as (
    select
        effective_date,
        -- The Wednesday that ends the week of the day.
        cast(date_trunc('week', effective_date + 4) as date) + 2 as week_date,
        sofr_minus_iorb_bp,
        effr_minus_iorb_bp,
        {{ spread_bp('sofr_percentile_99_pct', 'sofr_percentile_1_pct') }} as sofr_percentile_99_minus_1_bp,
        count(sofr_minus_iorb_bp) over the_days as judged_days,
        count(case when sofr_minus_iorb_bp > 0 then 1 end) over the_days as days_above
    from {{ ref('policy_corridor_daily') }}
    where is_business_day and sofr_pct is not null
    window the_days as (order by effective_date rows between {{ share_days - 1 }} preceding and current row)
),

reserves as (
    select
        observation_date as week_date,
        value_canonical as reserves_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'WRESBAL' and value_canonical is not null
),

weeks as (
    select
        reserves.week_date,
        reserves.reserves_usd_bn,
        avg(days.sofr_minus_iorb_bp) as spread_bp
    from reserves
    inner join days on reserves.week_date = days.week_date
    group by reserves.week_date, reserves.reserves_usd_bn
    having count(days.sofr_minus_iorb_bp) > 0
),

regressed as (
    select
        week_date,
        count(*) over the_weeks as weeks_found,
        week_date - min(week_date) over the_weeks as days_spanned,
        regr_slope(spread_bp, reserves_usd_bn) over the_weeks as slope,
        regr_sxx(spread_bp, reserves_usd_bn) over the_weeks as reserves_squares,
        regr_syy(spread_bp, reserves_usd_bn) over the_weeks as spread_squares
    from weeks
    window the_weeks as (order by week_date rows between {{ slope_weeks - 1 }} preceding and current row)
),

slopes as (
    select
        week_date,
        100 * slope as slope_bp,
        100 * sqrt(
            greatest(spread_squares - slope * slope * reserves_squares, 0)
            / ({{ slope_weeks }} - 2) / reserves_squares
        ) as standard_error_bp
    from regressed
    -- All weeks and no others: two may be missing, more make another span.
    where weeks_found = {{ slope_weeks }} and days_spanned <= 7 * ({{ slope_weeks }} + 1) and reserves_squares > 0
),

banks as (
    select
        observation_date as banks_date,
        max(value_canonical) filter (where series_id = 'B1151NCBD') as bank_assets_usd_bn,
        max(value_canonical) filter (where series_id = 'B1058NCBD') as bank_deposits_usd_bn
    from {{ ref('stg_frb__h8') }}
    where series_id in ('B1151NCBD', 'B1058NCBD')
    group by observation_date
    having count(value_canonical) = 2
),

output as (
    select
        observation_date as quarter_start_date,
        value_canonical as gdp_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'GDP' and value_canonical is not null
),

dated as (
    select
        days.*,
        -- Means come on Thursday, on Friday after a holiday; banks' books eight days later.
        case when days.effective_date - reserves.week_date <= 9 then reserves.week_date end as reserves_week_date,
        case when days.effective_date - reserves.week_date <= 9 then reserves.reserves_usd_bn end as reserves_usd_bn,
        case when days.effective_date - banks.banks_date <= 17 then banks.banks_date end as banks_date,
        case when days.effective_date - banks.banks_date <= 17 then banks.bank_assets_usd_bn end as bank_assets_usd_bn,
        case when days.effective_date - banks.banks_date <= 17 then banks.bank_deposits_usd_bn end
            as bank_deposits_usd_bn,
        case when days.effective_date - output.quarter_start_date <= 300 then output.quarter_start_date end
            as quarter_start_date,
        case when days.effective_date - output.quarter_start_date <= 300 then output.gdp_usd_bn end as gdp_usd_bn,
        case when days.effective_date - slopes.week_date <= 9 then slopes.slope_bp end as slope_bp,
        case when days.effective_date - slopes.week_date <= 9 then slopes.standard_error_bp end as standard_error_bp
    from days
    {{ asof_left_join('reserves', 'reserves', 'days.effective_date', 'week_date') }}
    {{ asof_left_join('banks', 'banks', 'days.effective_date', 'banks_date') }}
    {{ asof_left_join('output', 'output', 'days.effective_date', 'quarter_start_date') }}
    {{ asof_left_join('slopes', 'slopes', 'days.effective_date', 'week_date') }}
)

select
    effective_date,
    reserves_week_date,
    reserves_usd_bn as reserves_of_week_usd_bn,
    last_day(quarter_start_date + interval 2 month) as gdp_quarter_date,
    round(100 * reserves_usd_bn / gdp_usd_bn, 4) as reserves_to_gdp_pct,
    banks_date as bank_books_date,
    bank_assets_usd_bn as bank_assets_unadjusted_usd_bn,
    bank_deposits_usd_bn as bank_deposits_unadjusted_usd_bn,
    round(100 * reserves_usd_bn / bank_assets_usd_bn, 4) as reserves_to_bank_assets_pct,
    round(100 * reserves_usd_bn / bank_deposits_usd_bn, 4) as reserves_to_bank_deposits_pct,
    sofr_minus_iorb_bp,
    effr_minus_iorb_bp,
    sofr_percentile_99_minus_1_bp,
    case when judged_days = {{ share_days }} then round(100 * days_above / judged_days, 4) end
        as days_above_iorb_60d_pct,
    round(slope_bp, 6) as sofr_slope_on_reserves_52w_bp,
    round(slope_bp - 2 * standard_error_bp, 6) as sofr_slope_on_reserves_52w_low_bp,
    round(slope_bp + 2 * standard_error_bp, 6) as sofr_slope_on_reserves_52w_high_bp
from dated
order by effective_date
