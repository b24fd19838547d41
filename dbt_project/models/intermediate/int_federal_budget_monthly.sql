-- Receipts, outlays and deficit of each month as the last statement that prints it has them: later statements restate
-- earlier months, those of the fiscal year before too. The figure printed in the month's statement is kept too.
-- A month that no statement held prints comes from FRED's copy (a deficit is negative there), which has no first prints.
with lines as (
    select
        record_date,
        month_date,
        fiscal_year,
        {{ usd_to_bn('gross_receipts_usd') }} as receipts_usd_bn,
        {{ usd_to_bn('gross_outlays_usd') }} as outlays_usd_bn,
        {{ usd_to_bn('deficit_usd') }} as deficit_usd_bn,
        is_statement_month
    from {{ ref('stg_fiscaldata__mts_table_1') }}
    where month_date is not null and deficit_usd is not null
),

printed as (
    select
        month_date,
        fiscal_year,
        max(record_date) as statement_date,
        {{ last_by('receipts_usd_bn', 'record_date') }} as receipts_usd_bn,
        {{ last_by('outlays_usd_bn', 'record_date') }} as outlays_usd_bn,
        {{ last_by('deficit_usd_bn', 'record_date') }} as deficit_usd_bn,
        max(deficit_usd_bn) filter (where is_statement_month) as deficit_first_print_usd_bn
    from lines
    group by month_date, fiscal_year
),

copied as (
    select
        last_day(observation_date) as month_date,
        cast(year(observation_date + interval 3 month) as integer) as fiscal_year,
        -value_canonical as deficit_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'MTSDS133FMS'
)

select
    coalesce(printed.month_date, copied.month_date) as month_date,
    coalesce(printed.fiscal_year, copied.fiscal_year) as fiscal_year,
    printed.statement_date,
    printed.receipts_usd_bn,
    printed.outlays_usd_bn,
    coalesce(printed.deficit_usd_bn, {{ difference_bn('copied.deficit_usd_bn') }}) as deficit_usd_bn,
    printed.deficit_first_print_usd_bn
from printed
full outer join copied on printed.month_date = copied.month_date
