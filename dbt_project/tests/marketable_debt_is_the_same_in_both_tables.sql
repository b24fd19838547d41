{{ config(severity='warn') }}  -- the two tables of one month were not recorded together
-- Both tables of one statement of the public debt print the same total of marketable debt.
select
    securities.record_date,
    securities.outstanding_usd_mn as securities_usd_mn,
    summary.total_usd_mn as summary_usd_mn
from {{ ref('stg_fiscaldata__mspd_table_3_market') }} as securities
inner join {{ ref('stg_fiscaldata__mspd_table_1') }} as summary
    on securities.record_date = summary.record_date and summary.security_type_desc = 'Total Marketable'
where
    securities.security_class1_desc = 'Total Marketable'
    and abs(securities.outstanding_usd_mn - summary.total_usd_mn) > 100
