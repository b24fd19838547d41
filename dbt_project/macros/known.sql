{#- Rows of a history relation as they were known at var('as_of'). Only staging may use it; no model looks past it. -#}
{% macro is_known() -%}
    known_from <= timestamp '{{ var("as_of") }}'
    and known_to > timestamp '{{ var("as_of") }}'
    and not is_deleted
{%- endmacro %}

{#- The day of the knowledge time, for facts that carry a day and no hour. -#}
{% macro as_of_date() -%}
    cast(timestamp '{{ var("as_of") }}' as date)
{%- endmacro %}

{#- Dated facts that were public on the day of var('as_of'). -#}
{% macro is_public() -%}
    known_date <= {{ as_of_date() }}
{%- endmacro %}

{#- A date of a dated fact that lay in the future at var('as_of') was not known then: the end of a shutdown. -#}
{% macro if_past(column_name, value=none) -%}
    case when {{ column_name }} <= {{ as_of_date() }} then {{ value or column_name }} end
{%- endmacro %}

{#- Every version that was known by var('as_of'), superseded and withdrawn ones too. Only staging may use it. -#}
{% macro was_known() -%}
    known_from <= timestamp '{{ var("as_of") }}'
{%- endmacro %}

{#- Whether the warehouse itself could have written a record by var('as_of'). -#}
{% macro was_written(column_name) -%}
    {{ column_name }} <= timestamp '{{ var("as_of") }}'
{%- endmacro %}
