-- Everything that falls due, with what matured and is not yet paid, adds up to the marketable debt that the statement itself
-- prints, the Federal Financing Bank's apart: it has no maturity date. 2023-09-30: 25,748.2 + 5.5 = 25,753.7 billion, to half
-- a million; an asterisk means less than that. A lost page, tranches added up, or a weekend's maturities missing (135
-- billion that day) break it by far more than 0.1 billion.
with wall as (
    select
        statement_date,
        sum(falling_due_usd_bn) as wall_usd_bn
    from {{ ref('treasury_maturity_wall_monthly') }}
    group by statement_date
),

stated as (
    select
        record_date,
        count(*) filter (where security_class1_desc = 'Total Marketable') as totals,
        {{ usd_mn_to_bn("sum(outstanding_usd_mn) filter (where security_class1_desc = 'Total Marketable')") }}
            as marketable_usd_bn,
        {{ usd_mn_to_bn("coalesce(sum(outstanding_usd_mn) filter (
            where security_class1_desc like 'Federal Financing Bank%' and maturity_date is null
        ), 0)") }} as financing_bank_usd_bn
    from {{ ref('stg_fiscaldata__mspd_table_3_market') }}
    group by record_date
)

select
    stated.record_date,
    stated.totals,
    wall.wall_usd_bn,
    stated.financing_bank_usd_bn,
    stated.marketable_usd_bn
from stated
left join wall on stated.record_date = wall.statement_date
where
    stated.totals <> 1
    or coalesce(abs(wall.wall_usd_bn + stated.financing_bank_usd_bn - stated.marketable_usd_bn) > 0.1, true)
