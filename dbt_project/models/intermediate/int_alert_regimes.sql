-- The regime of liquidity_regime_daily by the same thresholds, day by day as it was first known: with the take-up that one
-- knew when SOFR came. A day that comes after a later one is left out, so the past never changes.
with days as (
    select
        rates.effective_date,
        rates.known_at,
        rates.basis_rank,
        {{ spread_bp('rates.sofr_pct', 'rates.iorb_pct') }} as sofr_minus_iorb_bp,
        {{ spread_bp('rates.sofr_pct', 'rates.target_ceiling_pct') }} as sofr_minus_ceiling_bp,
        case when srf.known_at <= rates.known_at then srf.srf_accepted_usd_bn end as srf_accepted_usd_bn,
        on_rrp.value as on_rrp_usd_bn
    from {{ ref('int_alert_rates_daily') }} as rates
    left join {{ ref('int_alert_srf_daily') }} as srf on rates.effective_date = srf.effective_date
    left join {{ ref('stg_meta__alert_versions') }} as on_rrp
        on
            on_rrp.input = 'RRPONTSYD'
            and rates.effective_date = on_rrp.effective_date
            and on_rrp.known_from <= rates.known_at
            and on_rrp.known_to > rates.known_at
    where rates.iorb_pct is not null and rates.target_ceiling_pct is not null
),

in_order as (
    select
        days.*,
        max(effective_date) over (
            order by known_at, effective_date rows between unbounded preceding and 1 preceding
        ) as newest_before
    from days
),

business_days as (
    select
        calendar_date,
        count(*) over (order by calendar_date) as business_day_number
    from {{ ref('int_calendar') }}
    where is_business_day
),

judged as (
    select
        in_order.effective_date,
        in_order.known_at,
        in_order.basis_rank,
        business_days.business_day_number,
        coalesce(max(thresholds.regime_rank), 1) as observed_rank
    from in_order
    inner join business_days on in_order.effective_date = business_days.calendar_date
    left join {{ ref('stg_policy__regime_thresholds') }} as thresholds
        on
            {% for sign in ['>', '>=', '<', '<='] %}
            {{ 'or' if not loop.first }} (
                thresholds.comparison = '{{ sign }}'
                and case thresholds.measure
                    when 'sofr_minus_iorb_bp' then in_order.sofr_minus_iorb_bp
                    when 'sofr_minus_ceiling_bp' then in_order.sofr_minus_ceiling_bp
                    when 'srf_accepted_usd_bn' then in_order.srf_accepted_usd_bn
                    when 'on_rrp_usd_bn' then in_order.on_rrp_usd_bn
                end {{ sign }} thresholds.threshold
            )
            {% endfor %}
    where in_order.newest_before is null or in_order.effective_date > in_order.newest_before
    group by in_order.effective_date, in_order.known_at, in_order.basis_rank, business_days.business_day_number
),

regimes as (
    select
        regime_rank,
        max(enter_business_days) as enter_business_days,
        max(leave_business_days) as leave_business_days
    from {{ ref('stg_policy__regime_thresholds') }}
    group by regime_rank
),

{{ regime_states() }}

select
    judged.effective_date,
    judged.known_at,
    judged.basis_rank,
    states.held_rank as regime_rank,
    {% for least, word in [('min', 'lowest'), ('max', 'highest')] %}
    {{ least }}(states.held_rank) over (
        order by judged.effective_date rows between 20 preceding and 1 preceding
    ) as {{ word }}_rank_before{{ ',' if not loop.last }}
    {% endfor %}
from judged
inner join states on judged.effective_date = states.effective_date
