{% set ofr_series = {
    'tri_party_volume_usd_bn': 'REPO-TRI_TV_TOT-P',
    'tri_party_without_fed_volume_usd_bn': 'REPO-TRIV1_TV_TOT-P',
    'gcf_volume_usd_bn': 'REPO-GCF_TV_TOT-P',
    'gcf_outstanding_usd_bn': 'REPO-GCF_OV_TOT-P',
    'dvp_volume_usd_bn': 'REPO-DVP_TV_TOT-P',
    'dvp_outstanding_usd_bn': 'REPO-DVP_OV_TOT-P',
    'tri_party_rate_pct': 'REPO-TRI_AR_OO-P',
    'tri_party_without_fed_rate_pct': 'REPO-TRIV1_AR_OO-P',
    'gcf_rate_pct': 'REPO-GCF_AR_OO-P',
    'dvp_rate_pct': 'REPO-DVP_AR_OO-P',
} %}
with reference_rates as (
    select
        effective_date,
        max(case when rate_type = 'SOFR' then volume_usd_bn end) as sofr_volume_usd_bn,
        max(case when rate_type = 'BGCR' then volume_usd_bn end) as bgcr_volume_usd_bn,
        max(case when rate_type = 'TGCR' then volume_usd_bn end) as tgcr_volume_usd_bn
    from {{ ref('stg_nyfed__reference_rates') }}
    group by effective_date
),

services as (
    select
        observation_date as effective_date,
        {% for column_name, mnemonic in ofr_series.items() %}
        max(case when mnemonic = '{{ mnemonic }}' then value_canonical end)
            as {{ column_name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_ofr__short_term_funding') }}
    where mnemonic in ('{{ ofr_series.values() | join("', '") }}')
    group by observation_date
),

money_funds as (
    select
        month_date,
        repo_usd_bn,
        repo_with_fed_usd_bn
    from {{ ref('money_fund_allocation_monthly') }}
    where repo_usd_bn is not null
),

first_days as (
    select min(effective_date) as effective_date from reference_rates
    where sofr_volume_usd_bn is not null
    union all
    select min(effective_date) from services
),

days as (
    select calendar_date as effective_date
    from {{ ref('int_calendar') }}
    where is_business_day and is_ahead is not true and calendar_date >= (select min(effective_date) from first_days)
)

select
    days.effective_date,
    reference_rates.sofr_volume_usd_bn,
    reference_rates.bgcr_volume_usd_bn,
    reference_rates.tgcr_volume_usd_bn,
    {{ difference_bn('reference_rates.bgcr_volume_usd_bn - reference_rates.tgcr_volume_usd_bn') }}
        as gcf_part_of_bgcr_usd_bn,
    {{ difference_bn('reference_rates.sofr_volume_usd_bn - reference_rates.bgcr_volume_usd_bn') }}
        as bilateral_part_of_sofr_usd_bn,
    {% for column_name in ofr_series %}
    services.{{ column_name }},
    {% endfor %}
    {{ difference_bn('services.tri_party_volume_usd_bn - services.tri_party_without_fed_volume_usd_bn') }}
        as tri_party_fed_part_usd_bn,
    {{ spread_bp('services.dvp_rate_pct', 'services.tri_party_without_fed_rate_pct') }}
        as dvp_minus_tri_party_without_fed_bp,
    operations.on_rrp_usd_bn,
    -- 45 days: a month's end until the next one, and two weeks of the three that the OFR takes.
    case when days.effective_date - money_funds.month_date <= 45 then money_funds.repo_usd_bn end
        as money_fund_repo_usd_bn,
    case when days.effective_date - money_funds.month_date <= 45 then money_funds.repo_with_fed_usd_bn end
        as money_fund_repo_with_fed_usd_bn,
    case when days.effective_date - money_funds.month_date <= 45 then money_funds.month_date end
        as money_fund_as_of_date
from days
left join reference_rates on days.effective_date = reference_rates.effective_date
left join services on days.effective_date = services.effective_date
left join {{ ref('int_operations_daily') }} as operations on days.effective_date = operations.effective_date
{{ asof_left_join('money_funds', 'money_funds', 'days.effective_date', 'month_date') }}
order by days.effective_date
