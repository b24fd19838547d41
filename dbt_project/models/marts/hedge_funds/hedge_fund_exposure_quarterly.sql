{% set measures = {
    'net_assets_usd_bn': 'FPF-ALLQHF_NAV_SUM',
    'gross_assets_usd_bn': 'FPF-ALLQHF_GAV_SUM',
    'repo_borrowing_usd_bn': 'FPF-BORROW_REPO_SUM',
    'prime_broker_borrowing_usd_bn': 'FPF-BORROW_PRIMEBROKER_SUM',
    'other_secured_borrowing_usd_bn': 'FPF-BORROW_OTHERSECURED_SUM',
    'repo_exposure_usd_bn': 'FPF-ASSETCLASS_REPO_REPO_SUM',
    'reverse_repo_exposure_usd_bn': 'FPF-ASSETCLASS_REPO_REVERSEREPO_SUM',
    'treasuries_long_usd_bn': 'FPF-ASSETCLASS_LTREASURY_SUM',
    'treasuries_short_usd_bn': 'FPF-ASSETCLASS_STREASURY_SUM',
} %}
with quarters as (
    select
        observation_date as quarter_date,
        {% for column_name, mnemonic in measures.items() %}
        max(case when mnemonic = '{{ mnemonic }}' then value_canonical end)
            as {{ column_name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_ofr__hedge_fund_monitor') }}
    where mnemonic in ('{{ measures.values() | join("', '") }}')
    group by observation_date
)

select
    quarters.quarter_date,
    {% for column_name in measures %}
    quarters.{{ column_name }},
    {% endfor %}
    {{ difference_bn('quarters.treasuries_long_usd_bn - quarters.treasuries_short_usd_bn') }} as treasuries_net_usd_bn,
    quarters.gross_assets_usd_bn / nullif(quarters.net_assets_usd_bn, 0) as gross_to_net_assets_ratio,
    {{ difference_bn('quarters.repo_borrowing_usd_bn - a_quarter_ago.repo_borrowing_usd_bn') }}
        as repo_borrowing_change_usd_bn,
    {{ difference_bn('quarters.treasuries_long_usd_bn - a_quarter_ago.treasuries_long_usd_bn') }}
        as treasuries_long_change_usd_bn,
    -- Reports are a week apart, 8 days around holidays.
    case when quarters.quarter_date - futures.report_date <= 8 then futures.short_usd_bn end as futures_short_usd_bn,
    case when quarters.quarter_date - futures.report_date <= 8 then futures.net_usd_bn end as futures_net_usd_bn,
    case when quarters.quarter_date - futures.report_date <= 8 then futures.report_date end as futures_as_of_date
from quarters
left join quarters as a_quarter_ago
    on
        date_trunc('quarter', quarters.quarter_date)
        = date_trunc('quarter', a_quarter_ago.quarter_date) + interval '3 months'
{{ asof_left_join(ref('basis_trade_total_weekly'), 'futures', 'quarters.quarter_date', 'report_date') }}
order by quarters.quarter_date
