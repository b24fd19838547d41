{#-
    The SQL that another engine spells differently. Models call these and stay portable. The target `work` is DuckDB;
    the target `spark` is compiled alone, and runs on what speaks Spark Connect (warehouse/publication/spark). Both are
    written in DuckDB's dialect, so a function that DuckDB does not have goes through as it is.
-#}
{% macro is_spark() -%}
    {{ return(target.name == 'spark') }}
{%- endmacro %}

{#-
    Latest row of `relation` on or before a date: one match or none. The caller bounds its age. Where more conditions
    follow, `within` names the columns of `relation` that they compare.
-#}
{% macro asof_left_join(relation, alias, on_date, its_date, within=none) -%}
    {% if is_spark() -%}
    left join (
        select *, lead({{ its_date }}) over (
            {% if within %}partition by {{ within }}{% endif %} order by {{ its_date }}
        ) as next_row_date
        from {{ relation }}
    ) as {{ alias }}
        on {{ on_date }} >= {{ alias }}.{{ its_date }}
        and ({{ on_date }} < {{ alias }}.next_row_date or {{ alias }}.next_row_date is null)
    {%- else -%}
    {#- With more conditions, and more than a few rows, DuckDB 1.5 matches a null to a row. -#}
    asof left join {{ relation }} as {{ alias }}
        on {{ "coalesce(" ~ on_date ~ ", '-infinity')" if within else on_date }} >= {{ alias }}.{{ its_date }}
    {%- endif %}
{%- endmacro %}

{#- Value in the row with the smallest / largest `ordering`, as an aggregate; a row without a value does not count. -#}
{% macro first_by(value, ordering) -%}
    {% if is_spark() -%}
    arg_min({{ value }}, case when {{ value }} is not null then {{ ordering }} end)
    {%- else -%}
    arg_min({{ value }}, {{ ordering }})
    {%- endif %}
{%- endmacro %}

{% macro last_by(value, ordering) -%}
    {% if is_spark() -%}
    arg_max({{ value }}, case when {{ value }} is not null then {{ ordering }} end)
    {%- else -%}
    arg_max({{ value }}, {{ ordering }})
    {%- endif %}
{%- endmacro %}

{#- Last non-null value up to the current row. -#}
{% macro last_known(value, partition_by, order_by) -%}
    last_value({{ value }} ignore nulls) over (
        partition by {{ partition_by }} order by {{ order_by }} rows between unbounded preceding and current row
    )
{%- endmacro %}

{#- One row per calendar day from first_date to last_date, both included; a column alone, not a part of an expression. -#}
{% macro calendar_days(first_date, last_date) -%}
    {% if is_spark() -%}
    explode(sequence(cast({{ first_date }} as date), cast({{ last_date }} as date), interval 1 day))
    {%- else -%}
    cast(unnest(generate_series(cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval 1 day)) as date)
    {%- endif %}
{%- endmacro %}

{#- A date and each of the `most_days` days before it, one row each; a column alone, not a part of an expression. -#}
{% macro days_back_from(date, most_days) -%}
    {% if is_spark() -%}
    explode(sequence({{ date }} - {{ most_days }}, {{ date }}, interval 1 day))
    {%- else -%}
    {{ date }} - cast({{ whole_numbers(0, most_days) }} as integer)
    {%- endif %}
{%- endmacro %}

{#- A date some months later, or earlier for a negative number; the last day of a shorter month. -#}
{% macro months_later(date, months) -%}
    {% if is_spark() -%}
    add_months({{ date }}, cast({{ months }} as integer))
    {%- else -%}
    cast({{ date }} + to_months(cast({{ months }} as integer)) as date)
    {%- endif %}
{%- endmacro %}

{#- Words of a text between spaces, one row each; a column alone, not a part of an expression. -#}
{% macro words_of(text) -%}
    unnest(string_split_regex({{ text }}, ' '))
{%- endmacro %}

{% macro words_count(text) -%}
    (length({{ text }}) - length(replace({{ text }}, ' ', '')) + 1)
{%- endmacro %}

{#- Mean and sum, added in an order: a rebuild gives the last digit again. An engine of many machines keeps none. -#}
{% macro mean_in_order(value, ordering) -%}
    avg({{ value }}{% if not is_spark() %} order by {{ ordering }}{% endif %})
{%- endmacro %}

{% macro sum_in_order(value, ordering) -%}
    sum({{ value }}{% if not is_spark() %} order by {{ ordering }}{% endif %})
{%- endmacro %}

{#- Values of the rows for which `condition` is true, in an order, as a list; null for none. -#}
{% macro list_in_order(value, ordering, condition) -%}
    {% if is_spark() -%}
    case
        when count(case when {{ condition }} then 1 end) > 0
            then transform(
                array_sort(collect_list(case when {{ condition }} then named_struct('place', {{ ordering }}, 'item', {{ value }}) end)),
                lambda x: x.item
            )
    end
    {%- else -%}
    list({{ value }} order by {{ ordering }}) filter (where {{ condition }})
    {%- endif %}
{%- endmacro %}

{#- Length of a list. -#}
{% macro items_in(list) -%}
    {% if is_spark() %}size({{ list }}){% else %}len({{ list }}){% endif %}
{%- endmacro %}

{#- A list of words as a sentence lists them: a, b and c. Null for null. -#}
{% macro listed(items) -%}
    {% if is_spark() -%}
    case
        when size({{ items }}) = 1 then element_at({{ items }}, 1)
        else array_to_string(slice({{ items }}, 1, size({{ items }}) - 1), ', ') || ' and ' || element_at({{ items }}, -1)
    end
    {%- else -%}
    case
        when len({{ items }}) = 1 then {{ items }}[1]
        else array_to_string({{ items }}[:-2], ', ') || ' and ' || {{ items }}[-1]
    end
    {%- endif %}
{%- endmacro %}

{#- Day of the week from Monday (1) to Sunday (7). -#}
{% macro weekday_number(date) -%}
    {% if is_spark() %}((dayofweek({{ date }}) + 5) % 7 + 1){% else %}isodow({{ date }}){% endif %}
{%- endmacro %}

{#- A number for people, thousands separated by commas. Rounded before: engines print a tie differently. -#}
{% macro figure(value, decimals, with_commas=true) -%}
    {% if is_spark() -%}
    format_string('%{{ ',' if with_commas }}.{{ decimals }}f', cast(round({{ value }}, {{ decimals }}) as double))
    {%- else -%}
    format('{:{{ ',' if with_commas }}.{{ decimals }}f}', round({{ value }}, {{ decimals }}))
    {%- endif %}
{%- endmacro %}

{#- Number of the month that an English name means; null for any other word. -#}
{% macro month_number(name) -%}
    {% if is_spark() -%}
    case lower({{ name }})
        {%- for month in ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october',
            'november', 'december'] %} when '{{ month }}' then {{ loop.index }}{% endfor %} end
    {%- else -%}
    month(try_strptime({{ name }}, '%B'))
    {%- endif %}
{%- endmacro %}

{#- Whole numbers from first to last, both included, one row each; a column alone, not a part of an expression. -#}
{% macro whole_numbers(first, last) -%}
    {% if is_spark() -%}
    explode(sequence(cast({{ first }} as bigint), cast({{ last }} as bigint)))
    {%- else -%}
    unnest(generate_series(cast({{ first }} as bigint), cast({{ last }} as bigint)))
    {%- endif %}
{%- endmacro %}

{#-
    A whole number from 0 to 2^48 - 1 out of a text: its first twelve hex digits of MD5. The same in every version of
    every engine, unlike an engine's own hash or random numbers.
-#}
{% macro number_from_text(text) -%}
    {% if is_spark() -%}
    cast(conv(substr(md5({{ text }}), 1, 12), 16, 10) as bigint)
    {%- else -%}
    cast('0x' || substr(md5({{ text }}), 1, 12) as bigint)
    {%- endif %}
{%- endmacro %}

{#- Quantile by linear interpolation between neighbours; nulls do not count. -#}
{% macro quantile(value, share) -%}
    {% if is_spark() -%}
    percentile({{ value }}, {{ share }})
    {%- else -%}
    percentile_cont({{ share }}) within group (order by {{ value }})
    {%- endif %}
{%- endmacro %}

{#- An hour of a day in New York as UTC; daylight saving time counts. -#}
{% macro new_york_to_utc(day, hour) -%}
    {% if is_spark() -%}
    cast(to_utc_timestamp(cast({{ day }} as timestamp) + interval {{ hour }} hour, 'America/New_York') as timestamp)
    {%- else -%}
    timezone('UTC', timezone('America/New_York', cast({{ day }} as timestamp) + interval {{ hour }} hour))
    {%- endif %}
{%- endmacro %}

{#- The day in New York of a moment in UTC; daylight saving time counts. -#}
{% macro new_york_date(moment) -%}
    {% if is_spark() -%}
    cast(from_utc_timestamp({{ moment }}, 'America/New_York') as date)
    {%- else -%}
    cast(timezone('America/New_York', timezone('UTC', {{ moment }})) as date)
    {%- endif %}
{%- endmacro %}
