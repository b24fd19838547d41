{{ config(severity='warn') }}
-- Each daily source has a row for every Fed business day of the 400 days before its own newest row: a page that was
-- never fetched shows here. Operations follow the securities market, so they are expected where SOFR exists: none
-- was held on Good Friday 2025-04-18. Advisory: a single day may really lack one. Longer ago, histories start at
-- different days.
with present as (
    select 'daily treasury statement' as source_name, record_date as present_date
    from {{ ref('int_tga_daily') }}
    union all
    select 'effective federal funds rate' as source_name, effective_date as present_date
    from {{ ref('stg_nyfed__reference_rates') }}
    where rate_type = 'EFFR'
    union all
    select 'on rrp operation' as source_name, effective_date as present_date
    from {{ ref('int_operations_daily') }}
    where on_rrp_nyfed_usd_bn is not null
    union all
    select 'standing repo operation' as source_name, effective_date as present_date
    from {{ ref('int_operations_daily') }}
    where srf_accepted_usd_bn is not null
),

spans as (
    select source_name, min(present_date) as first_date, max(present_date) as last_date
    from present
    group by source_name
)

select
    spans.source_name,
    calendar.calendar_date as missing_date
from spans
inner join {{ ref('int_calendar') }} as calendar
    on
        calendar.calendar_date between greatest(spans.first_date, spans.last_date - 400) and spans.last_date
        and calendar.is_business_day
left join present
    on spans.source_name = present.source_name and calendar.calendar_date = present.present_date
left join {{ ref('stg_nyfed__reference_rates') }} as sofr
    on calendar.calendar_date = sofr.effective_date and sofr.rate_type = 'SOFR'
where
    present.present_date is null
    and (spans.source_name not like '% operation' or sofr.effective_date is not null)
