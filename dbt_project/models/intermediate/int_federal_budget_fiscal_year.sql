-- Receipts, outlays and deficit of each fiscal year: the row Year-to-Date of the newest statement that has it. The statement
-- of September prints the first figure of the whole year, those of the next year restate it.
with blocks as (
    select
        record_date,
        fiscal_year,
        count(month_date) as months_count,
        {{ usd_to_bn('max(gross_receipts_usd) filter (where is_year_to_date)') }} as receipts_usd_bn,
        {{ usd_to_bn('max(gross_outlays_usd) filter (where is_year_to_date)') }} as outlays_usd_bn,
        {{ usd_to_bn('max(deficit_usd) filter (where is_year_to_date)') }} as deficit_usd_bn
    from {{ ref('stg_fiscaldata__mts_table_1') }}
    where (month_date is not null or is_year_to_date) and deficit_usd is not null
    group by record_date, fiscal_year
    having count(*) filter (where is_year_to_date) = 1
)

select
    fiscal_year,
    max(record_date) as statement_date,
    cast({{ last_by('months_count', 'record_date') }} as integer) as months_count,
    {{ last_by('receipts_usd_bn', 'record_date') }} as receipts_usd_bn,
    {{ last_by('outlays_usd_bn', 'record_date') }} as outlays_usd_bn,
    {{ last_by('deficit_usd_bn', 'record_date') }} as deficit_usd_bn,
    max(deficit_usd_bn) filter (where record_date = make_date(fiscal_year, 9, 30)) as deficit_first_print_usd_bn
from blocks
group by fiscal_year
