{#-
    Table comments are the model descriptions (persist_docs). In a simulated warehouse each of them begins by saying so,
    because a table that travels alone must not be taken for published data.
-#}
{% macro alter_relation_comment(relation, comment) -%}
    {%- set text = (var('simulated_notice') if var('is_simulated') else '') ~ comment -%}
    {{ return(adapter.dispatch('alter_relation_comment', 'dbt')(relation, text)) }}
{%- endmacro %}
