-- Everything that the Fed lends, by line of H.4.1 on Wednesdays: loans, repo, swaps. Each line is what its kinds add up
-- to and a rest that is a column; swaps have their operations, by counterparty, next to them.
{% set loans = [
    'primary_credit', 'secondary_credit', 'seasonal_credit', 'term_funding', 'paycheck_facility', 'other_credit'
] %}
{% set banks = {
    'ecb': 'European Central Bank', 'boj': 'Bank of Japan', 'boe': 'Bank of England', 'snb': 'Swiss National Bank',
    'boc': 'Bank of Canada',
} %}
with swaps as (
    select
        counterparty,
        settlement_date,
        maturity_date,
        {{ usd_to_bn('amount_usd') }} as amount_usd_bn
    from {{ ref('stg_nyfed__fx_swaps') }}
),

-- Where the operations do not reach, none outstanding is unknown.
first_swap as (
    select min(settlement_date) as first_date
    from swaps
),

-- Out on the night of a Wednesday: what settles that day is, what matures that day is not.
outstanding as (
    select
        h41.wednesday_date,
        sum(swaps.amount_usd_bn) as drawn_usd_bn,
        {% for short, bank in banks.items() %}
        sum(swaps.amount_usd_bn) filter (where swaps.counterparty = '{{ bank }}') as {{ short }}_usd_bn,
        {% endfor %}
        sum(swaps.amount_usd_bn) filter (where swaps.counterparty not in ('{{ banks.values() | join("', '") }}'))
            as others_usd_bn
    from {{ ref('int_fred_h41_weekly') }} as h41
    inner join swaps on h41.wednesday_date >= swaps.settlement_date and h41.wednesday_date < swaps.maturity_date
    group by h41.wednesday_date
),

joined as (
    select
        h41.wednesday_date,
        h41.loans_usd_bn,
        {% for loan in loans %}
        h41.{{ loan }}_usd_bn,
        {% endfor %}
        -- A line that FRED lacks on a Wednesday is in the rest.
        h41.loans_usd_bn{% for loan in loans %} - coalesce(h41.{{ loan }}_usd_bn, 0){% endfor %} as rest_usd_bn,
        h41.repo_usd_bn,
        {{ standing_repo_on('h41.wednesday_date') }} as standing_repo_usd_bn,
        h41.foreign_repo_usd_bn,
        h41.swaps_usd_bn,
        {% for part in ['drawn'] + banks.keys() | list + ['others'] %}
        case when h41.wednesday_date >= first_swap.first_date then coalesce(outstanding.{{ part }}_usd_bn, 0) end
            as {{ part }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_fred_h41_weekly') }} as h41
    cross join first_swap
    inner join {{ ref('int_calendar') }} as calendar on h41.wednesday_date = calendar.calendar_date
    left join {{ ref('int_operations_daily') }} as operations
        on operations.effective_date = {{ lending_day('h41.wednesday_date') }}
    left join outstanding on h41.wednesday_date = outstanding.wednesday_date
    where h41.loans_usd_bn is not null
),

final as (
    select
        *,
        loans_usd_bn + repo_usd_bn + swaps_usd_bn as lending_usd_bn
    from joined
)

select
    this_week.wednesday_date,
    {{ difference_bn('this_week.lending_usd_bn') }} as lending_usd_bn,
    {{ difference_bn('this_week.lending_usd_bn - last_week.lending_usd_bn') }} as lending_change_usd_bn,
    this_week.loans_usd_bn,
    {{ difference_bn(
        'this_week.primary_credit_usd_bn + this_week.secondary_credit_usd_bn + this_week.seasonal_credit_usd_bn'
    ) }} as discount_window_usd_bn,
    {% for loan in loans %}
    this_week.{{ loan }}_usd_bn,
    {% endfor %}
    {{ difference_bn('this_week.rest_usd_bn') }} as other_loans_usd_bn,
    this_week.repo_usd_bn,
    {{ difference_bn('this_week.standing_repo_usd_bn') }} as standing_repo_usd_bn,
    this_week.foreign_repo_usd_bn,
    {{ difference_bn('this_week.repo_usd_bn - this_week.standing_repo_usd_bn - this_week.foreign_repo_usd_bn') }}
        as other_repo_usd_bn,
    this_week.swaps_usd_bn,
    {{ difference_bn('this_week.drawn_usd_bn') }} as swaps_by_operations_usd_bn,
    {% for part in banks.keys() | list + ['others'] %}
    {{ difference_bn('this_week.' ~ part ~ '_usd_bn') }} as swaps_{{ part }}_usd_bn,
    {% endfor %}
    {{ difference_bn('this_week.swaps_usd_bn - this_week.drawn_usd_bn') }} as swaps_difference_usd_bn
from final as this_week
left join final as last_week on this_week.wednesday_date - 7 = last_week.wednesday_date
order by this_week.wednesday_date
