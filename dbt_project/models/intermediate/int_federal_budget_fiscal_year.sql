-- Receipts, outlays and deficit of each fiscal year: the row Year-to-Date of the newest statement that has it. The statement
-- of September prints the first figure of the whole year, those of the next year restate it. A year of which no statement
-- is held whole comes from FRED's copy (a deficit is negative there), which has no first prints.
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
),

printed as (
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
),

copied as (
    select
        cast(year(observation_date) as integer) as fiscal_year,
        -value_canonical as deficit_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'FYFSD'
),

-- A year printed in part only gives way to a copy of the whole.
kept as (
    select * from printed
    where months_count = 12 or fiscal_year not in (select fiscal_year from copied)
)

select
    coalesce(kept.fiscal_year, copied.fiscal_year) as fiscal_year,
    kept.statement_date,
    coalesce(kept.months_count, 12) as months_count,
    kept.receipts_usd_bn,
    kept.outlays_usd_bn,
    coalesce(kept.deficit_usd_bn, {{ difference_bn('copied.deficit_usd_bn') }}) as deficit_usd_bn,
    kept.deficit_first_print_usd_bn
from kept
full outer join copied on kept.fiscal_year = copied.fiscal_year
