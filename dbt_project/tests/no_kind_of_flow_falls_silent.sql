-- Each kind has an amount on one of any twenty statements in a row: nothing for a month is a line that was renamed. The
-- customs line got its third name on 2025-11-10. Names from 2023-02-14 on are those of the API, as others list them.
{% set kinds = [
    'withheld_taxes', 'individual_taxes', 'corporate_taxes', 'customs', 'social_security', 'medicare', 'medicaid', 'defense',
    'salaries', 'interest_paid', 'tax_refunds',
] %}
with sums as (
    {% for kind in kinds %}
    select
        effective_date,
        '{{ kind }}' as kind,
        sum(abs({{ kind }}_usd_bn)) over (order by effective_date rows between 19 preceding and current row)
            as moved_usd_bn,
        row_number() over (order by effective_date) as place
    from {{ ref('fiscal_flows_daily') }}
    where effective_date >= date '2023-02-14'
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select kind, min(effective_date) as silent_from_date
from sums
where place >= 20 and moved_usd_bn = 0
group by kind
