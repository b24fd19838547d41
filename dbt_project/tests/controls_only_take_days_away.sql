-- Every control leaves fewer days than the whole window, no cell grows by it, and a higher threshold of take-up finds no
-- more take-up days.
select
    study.sample_window,
    study.control,
    study.sofr_threshold_bp,
    study.take_up_threshold_usd_bn,
    study.days_count,
    whole.days_count as whole_days_count
from {{ ref('srf_event_study') }} as study
inner join {{ ref('srf_event_study') }} as whole
    on
        study.sample_window = whole.sample_window
        and study.sofr_threshold_bp = whole.sofr_threshold_bp
        and study.take_up_threshold_usd_bn >= whole.take_up_threshold_usd_bn
where
    whole.control = 'all_days'
    and (
        (study.control <> 'all_days' and study.days_count > whole.days_count)
        or study.both_days_count > whole.both_days_count
        or study.both_days_count + study.only_take_up_days_count
        > whole.both_days_count + whole.only_take_up_days_count
        or study.last_date > whole.last_date
    )
