{#- A value of an alert rule as its message prints it: in_words, but counts are whole numbers. -#}
{% macro alert_in_words(value, unit) -%}
    case when {{ unit }} = 'count' then format('{:,.0f}', {{ value }}) else {{ in_words(value, unit) }} end
{%- endmacro %}
