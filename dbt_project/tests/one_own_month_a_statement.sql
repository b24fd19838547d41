-- Every Monthly Treasury Statement names its own month once. A changed label or outline makes it none, the same month
-- of the fiscal year before makes it two, and either would put a wrong deficit into every month.
select
    record_date,
    count(*) filter (where is_statement_month) as own_months
from {{ ref('stg_fiscaldata__mts_table_1') }}
group by record_date
having count(*) filter (where is_statement_month) <> 1
