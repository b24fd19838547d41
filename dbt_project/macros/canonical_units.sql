{#- Generated from the catalog by `liquidity generate`; do not edit.
    A unit that is not listed gives null, and the check of value_canonical fails. -#}
{% macro canonical_value(value, unit) -%}
    case {{ unit }}
        when 'usd' then {{ value }} / 1e9
        when 'usd_k' then {{ value }} / 1e6
        when 'usd_mn' then {{ value }} / 1e3
        when 'usd_bn' then {{ value }}
        when 'pct' then {{ value }}
        when 'contracts' then {{ value }}
        when 'count' then {{ value }}
        when 'days' then {{ value }}
        when 'ratio' then {{ value }}
        when 'index' then {{ value }}
        when 'btc' then {{ value }}
        when 'usd_per_btc' then {{ value }}
        when 'usd_per_ozt' then {{ value }}
        when 'jpy_per_usd' then {{ value }}
    end
{%- endmacro %}

{% macro canonical_unit(unit) -%}
    case
        when {{ unit }} in ('usd', 'usd_k', 'usd_mn', 'usd_bn') then 'usd_bn'
        else {{ unit }}
    end
{%- endmacro %}
