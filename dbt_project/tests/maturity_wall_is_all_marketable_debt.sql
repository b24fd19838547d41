{{ config(severity='warn') }}  -- no body of the security table was recorded to prove the tolerance on
-- Everything that falls due adds up to the marketable debt of the summary table, the Federal Financing Bank's apart: it is
-- marketable and has no maturity date. A lost page, or tranches added up, breaks it by far more than 0.5 %; matured and
-- unclaimed debt, which never falls due again, is less.
with wall as (
    select
        statement_date,
        sum(falling_due_usd_bn) as wall_usd_bn
    from {{ ref('treasury_maturity_wall_monthly') }}
    group by statement_date
),

summary as (
    select
        record_date,
        {{ usd_mn_to_bn("sum(case when security_type_desc = 'Total Marketable' then total_usd_mn
            when security_type_desc = 'Marketable' and security_class_desc = 'Federal Financing Bank' then -total_usd_mn
            else 0 end)") }} as marketable_usd_bn
    from {{ ref('stg_fiscaldata__mspd_table_1') }}
    group by record_date
)

select
    wall.statement_date,
    wall.wall_usd_bn,
    summary.marketable_usd_bn
from wall
inner join summary on wall.statement_date = summary.record_date
where abs(wall.wall_usd_bn - summary.marketable_usd_bn) > 0.005 * summary.marketable_usd_bn
