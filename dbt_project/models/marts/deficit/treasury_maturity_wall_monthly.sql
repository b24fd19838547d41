-- What falls due after each statement of the public debt. The amount of a CUSIP is in one of its tranches only, so the
-- empty ones add nothing; lines of totals have no maturity date and drop out, but for those of matured debt.
-- What falls due on a weekend at the month's end is paid on the next business day, in the following month. No CUSIP row has
-- it any more: it is only in the total of matured debt of its class, with old securities never presented for payment.
with lines as (
    select
        record_date,
        maturity_date,
        maturity_date is null
        and (lower(security_class2_desc) like 'total matured %' or lower(security_class2_desc) like 'matured %')
            as is_matured,
        -- Bills were under another heading in older statements.
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
    from {{ ref('stg_fiscaldata__mspd_table_3_market') }}
    where outstanding_usd_mn is not null
),

due as (
    select
        record_date,
        case when is_matured then record_date + 1 else maturity_date end as due_date,
        is_matured,
        security_class,
        outstanding_usd_mn
    from lines
    where is_matured or maturity_date > record_date
),

by_month as (
    select
        record_date as statement_date,
        last_day(due_date) as maturity_month_date,
        security_class,
        count(*) filter (where not is_matured) as securities_count,
        {{ difference_bn(usd_mn_to_bn('sum(outstanding_usd_mn)')) }} as falling_due_usd_bn,
        {{ difference_bn(usd_mn_to_bn('coalesce(sum(outstanding_usd_mn) filter (where is_matured), 0)')) }}
            as matured_usd_bn
    from due
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
    matured_usd_bn,
    {{ difference_bn('sum(falling_due_usd_bn) over (partition by statement_date)') }} as statement_total_usd_bn,
    {{ difference_bn(
        'sum(falling_due_usd_bn) over (partition by statement_date, security_class order by maturity_month_date)'
    ) }} as cumulative_of_class_usd_bn
from by_month
order by statement_date, maturity_month_date, security_class
