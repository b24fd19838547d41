{#-
    Schemas have the project's names (staging, marts), without the target's name in front; with
    var('schema_prefix') a second state is built next to the first. Seeds are the same in every state.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if node.resource_type != 'seed' %}{{ var('schema_prefix') }}{% endif -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
