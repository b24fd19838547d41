-- The Treasury's releases state the cash of the quarter before in whole billions: the closing balance of the Daily Treasury
-- Statement, rounded (27 of 27 quarters of 2018 to 2026). A day late, another account or another unit breaks it.
with quarters as (
    select
        last_day(date_trunc('quarter', record_date) + interval 2 month) as quarter_end_date,
        max(record_date) as last_record_date,
        {{ last_by('closing_balance_usd_bn', 'record_date') }} as closing_balance_usd_bn
    from {{ ref('int_tga_daily') }}
    group by 1
)

select
    quarters.last_record_date,
    quarters.closing_balance_usd_bn,
    stated.value_usd_bn as stated_usd_bn
from quarters
inner join {{ ref('stg_policy__treasury_borrowing_estimates') }} as stated
    on quarters.quarter_end_date = stated.period_end_date
where
    stated.measure = 'end_of_quarter_cash_balance_actual'
    -- Only of a quarter whose last days are held.
    and quarters.last_record_date >= quarters.quarter_end_date - 3
    and abs(quarters.closing_balance_usd_bn - stated.value_usd_bn) > 0.5
