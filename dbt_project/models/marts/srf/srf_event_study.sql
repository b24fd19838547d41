with tight_cash as (
    select
        max(threshold) filter (where rule_name = 'sofr_near_ceiling') as sofr_threshold_bp,
        max(threshold) filter (where rule_name = 'srf_take_up') as take_up_threshold_usd_bn
    from {{ ref('stg_policy__regime_thresholds') }}
),

cells as (
    select
        sample_window,
        control,
        sofr_threshold_bp,
        take_up_threshold_usd_bn,
        min(effective_date) as first_date,
        max(effective_date) as last_date,
        count(*) as days_count,
        count(case when is_take_up and is_sofr_near then 1 end) as both_days_count,
        count(case when is_take_up and not is_sofr_near then 1 end) as only_take_up_days_count,
        count(case when is_sofr_near and not is_take_up then 1 end) as only_sofr_days_count,
        count(case when not is_sofr_near and not is_take_up then 1 end) as neither_days_count
    from {{ ref('int_srf_event_days') }}
    group by sample_window, control, sofr_threshold_bp, take_up_threshold_usd_bn
),

rates as (
    select
        sample_window,
        control,
        sofr_threshold_bp,
        take_up_threshold_usd_bn,
        -- A ratio over no days is unknown, not nought.
        both_days_count / nullif(both_days_count + only_take_up_days_count, 0) as recall_ratio,
        both_days_count / nullif(both_days_count + only_sofr_days_count, 0) as precision_ratio,
        (both_days_count + only_sofr_days_count) / days_count as sofr_base_ratio,
        (both_days_count + only_take_up_days_count) / days_count as take_up_base_ratio
    from cells
)

select
    cells.sample_window,
    cells.sofr_threshold_bp,
    cells.take_up_threshold_usd_bn,
    cells.sofr_threshold_bp = tight_cash.sofr_threshold_bp
    and cells.take_up_threshold_usd_bn = tight_cash.take_up_threshold_usd_bn as is_tight_cash_pair,
    cells.control,
    cells.first_date,
    cells.last_date,
    cells.days_count,
    cells.both_days_count,
    cells.only_take_up_days_count,
    cells.only_sofr_days_count,
    cells.neither_days_count,
    rates.recall_ratio,
    bootstrap.recall_low_ratio,
    bootstrap.recall_high_ratio,
    rates.precision_ratio,
    bootstrap.precision_low_ratio,
    bootstrap.precision_high_ratio,
    coalesce(bootstrap.recall_replications_count, 0) as recall_replications_count,
    coalesce(bootstrap.precision_replications_count, 0) as precision_replications_count,
    rates.sofr_base_ratio,
    rates.take_up_base_ratio,
    round(rates.recall_ratio / nullif(rates.sofr_base_ratio, 0), 4) as lift_ratio,
    coalesce(placebo.placebo_shifts_count, 0) as placebo_shifts_count,
    placebo.placebo_mean_recall_ratio,
    placebo.placebo_high_recall_ratio,
    placebo.placebo_highest_recall_ratio,
    placebo.placebo_reaching_ratio,
    coalesce(placebo.named_shifts_count, 0) as named_shifts_count,
    placebo.named_placebo_mean_recall_ratio,
    placebo.named_placebo_highest_recall_ratio
from cells
inner join rates
    on
        cells.sample_window = rates.sample_window
        and cells.control = rates.control
        and cells.sofr_threshold_bp = rates.sofr_threshold_bp
        and cells.take_up_threshold_usd_bn = rates.take_up_threshold_usd_bn
cross join tight_cash
{% for model in ['bootstrap', 'placebo'] %}
left join {{ ref('int_srf_event_' ~ model) }} as {{ model }}
    on
        cells.sample_window = {{ model }}.sample_window
        and cells.control = {{ model }}.control
        and cells.sofr_threshold_bp = {{ model }}.sofr_threshold_bp
        and cells.take_up_threshold_usd_bn = {{ model }}.take_up_threshold_usd_bn
{% endfor %}
order by cells.sample_window, cells.sofr_threshold_bp, cells.take_up_threshold_usd_bn, cells.control
