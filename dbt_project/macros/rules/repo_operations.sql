{#- Whether a judged operation is one of the standing repo facility. -#}
{% macro is_standing_repo() -%}
    judged.operation_type = 'Repo' and judged.policy_regime is not null
{%- endmacro %}

{#- Take-up of a day, an aggregate over its operations. Half a day is not a small day: until as many operations are known as
    the rules of the day have, it is null. -#}
{% macro srf_take_up_usd_bn() -%}
    case
        when
            count(case when is_standing_repo and not is_exercise then operation_id end)
            >= max(case when policy_regime in ('two_daily_operations', 'full_allotment') then 2 else 1 end)
            then {{ difference_bn('sum(case when is_standing_repo and not is_exercise then accepted_usd_bn end)') }}
    end
{%- endmacro %}

{#- Reverse repo of a day, an aggregate over its operations. -#}
{% macro on_rrp_of_operations_usd_bn() -%}
    {{ difference_bn("sum(
        case
            when operation_type = 'Reverse Repo' and term = 'Overnight' and not is_exercise then accepted_usd_bn
        end
    )") }}
{%- endmacro %}

{#- What is lent overnight and outstanding on a Wednesday; the query has the aliases `calendar` and `operations`. -#}

{#- On a Wednesday holiday what was lent overnight on the business day before is still outstanding. -#}
{% macro lending_day(wednesday) -%}
    case when calendar.is_business_day then {{ wednesday }} else calendar.previous_business_date end
{%- endmacro %}

{#- No facility before 2021-07-29: its level was zero, not unknown. -#}
{% macro standing_repo_on(wednesday) -%}
    case when {{ wednesday }} < date '2021-07-29' then 0 else operations.srf_accepted_usd_bn end
{%- endmacro %}
