{#- Dated facts of policy rates by the name that models give a rate: rate_name, effective_date, known_date, rate_pct,
    is_verified. IOER is what the interest on reserves was called until 2021-07-28. -#}
{% macro policy_rate_facts() -%}
select 'target_floor' as rate_name, effective_date, known_date, lower_pct as rate_pct, is_verified
from {{ ref('stg_policy__fomc_target_range') }}
union all
select 'target_ceiling' as rate_name, effective_date, known_date, upper_pct as rate_pct, is_verified
from {{ ref('stg_policy__fomc_target_range') }}
union all
select
    case rate_name
        when 'SRF_MIN_BID' then 'srf_minimum_bid'
        when 'ON_RRP_AWARD' then 'on_rrp_award'
        when 'PRIMARY_CREDIT' then 'primary_credit'
        when 'IORB' then 'iorb'
        when 'IOER' then 'iorb'
    end as rate_name,
    effective_date,
    known_date,
    rate_pct,
    is_verified
from {{ ref('stg_policy__administered_rates') }}
{%- endmacro %}
