{#- Whole dollars to billions. -#}
{% macro usd_to_bn(column_name) -%}
    {{ column_name }} / 1e9
{%- endmacro %}

{#- Millions of dollars to billions. -#}
{% macro usd_mn_to_bn(column_name) -%}
    {{ column_name }} / 1e3
{%- endmacro %}

{#- Difference of two rates in basis points. Rates have two decimals, so the rounding removes only binary dust. -#}
{% macro spread_bp(rate, reference) -%}
    round(({{ rate }} - {{ reference }}) * 100, 4)
{%- endmacro %}

{#- Difference of amounts in billions, to the thousand dollars: sources print millions, the rest is binary dust. -#}
{% macro difference_bn(expression) -%}
    round({{ expression }}, 6)
{%- endmacro %}
