-- Receipts, outlays and deficit of each month as the last statement that prints it has them: later statements restate
-- earlier months, those of the fiscal year before too. What the month's own statement had printed stands beside it.
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
)

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
