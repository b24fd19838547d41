-- The regime of the money market by named rules, with hysteresis. What a day shows is `observed_regime`; the regime
-- changes only when days agree for as long as the thresholds demand. Nothing is averaged and nothing is weighted.
with business_days as (
    select
        stress.effective_date,
        count(*) over (order by calendar.calendar_date) as business_day_number,
        stress.sofr_minus_iorb_bp,
        stress.sofr_minus_ceiling_bp,
        stress.srf_accepted_usd_bn,
        stress.on_rrp_usd_bn
    from {{ ref('funding_stress_daily') }} as stress
    inner join {{ ref('int_calendar') }} as calendar on stress.effective_date = calendar.calendar_date
    where calendar.is_business_day
),

regimes as (
    select
        regime,
        regime_rank,
        max(enter_business_days) as enter_business_days,
        max(leave_business_days) as leave_business_days
    from {{ ref('stg_policy__regime_thresholds') }} as thresholds
    group by regime, regime_rank
),

-- A day without SOFR (Good Friday, or not published yet) is not judged: half of the rules would be silent.
measured as (
    {% for measure in ['sofr_minus_iorb_bp', 'sofr_minus_ceiling_bp', 'srf_accepted_usd_bn', 'on_rrp_usd_bn'] %}
    select effective_date, '{{ measure }}' as measure, {{ measure }} as measured_value
    from business_days
    where sofr_minus_iorb_bp is not null and sofr_minus_ceiling_bp is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

fired as (
    select
        measured.effective_date,
        thresholds.regime,
        thresholds.regime_rank,
        thresholds.rule_name,
        thresholds.measure,
        thresholds.comparison,
        thresholds.threshold,
        measured.measured_value,
        row_number() over (
            partition by measured.effective_date
            order by thresholds.regime_rank desc, thresholds.measure, thresholds.rule_name
        ) as severity_order
    from measured
    inner join {{ ref('stg_policy__regime_thresholds') }} as thresholds on measured.measure = thresholds.measure
    where
        case thresholds.comparison
            when '>' then measured.measured_value > thresholds.threshold
            when '>=' then measured.measured_value >= thresholds.threshold
            when '<' then measured.measured_value < thresholds.threshold
            when '<=' then measured.measured_value <= thresholds.threshold
        end
),

judged as (
    select
        days.effective_date,
        days.business_day_number,
        coalesce(fired.regime_rank, 1) as observed_rank,
        coalesce(fired.regime, 'abundant') as observed_regime,
        coalesce(fired.rule_name, 'none') as rule_fired,
        fired.measured_value,
        fired.threshold
    from business_days as days
    left join fired on days.effective_date = fired.effective_date and fired.severity_order = 1
    where days.sofr_minus_iorb_bp is not null and days.sofr_minus_ceiling_bp is not null
),

{{ regime_states() }},

named as (
    select
        judged.*,
        states.held_rank,
        case when states.held_rank = 1 then 'abundant' else regimes.regime end as held_regime,
        lag(states.held_rank) over (order by judged.effective_date) as previous_rank
    from judged
    inner join states on judged.effective_date = states.effective_date
    left join regimes on states.held_rank = regimes.regime_rank
),

spells as (
    select
        effective_date,
        business_day_number,
        observed_rank,
        observed_regime,
        rule_fired,
        measured_value,
        threshold,
        held_rank,
        held_regime,
        previous_rank,
        max(case when held_rank is distinct from previous_rank then effective_date end)
            over (order by effective_date) as regime_since_date
    from named
)

select
    days.effective_date,
    -- A day that cannot be judged keeps the state of the business day before it; an older state is not used.
    case when days.business_day_number - spells.business_day_number <= 1 then spells.held_regime end as regime,
    case when days.business_day_number - spells.business_day_number <= 1 then spells.held_rank end
        as regime_rank,
    case when days.business_day_number - spells.business_day_number <= 1 then spells.effective_date end
        as regime_as_of_date,
    case
        when days.business_day_number - spells.business_day_number <= 1 and spells.held_rank is not null
            then spells.regime_since_date
    end as regime_since_date,
    case when spells.effective_date = days.effective_date then spells.observed_regime end as observed_regime,
    case when spells.effective_date = days.effective_date then spells.rule_fired end as rule_fired,
    case when spells.effective_date = days.effective_date then spells.measured_value end as rule_measured_value,
    case when spells.effective_date = days.effective_date then spells.threshold end as rule_threshold_value,
    case
        when spells.effective_date <> days.effective_date then 'not judged'
        when spells.held_rank is null then 'not decided yet'
        when spells.previous_rank is null then 'first decided'
        when spells.held_rank > spells.previous_rank then 'entered'
        when spells.held_rank < spells.previous_rank then 'left'
        when spells.held_rank <> spells.observed_rank then 'held by hysteresis'
        else 'confirmed'
    end as decision,
    days.sofr_minus_iorb_bp,
    days.sofr_minus_ceiling_bp,
    days.srf_accepted_usd_bn,
    days.on_rrp_usd_bn
from business_days as days
{{ asof_left_join('spells', 'spells', 'days.effective_date', 'effective_date') }}
order by days.effective_date
