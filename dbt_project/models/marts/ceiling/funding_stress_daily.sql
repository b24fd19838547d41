-- The two thresholds of tight cash, wherever they are used, are those of the regime rules.
with thresholds as (
    select
        max(threshold) filter (where rule_name = 'sofr_near_ceiling') as sofr_near_ceiling_bp,
        max(threshold) filter (where rule_name = 'srf_take_up') as srf_take_up_usd_bn
    from {{ ref('stg_policy__regime_thresholds') }}
),

reserves as (
    select
        wednesday_date,
        reserves_usd_bn
    from {{ ref('int_fred_h41_weekly') }}
    where reserves_usd_bn is not null
),

first_sofr as (
    select min(effective_date) as first_date
    from {{ ref('policy_corridor_daily') }}
    where sofr_pct is not null
),

business_days as (
    select
        corridor.effective_date,
        corridor.sofr_pct,
        corridor.sofr_percentile_99_pct,
        corridor.target_ceiling_pct,
        corridor.iorb_pct,
        corridor.sofr_minus_ceiling_bp,
        corridor.sofr_percentile_99_minus_ceiling_bp,
        corridor.sofr_minus_iorb_bp,
        corridor.sofr_percentile_99_minus_iorb_bp
    from {{ ref('policy_corridor_daily') }} as corridor
    cross join first_sofr
    where corridor.is_business_day and corridor.effective_date >= first_sofr.first_date
)

select
    days.effective_date,
    days.sofr_pct,
    days.sofr_percentile_99_pct,
    days.target_ceiling_pct,
    days.iorb_pct,
    days.sofr_minus_ceiling_bp,
    days.sofr_percentile_99_minus_ceiling_bp,
    days.sofr_minus_iorb_bp,
    days.sofr_percentile_99_minus_iorb_bp,
    operations.srf_accepted_usd_bn,
    operations.srf_exercise_usd_bn,
    operations.on_rrp_usd_bn,
    -- Wednesday's level is used for 9 days: until the next release, which a Thursday holiday moves to Friday.
    case when days.effective_date - reserves.wednesday_date <= 9 then reserves.reserves_usd_bn end as reserves_usd_bn,
    case when days.effective_date - reserves.wednesday_date <= 9 then reserves.wednesday_date end
        as reserves_as_of_date,
    calendar.is_month_end,
    calendar.is_quarter_end,
    calendar.is_year_end,
    calendar.is_tax_date,
    calendar.is_coupon_settlement,
    days.sofr_minus_ceiling_bp >= thresholds.sofr_near_ceiling_bp as is_sofr_near_ceiling,
    operations.srf_accepted_usd_bn >= thresholds.srf_take_up_usd_bn as is_srf_take_up,
    case
        when
            days.sofr_minus_ceiling_bp >= thresholds.sofr_near_ceiling_bp
            or operations.srf_accepted_usd_bn >= thresholds.srf_take_up_usd_bn
            then true
        when days.sofr_minus_ceiling_bp is not null then false
    end as is_cash_tight
from business_days as days
cross join thresholds
inner join {{ ref('int_calendar') }} as calendar on days.effective_date = calendar.calendar_date
left join {{ ref('int_operations_daily') }} as operations on days.effective_date = operations.effective_date
{{ asof_left_join('reserves', 'reserves', 'days.effective_date', 'wednesday_date') }}
where calendar.is_ahead is not true
order by days.effective_date
