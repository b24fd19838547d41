-- What falls due after each statement of the public debt. The amount of a CUSIP stands in one of its tranches only, so the
-- empty ones add nothing; lines of totals have no maturity date and drop out.
-- What fell due on a weekend before the statement is paid on the next business day, which is in the following month.
with securities as (
    select
        securities.record_date,
        greatest(securities.maturity_date, securities.record_date + 1) as maturity_date,
        -- Bills stood under another heading in older statements.
        case
            when security_class1_desc like 'Bills%' then 'bills'
            when security_class1_desc = 'Notes' then 'notes'
            when security_class1_desc = 'Bonds' then 'bonds'
            when
                security_class1_desc like '%Inflation-Protected%' or security_class1_desc like '%Inflation-Indexed%'
                then 'tips'
            when security_class1_desc like 'Floating Rate%' then 'frns'
            else 'other'
        end as security_class,
        -- Hundreds of dollars: as decimals their sum is exact, in whatever order, and its rounding always the same.
        cast(outstanding_usd_mn as decimal(18, 4)) as outstanding_usd_mn
    from {{ ref('stg_fiscaldata__mspd_table_3_market') }} as securities
    inner join {{ ref('int_calendar') }} as calendar on securities.record_date = calendar.calendar_date
    where
        securities.outstanding_usd_mn is not null
        and securities.maturity_date > case
            when calendar.is_business_day then calendar.calendar_date else calendar.previous_business_date
        end
),

by_month as (
    select
        record_date as statement_date,
        last_day(maturity_date) as maturity_month_date,
        security_class,
        count(*) as securities_count,
        {{ difference_bn(usd_mn_to_bn('sum(outstanding_usd_mn)')) }} as falling_due_usd_bn
    from securities
    group by 1, 2, 3
)

select
    statement_date,
    maturity_month_date,
    security_class,
    cast(
        12 * (year(maturity_month_date) - year(statement_date)) + month(maturity_month_date) - month(statement_date)
        as integer
    ) as months_ahead_count,
    cast(securities_count as integer) as securities_count,
    falling_due_usd_bn,
    {{ difference_bn('sum(falling_due_usd_bn) over (partition by statement_date)') }} as statement_total_usd_bn,
    {{ difference_bn(
        'sum(falling_due_usd_bn) over (partition by statement_date, security_class order by maturity_month_date)'
    ) }} as cumulative_of_class_usd_bn
from by_month
order by statement_date, maturity_month_date, security_class
