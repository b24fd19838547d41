{#-
    The scorecard: how a claim is measured, judged and put into words. A measure is one aggregate over one relation and
    one window; its verdict is nothing but the measured value against the range of the seed claim_measures.
-#}

{#- Day of the essay. Only dbt_project.yml has the moment. -#}
{% macro publication_date() -%}
    date '{{ var("published_at")[:10] }}'
{%- endmacro %}

{#- The moment up to which this build knows, or the publication, whichever is earlier: "then" never knows more. -#}
{% macro then_at() -%}
    least(timestamp '{{ var("as_of") }}', timestamp '{{ var("published_at") }}')
{%- endmacro %}

{#- Value at the end of the window less value at its beginning, as an aggregate. -#}
{% macro change(value, ordering) -%}
    {{ last_by(value, ordering) }} - {{ first_by(value, ordering) }}
{%- endmacro %}

{#-
    One measure: an aggregate `value` over the rows of `relation` dated between `first` and `last` (ISO dates; without
    `last` the window grows with what is known) for which `where` holds. A window of which more than `slack` days are
    missing at an end has no value: a part must not count as the whole (`where` says that the value is there, if a row
    has others). A row dated by the end of its period says with `span` how long that is, one dated by the beginning with
    `ahead`, so that first_date and last_date are the first and the last day behind the value. With `from_level` the
    value is a change since the level on the eve of that period.
-#}
{% macro measured(
    claim_id, measure_id, value, relation, dated, first, last=none, where='true', slack=7, span='interval 1 day',
    ahead='interval 1 day', from_level=false
) -%}
    select
        '{{ claim_id }}' as claim_id,
        '{{ measure_id }}' as measure_id,
        round(
            cast(
                case
                    when
                        min({{ dated }}) <= date '{{ first }}' + {{ slack }}
                        {% if last %} and max({{ dated }}) >= date '{{ last }}' - {{ slack }} {% endif %}
                        then {{ value }}
                end as double
            ),
            6
        ) as measured_value,
        -- From the day after: a month counted back from 28 February would not reach the first.
        cast(min({{ dated }}) + interval 1 day - {{ span }} as date){{ ' - 1' if from_level }} as first_date,
        cast(max({{ dated }}) + {{ ahead }} as date) - 1 as last_date
    from {{ relation }}
    where {{ dated }} >= date '{{ first }}' {% if last %} and {{ dated }} <= date '{{ last }}' {% endif %} and {{ where }}
{%- endmacro %}

{#- One more measure, with the same arguments. -#}
{% macro also() -%}
    union all {{ measured(*varargs, **kwargs) }}
{%- endmacro %}

{#- Verdict of one measure at a moment; null when that moment has not been built. -#}
{% macro verdict_on(value, judged_at) -%}
    case
        when measures.measure_id is null and claims.kind = 'rhetoric' then 'rhetoric'
        when measures.measure_id is null then 'not testable with these sources'
        when {{ judged_at }} is null then null
        when cast({{ judged_at }} as date) < measures.judged_from_date then 'too early'
        when {{ value }} is null then 'not testable with these sources'
        when
            {{ value }} >= coalesce(measures.supported_low_value, cast('-infinity' as double))
            and {{ value }} <= coalesce(measures.supported_high_value, cast('infinity' as double))
            then 'supported'
        else 'contradicted'
    end
{%- endmacro %}

{#-
    Verdict on a claim from those of its deciding measures; what cannot be judged gives way to what can. Where definitions
    exclude each other (decided_by any) one that matches is enough.
-#}
{% macro verdict_over(verdict) -%}
    {% set found = "bool_or(coalesce(is_deciding, true) and " ~ verdict ~ " = '%s') over (partition by claim_id)" %}
    case
        when bool_or({{ verdict }} is null) over (partition by claim_id) then null
        when decided_by = 'all' and {{ found % 'supported' }} and {{ found % 'contradicted' }} then 'mixed'
        {% for one in ['supported', 'contradicted', 'too early', 'rhetoric'] %}
        when {{ found % one }} then '{{ one }}'
        {% endfor %}
        else 'not testable with these sources'
    end
{%- endmacro %}

{#- A figure as it is read, without its unit. -#}
{% macro figure_in_words(value, unit) -%}
    case when {{ value }} < 0 then '−' else '' end
    || case {{ unit }}
        when 'usd_bn' then {{ figure('abs(' ~ value ~ ')', 1) }}
        when 'bp' then {{ figure('abs(' ~ value ~ ')', 1, with_commas=false) }}
        when 'days' then {{ figure('abs(' ~ value ~ ')', 0) }}
        when 'rank' then {{ figure('abs(' ~ value ~ ')', 0, with_commas=false) }}
        else {{ figure('abs(' ~ value ~ ')', 2, with_commas=false) }}
    end
{%- endmacro %}

{#- A number with its unit. -#}
{% macro in_words(value, unit) -%}
    case when {{ unit }} = 'rank' then 'rank ' else '' end || {{ figure_in_words(value, unit) }}
    || case {{ unit }}
        when 'usd_bn' then ' billion dollars'
        when 'pct' then ' percent'
        when 'pp' then ' percentage points'
        when 'bp' then ' basis points'
        when 'days' then case when abs({{ value }}) = 1 then ' day' else ' days' end
        else ''
    end
{%- endmacro %}

{#- What the claim needs: the range that supports it. A bound next to zero means the sign. -#}
{% macro range_in_words(low, high, unit) -%}
    case
        when {{ low }} = {{ high }} then 'exactly ' || {{ in_words(low, unit) }}
        when {{ low }} is null and {{ high }} between -0.1 and -0.01 then 'a value below zero'
        when {{ high }} is null and {{ low }} between 0.01 and 0.1 then 'a value above zero'
        when {{ low }} is null and {{ high }} < 0 then {{ in_words(high, unit) }} || ' or less'
        when {{ low }} is null then 'at most ' || {{ in_words(high, unit) }}
        when {{ high }} is null then 'at least ' || {{ in_words(low, unit) }}
        else 'a value between ' || {{ figure_in_words(low, unit) }} || ' and ' || {{ in_words(high, unit) }}
    end
{%- endmacro %}

{#- The less sure a knowledge time, the smaller its rank. -#}
{% macro basis_rank(known_basis) -%}
    case {{ known_basis }} when 'modelled' then 1 when 'stamped' then 2 when 'vintage' then 3 else 4 end
{%- endmacro %}

{#-
    Verdict of one measure of an essay. Where the text itself is not sure (sureness low), a value outside its range does
    not contradict anybody.
-#}
{% macro essay_verdict(value, judged_at) -%}
    case
        when
            claims.sureness = 'low' and {{ value }} is not null
            and cast({{ judged_at }} as date) >= claims.judged_from_date
            and not {{ value }} between coalesce(measures.supported_low_value, cast('-infinity' as double))
            and coalesce(measures.supported_high_value, cast('infinity' as double))
            then 'source unsure'
        else {{ verdict_on(value, judged_at) | replace('measures.judged_from_date', 'claims.judged_from_date') }}
    end
{%- endmacro %}

{#-
    How far a price is outside a range, in whole percent of its nearer end, rounded away from the range: 0 is inside and
    nothing else. Prices of an exchange may not be published, so the price itself is in no table.
-#}
{% macro outside_pct(value, low, high) -%}
    case
        when {{ value }} < {{ low }} then floor(100 * ({{ value }} / {{ low }} - 1))
        when {{ value }} > {{ high }} then ceil(100 * ({{ value }} / {{ high }} - 1))
        when {{ value }} is not null then 0
    end
{%- endmacro %}

{#-
    The two moments of each essay: the end of its day (then), and now. `known_at` is what one knew, `judged_at` the day
    that a window is held against: now is the last load, because no model reads the clock and nothing is known after it.
-#}
{% macro essay_moments() -%}
    {% set end_of_day = "cast(essays.essay_date as timestamp) + interval '1 day' - interval '1 second'" %}
    {% set last_load = "(select max(last_polled_at) from " ~ ref('stg_meta__polls') ~ ")" %}
    {% set as_of = "timestamp '" ~ var('as_of') ~ "'" %}
    select
        essays.essay_id,
        'then' as moment,
        least({{ as_of }}, {{ end_of_day }}) as known_at,
        least({{ as_of }}, {{ end_of_day }}, {{ last_load }}) as judged_at
    from {{ ref('stg_policy__essays') }} as essays
    union all
    select essays.essay_id, 'now' as moment, {{ as_of }} as known_at, least({{ as_of }}, {{ last_load }}) as judged_at
    from {{ ref('stg_policy__essays') }} as essays
{%- endmacro %}
