{{ config(severity='warn') }}
-- Opening balance = closing balance of the business day before, exactly, across both changes of the statement's
-- layout. Advisory: one missing statement makes the next opening look wrong.
select
    today.record_date,
    today.opening_balance_usd_bn,
    yesterday.record_date as previous_record_date,
    yesterday.closing_balance_usd_bn as previous_closing_balance_usd_bn
from {{ ref('int_tga_daily') }} as today
inner join {{ ref('int_calendar') }} as calendar on today.record_date = calendar.calendar_date
inner join {{ ref('int_tga_daily') }} as yesterday on calendar.previous_business_date = yesterday.record_date
where abs(today.opening_balance_usd_bn - yesterday.closing_balance_usd_bn) > 1e-9
