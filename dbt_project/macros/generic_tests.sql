{#- Generic data tests. Each returns the failing rows with the reason, never a count. -#}

{#- The grain: `columns` together name a row, and none of them is null. -#}
{% test unique_combination(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as rows_found
    from {{ model }}
    group by all
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}

{#-
    Plausible ranges of several columns in one scan. `ranges`: list of {column, min, max, reason}; nulls pass.
    The ranges are narrow enough that a factor of 1000 leaves them: this is the unit check.
-#}
{% test within_ranges(model, key, ranges) %}
    {% for range in ranges %}
    select
        cast({{ key }} as varchar) as row_key,
        '{{ range.column }}' as column_name,
        cast({{ range.column }} as double) as found,
        cast({{ range.min }} as double) as lowest,
        cast({{ range.max }} as double) as highest,
        '{{ range.reason | replace("'", "''") }}' as reason
    from {{ model }}
    where {{ range.column }} < {{ range.min }} or {{ range.column }} > {{ range.max }}
    {% if not loop.last %} union all {% endif %}
    {% endfor %}
{% endtest %}

{#- A rule that every row obeys. Rows for which it is null pass: exclude nulls in the rule when they must not. -#}
{% test holds(model, rule, reason) %}
    select *, '{{ reason | replace("'", "''") }}' as reason
    from {{ model }}
    where not ({{ rule }})
{% endtest %}

{#- How far each row of a seed is proven is one of the known words, and `is_verified` agrees with it. -#}
{% test marks_of_proof(model) %}
    {{ test_holds(model, "status in ('verified', 'verified_secondhand', 'partly_verified', 'remembered',
        'unknown') and is_verified = (status in ('verified', 'verified_secondhand'))", 'Unproven rows keep their mark.') }}
{% endtest %}

{#- None of `columns` is null; one scan for a whole model. -#}
{% test all_present(model, columns) %}
    select *
    from {{ model }}
    where {% for column in columns %} {{ column }} is null {{ 'or' if not loop.last }} {% endfor %}
{% endtest %}

{#- One pair of publishers agrees wherever it is compared; the check carries the pair's name. -#}
{% test pair_agrees(model, pair) %}
    select effective_date, first_value, second_value, difference_value, tolerance_value, detected_shift_days, reason
    from {{ model }}
    where pair = '{{ pair }}' and verdict = 'differ'
    order by effective_date desc
{% endtest %}
