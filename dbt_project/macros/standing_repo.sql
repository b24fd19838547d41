{#- What is lent overnight and outstanding on a Wednesday; the query has the aliases `calendar` and `operations`. -#}

{#- On a Wednesday holiday what was lent overnight on the business day before is still outstanding. -#}
{% macro lending_day(wednesday) -%}
    case when calendar.is_business_day then {{ wednesday }} else calendar.previous_business_date end
{%- endmacro %}

{#- No facility before 2021-07-29: its level was zero, not unknown. -#}
{% macro standing_repo_on(wednesday) -%}
    case when {{ wednesday }} < date '2021-07-29' then 0 else operations.srf_accepted_usd_bn end
{%- endmacro %}
