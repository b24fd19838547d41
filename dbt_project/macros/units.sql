{#-
    Units. The words are those of ingest.catalog.Unit; amounts become billions of US dollars, everything else stands for
    itself. A unit that is not listed gives null, which the not_null test on value_canonical turns red.
-#}
{% macro canonical_value(value, unit) -%}
    case {{ unit }}
        when 'usd' then {{ value }} / 1e9
        when 'usd_k' then {{ value }} / 1e6
        when 'usd_mn' then {{ value }} / 1e3
        when 'usd_bn' then {{ value }}
        when 'pct' then {{ value }}
        when 'index' then {{ value }}
        when 'count' then {{ value }}
        when 'ratio' then {{ value }}
        when 'usd_per_btc' then {{ value }}
        when 'usd_per_ozt' then {{ value }}
    end
{%- endmacro %}

{% macro canonical_unit(unit) -%}
    case when {{ unit }} in ('usd', 'usd_k', 'usd_mn', 'usd_bn') then 'usd_bn' else {{ unit }} end
{%- endmacro %}

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
