with known as (
    {{ values_as_known(['tga'], 10) }}
),

newest as (
    select
        effective_date,
        as_known_at,
        max(value_date) as closing_balance_as_of_date,
        {{ last_by('value', 'value_date') }} as closing_balance_usd_bn,
        {{ last_by('basis_rank', 'value_date') }} as basis_rank,
        {{ last_by('known_from', 'value_date') }} as known_from
    from known
    group by effective_date, as_known_at
)

select
    newest.effective_date,
    newest.as_known_at,
    newest.closing_balance_as_of_date,
    newest.closing_balance_usd_bn as closing_balance_as_known_usd_bn,
    now_known.closing_balance_usd_bn as closing_balance_now_usd_bn,
    {{ difference_bn('now_known.closing_balance_usd_bn - newest.closing_balance_usd_bn') }}
        as closing_balance_revision_usd_bn,
    {{ knowledge_basis('newest.basis_rank') }} as weakest_known_basis,
    newest.known_from as inputs_known_from
from newest
inner join {{ ref('int_known_moments') }} as moments
    on newest.effective_date = moments.effective_date and moments.is_business_day
left join {{ ref('treasury_cash_daily') }} as now_known on newest.closing_balance_as_of_date = now_known.effective_date
order by newest.effective_date
