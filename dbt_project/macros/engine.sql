{#- The SQL that another engine would spell differently. Models call these and stay portable. -#}

{#- Latest row of `relation` on or before a date: one match or none. The caller bounds its age. -#}
{% macro asof_left_join(relation, alias, on_date, its_date) -%}
    asof left join {{ relation }} as {{ alias }} on {{ on_date }} >= {{ alias }}.{{ its_date }}
{%- endmacro %}

{#- Value in the row with the smallest / largest `ordering`, as an aggregate. -#}
{% macro first_by(value, ordering) -%}
    arg_min({{ value }}, {{ ordering }})
{%- endmacro %}

{% macro last_by(value, ordering) -%}
    arg_max({{ value }}, {{ ordering }})
{%- endmacro %}

{#- Last non-null value up to the current row. -#}
{% macro last_known(value, partition_by, order_by) -%}
    last_value({{ value }} ignore nulls) over (
        partition by {{ partition_by }} order by {{ order_by }} rows between unbounded preceding and current row
    )
{%- endmacro %}

{#- One row per calendar day from first_date to last_date, both included. -#}
{% macro calendar_days(first_date, last_date) -%}
    unnest(generate_series(cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval 1 day))
{%- endmacro %}

{#- Whether a note names a small value exercise: in full, or as the word SVE. -#}
{% macro names_exercise(note) -%}
    regexp_matches(coalesce({{ note }}, ''), '(?i)small[- ]value|\bSVE\b')
{%- endmacro %}

{#- English name of the month of a date. -#}
{% macro month_name(day) -%}
    monthname({{ day }})
{%- endmacro %}
