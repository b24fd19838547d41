{#- A value of an alert rule as its message prints it: in_words, but counts are whole numbers. -#}
{% macro alert_in_words(value, unit) -%}
    case when {{ unit }} = 'count' then {{ figure(value, 0) }} else {{ in_words(value, unit) }} end
{%- endmacro %}
