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

{#- Number of the month that an English name means; null for any other word. -#}
{% macro month_number(name) -%}
    month(try_strptime({{ name }}, '%B'))
{%- endmacro %}

{#- Whole numbers from first to last, both included, one row each. -#}
{% macro whole_numbers(first, last) -%}
    unnest(generate_series(cast({{ first }} as bigint), cast({{ last }} as bigint)))
{%- endmacro %}

{#-
    A whole number from 0 to 2^48 - 1 out of a text: its first twelve hex digits of MD5. The same in every version of
    every engine, unlike an engine's own hash or random numbers.
-#}
{% macro number_from_text(text) -%}
    cast('0x' || substr(md5({{ text }}), 1, 12) as bigint)
{%- endmacro %}

{#- Quantile by linear interpolation between neighbours; nulls do not count. -#}
{% macro quantile(value, share) -%}
    percentile_cont({{ share }}) within group (order by {{ value }})
{%- endmacro %}

{#- An hour of a day in New York as UTC; daylight saving time counts. -#}
{% macro new_york_to_utc(day, hour) -%}
    timezone('UTC', timezone('America/New_York', cast({{ day }} as timestamp) + interval {{ hour }} hour))
{%- endmacro %}

{#- The day in New York of a moment in UTC; daylight saving time counts. -#}
{% macro new_york_date(moment) -%}
    cast(timezone('America/New_York', timezone('UTC', {{ moment }})) as date)
{%- endmacro %}
