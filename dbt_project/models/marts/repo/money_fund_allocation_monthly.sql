{% set holdings = {
    'total_usd_bn': 'TOT',
    'treasuries_usd_bn': 'T_TOT',
    'repo_usd_bn': 'RP_TOT',
    'repo_with_fed_usd_bn': 'RP_wFR',
    'repo_with_ficc_usd_bn': 'RP_wFICC',
    'repo_with_domestic_financial_usd_bn': 'RP_wDFI',
    'repo_with_foreign_financial_usd_bn': 'RP_wFFI',
    'repo_with_others_usd_bn': 'RP_wOCP',
    'repo_against_treasuries_usd_bn': 'RP_T_TOT',
    'repo_against_agencies_usd_bn': 'RP_AG_TOT',
    'repo_against_other_usd_bn': 'RP_OA_TOT',
} %}
with months as (
    select
        observation_date as month_date,
        {% for column_name, holding in holdings.items() %}
        max(case when mnemonic = 'MMF-MMF_{{ holding }}-M' then value_canonical end)
            as {{ column_name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_ofr__short_term_funding') }}
    where mnemonic like 'MMF-MMF\_%-M' escape '\'
    group by observation_date
)

-- Months without a figure for repo with the Fed are not months of zero: what needs it stays null there.
select
    month_date,
    {% for column_name in holdings %}
    {{ column_name }},
    {% endfor %}
    {{ difference_bn('repo_usd_bn - repo_with_fed_usd_bn') }} as repo_without_fed_usd_bn,
    {{ difference_bn('repo_usd_bn - repo_with_fed_usd_bn - repo_with_ficc_usd_bn') }}
        as repo_without_fed_and_ficc_usd_bn,
    {{ difference_bn('total_usd_bn - treasuries_usd_bn - repo_usd_bn') }} as everything_else_usd_bn,
    100 * treasuries_usd_bn / total_usd_bn as treasuries_share_pct,
    100 * repo_usd_bn / total_usd_bn as repo_share_pct,
    100 * repo_with_fed_usd_bn / total_usd_bn as repo_with_fed_share_pct,
    100 * repo_with_ficc_usd_bn / total_usd_bn as repo_with_ficc_share_pct
from months
where total_usd_bn is not null
order by month_date
