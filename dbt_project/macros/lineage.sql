{#-
    Marts by raw table, from the graph of models: a dictionary of source name to the names of the marts that reach it,
    directly or through other models. Lineage is by dataset: a mart that reads one FRED series reaches the whole table.
    Marts about the warehouse itself reach everything and say nothing, so they are left out.
-#}
{% macro marts_by_table() -%}
    {% set result = {} %}
    {#- No graph while the project is parsed, an empty one in unit tests. -#}
    {% if execute and graph.nodes is defined %}
        {% for mart in graph.nodes.values() | sort(attribute='name')
            if mart.resource_type == 'model' and mart.schema == 'marts'
            and mart.name not in ('source_health', 'series_catalog') %}
            {% set seen = mart.depends_on.nodes | list %}
            {#- The list grows while it is walked, until no parent is new. -#}
            {% for node_id in seen %}
                {% if node_id in graph.nodes %}
                    {% for parent in graph.nodes[node_id].depends_on.nodes if parent not in seen %}
                        {% do seen.append(parent) %}
                    {% endfor %}
                {% endif %}
            {% endfor %}
            {% for node_id in seen if node_id.startswith('source.') %}
                {% do result.setdefault(node_id.split('.')[-1], []).append(mart.name) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
    {{ return(result) }}
{%- endmacro %}
