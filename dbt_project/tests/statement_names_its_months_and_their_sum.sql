-- Every Monthly Treasury Statement names all months of the fiscal year before, those of this year so far, its own month once,
-- and under each block their sum. A changed label or outline breaks it and would put a wrong deficit into a month or year;
-- amounts were printed in millions once, so twelve of them may miss their sum by six.
with blocks as (
    select
        record_date,
        fiscal_year,
        count(month_date) as months,
        count(distinct month_date) as different_months,
        count(*) filter (where is_statement_month) as own_months,
        count(*) filter (where is_year_to_date) as sums,
        sum(deficit_usd) filter (where month_date is not null) as months_deficit_usd,
        max(deficit_usd) filter (where is_year_to_date) as stated_deficit_usd
    from {{ ref('stg_fiscaldata__mts_table_1') }}
    group by record_date, fiscal_year
),

-- Each block is expected, so that one that is missing shows too.
expected as (
    select
        record_date,
        max(fiscal_year) - block as fiscal_year,
        block,
        case block when 1 then 12 else (month(record_date) + 2) % 12 + 1 end as months_due
    from blocks
    cross join (select 0 as block union all select 1)
    group by record_date, block
)

select
    expected.record_date,
    expected.fiscal_year,
    expected.months_due,
    blocks.months,
    blocks.own_months,
    blocks.sums,
    blocks.months_deficit_usd,
    blocks.stated_deficit_usd
from expected
left join blocks on expected.record_date = blocks.record_date and expected.fiscal_year = blocks.fiscal_year
where
    blocks.months is distinct from expected.months_due
    or blocks.different_months is distinct from expected.months_due
    or blocks.own_months is distinct from 1 - expected.block
    or blocks.sums is distinct from 1
    or coalesce(abs(blocks.months_deficit_usd - blocks.stated_deficit_usd) > 6e6, true)
