-- The FDIC's certificate numbers of the four money-centre banks; ALL is the FDIC's own sum of all institutions.
{% set banks = {
    '628': 'JPMorgan Chase Bank',
    '3510': 'Bank of America',
    '7213': 'Citibank',
    '3511': 'Wells Fargo Bank',
} %}
with reports as (
    select
        report_date as quarter_date,
        case
            {% for cert, name in banks.items() %}
            when cert = '{{ cert }}' then '{{ name }}'
            {% endfor %}
            when cert = 'ALL' then 'All insured institutions'
        end as holder,
        case when cert = 'ALL' then 'industry' else 'bank' end as holder_kind,
        institutions_count,
        treasuries_usd_k / 1e6 as treasuries_usd_bn,
        trading_usd_k / 1e6 as trading_assets_usd_bn,
        assets_usd_k / 1e6 as assets_usd_bn
    from {{ ref('stg_fdic__call_report_treasuries') }}
),

-- Only with all four: a sum of three would read as a sale.
four_banks as (
    select
        quarter_date,
        'Four money-centre banks' as holder,
        'four_banks' as holder_kind,
        count(*) as institutions_count,
        {{ difference_bn('sum(treasuries_usd_bn)') }} as treasuries_usd_bn,
        case
            when count(trading_assets_usd_bn) = 4 then {{ difference_bn('sum(trading_assets_usd_bn)') }}
        end as trading_assets_usd_bn,
        {{ difference_bn('sum(assets_usd_bn)') }} as assets_usd_bn
    from reports
    where holder_kind = 'bank'
    group by quarter_date
    having count(*) = 4
),

holders as (
    select
        quarter_date, holder, holder_kind, institutions_count, treasuries_usd_bn, trading_assets_usd_bn, assets_usd_bn
    from reports
    union all
    select
        quarter_date, holder, holder_kind, institutions_count, treasuries_usd_bn, trading_assets_usd_bn, assets_usd_bn
    from four_banks
),

weekly as (
    select
        observation_date as wednesday_date,
        max(case when series_id = 'B1003NCBD' then value_canonical end) as treasuries_and_agencies_usd_bn,
        max(case when series_id = 'B1302NCBD' then value_canonical end) as treasuries_and_agencies_without_mbs_usd_bn
    from {{ ref('stg_frb__h8') }}
    where series_id in ('B1003NCBD', 'B1302NCBD')
    group by observation_date
)

select
    holders.quarter_date,
    holders.holder,
    holders.holder_kind,
    holders.institutions_count,
    {{ difference_bn('holders.treasuries_usd_bn') }} as treasuries_usd_bn,
    {{ difference_bn('holders.treasuries_usd_bn - a_quarter_ago.treasuries_usd_bn') }} as change_quarter_usd_bn,
    case
        when extract(month from holders.quarter_date) = 9
            then {{ difference_bn('holders.treasuries_usd_bn - a_year_ago.treasuries_usd_bn') }}
    end as change_fiscal_year_usd_bn,
    case
        when extract(month from holders.quarter_date) = 9 then cast(extract(year from holders.quarter_date) as integer)
    end as fiscal_year,
    100 * holders.treasuries_usd_bn / nullif(industry.treasuries_usd_bn, 0) as share_of_industry_pct,
    100 * holders.treasuries_usd_bn / nullif(holders.assets_usd_bn, 0) as share_of_assets_pct,
    {{ difference_bn('holders.trading_assets_usd_bn') }} as trading_assets_usd_bn,
    {{ difference_bn('holders.assets_usd_bn') }} as assets_usd_bn,
    -- The last Wednesday of the quarter is at most 6 days before its end.
    case
        when holders.holder_kind = 'industry' and holders.quarter_date - weekly.wednesday_date <= 6
            then weekly.treasuries_and_agencies_usd_bn
    end as h8_treasuries_and_agencies_usd_bn,
    case
        when holders.holder_kind = 'industry' and holders.quarter_date - weekly.wednesday_date <= 6
            then weekly.treasuries_and_agencies_without_mbs_usd_bn
    end as h8_treasuries_and_agencies_without_mbs_usd_bn,
    case
        when holders.holder_kind = 'industry' and holders.quarter_date - weekly.wednesday_date <= 6
            then weekly.wednesday_date
    end as h8_as_of_date
from holders
left join holders as industry
    on holders.quarter_date = industry.quarter_date and industry.holder_kind = 'industry'
left join holders as a_quarter_ago
    on
        holders.holder = a_quarter_ago.holder
        and date_trunc('quarter', holders.quarter_date)
        = date_trunc('quarter', a_quarter_ago.quarter_date) + interval '3 months'
left join holders as a_year_ago
    on
        holders.holder = a_year_ago.holder
        and date_trunc('quarter', holders.quarter_date)
        = date_trunc('quarter', a_year_ago.quarter_date) + interval '12 months'
{{ asof_left_join('weekly', 'weekly', 'holders.quarter_date', 'wednesday_date') }}
order by holders.quarter_date, holders.holder_kind, holders.holder
