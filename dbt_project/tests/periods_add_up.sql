-- Twelve whole months, or four whole quarters, are the year that contains them: a period cut at the wrong day loses or
-- doubles one.
with parts as (
    select
        years.period_kind,
        years.period_start_date,
        parts.period_kind as part_kind,
        count(*) as parts,
        sum(parts.net_issuance_with_accretion_usd_bn) as parts_net_usd_bn,
        sum(parts.gross_issues_ex_accretion_usd_bn) as parts_gross_usd_bn,
        min(years.net_issuance_with_accretion_usd_bn) as net_usd_bn,
        min(years.gross_issues_ex_accretion_usd_bn) as gross_usd_bn
    from {{ ref('treasury_issuance_period') }} as years
    inner join {{ ref('treasury_issuance_period') }} as parts
        on parts.period_start_date >= years.period_start_date and parts.period_end_date <= years.period_end_date
    where
        years.is_complete
        and years.period_kind in ('calendar_year', 'fiscal_year')
        and parts.period_kind in ('calendar_month', 'calendar_quarter')
    group by 1, 2, 3
)

select *
from parts
where
    parts <> case part_kind when 'calendar_month' then 12 else 4 end
    or abs(parts_net_usd_bn - net_usd_bn) > 0.001
    or abs(parts_gross_usd_bn - gross_usd_bn) > 0.001
