{#-
    Tables, made with one statement each where dbt-duckdb's own takes eight: a new table under another name, two renames,
    a drop, a look at its columns for each comment. DuckDB replaces a table in one transaction, and readers never see
    the work file. A contract is asserted as dbt does.
-#}
{% materialization table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- if existing_relation is not none and not existing_relation.is_table -%}
        {% do adapter.drop_relation(existing_relation) %}
    {%- endif -%}
    {% call statement('main') -%}
        {{ create_table_as(False, target_relation, compiled_code) | replace('create  table', 'create or replace table') }}
        ;{{ alter_relation_comment(target_relation, model.description) }}
        {% for name, column in model.columns.items() %}
        comment on column {{ target_relation }}."{{ name }}" is {{ duckdb_escape_comment(column.description) }};
        {% endfor %}
    {%- endcall %}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
