{#-
    A seed's table, with the types that its columns have in the YAML, as a model's. dbt itself takes them from a second
    list, `column_types`.
-#}
{% macro duckdb__create_csv_table(model, agate_table) -%}
    {%- set sql -%}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names -%}
                "{{ name }}" {{ model.columns[name].data_type }}{{ ", " if not loop.last }}
            {%- endfor -%}
        )
    {%- endset -%}
    {%- call statement('_') -%}{{ sql }}{%- endcall -%}
    {{ return(sql) }}
{%- endmacro %}
