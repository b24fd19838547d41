{#- One row of a pair of publishers: its name, the date, both values in the unit of the pair. -#}
{% macro pair(name, effective_date, first_value, second_value) -%}
    select
        '{{ name }}' as pair,
        {{ effective_date }} as effective_date,
        {{ first_value }} as first_value,
        {{ second_value }} as second_value
{%- endmacro %}
