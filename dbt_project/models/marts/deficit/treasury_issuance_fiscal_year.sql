-- Issuance against the deficit that it should equal. Other means is the rest: borrowing that is not marketable,
-- credit programmes, deposit funds, accretion that costs no cash yet, and discount and premium.
{% set sums = [
    'bills_issues', 'bills_redemptions', 'bills_net', 'notes_net', 'bonds_net', 'other_net', 'tips_accretion',
    'gross_issues_ex_accretion', 'redemptions', 'net_issuance_ex_accretion', 'net_issuance_with_accretion'
] %}
with issuance as (
    select
        year(period_end_date) as fiscal_year,
        is_complete,
        statement_days_count,
        {% for name in sums %}
        {{ name }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('treasury_issuance_period') }}
    where period_kind = 'fiscal_year'
),

deficits as (
    select
        fiscal_year,
        months_count as deficit_months,
        statement_date,
        {{ difference_bn('deficit_usd_bn') }} as deficit_usd_bn,
        {{ difference_bn('deficit_first_print_usd_bn') }} as deficit_first_print_usd_bn
    from {{ ref('int_federal_budget_fiscal_year') }}
),

-- The last balance of each fiscal year; only of a year whose last week is held.
cash as (
    select
        year(record_date) + case when month(record_date) >= 10 then 1 else 0 end as fiscal_year,
        {{ last_by('closing_balance_usd_bn', 'record_date') }} as closing_cash_usd_bn
    from {{ ref('int_tga_daily') }}
    group by 1
    having month(max(record_date)) = 9 and day(max(record_date)) >= 24
),

joined as (
    select
        issuance.fiscal_year,
        issuance.statement_days_count,
        {% for name in sums %}
        issuance.{{ name }}_usd_bn,
        {% endfor %}
        deficits.deficit_months,
        coalesce(issuance.is_complete and deficits.deficit_months = 12, false) as is_complete,
        deficits.deficit_usd_bn,
        deficits.deficit_first_print_usd_bn,
        deficits.statement_date as deficit_statement_date,
        {{ difference_bn('cash.closing_cash_usd_bn - cash_before.closing_cash_usd_bn') }} as cash_change_usd_bn
    from issuance
    left join deficits on issuance.fiscal_year = deficits.fiscal_year
    left join cash on issuance.fiscal_year = cash.fiscal_year
    left join cash as cash_before on issuance.fiscal_year - 1 = cash_before.fiscal_year
),

five_years as (
    select
        last_year.fiscal_year,
        {{ difference_bn('sum(years.deficit_usd_bn)') }} as deficit_5y_usd_bn,
        {{ difference_bn('sum(years.net_issuance_with_accretion_usd_bn)') }} as net_issuance_with_accretion_5y_usd_bn,
        {{ difference_bn('sum(years.net_issuance_ex_accretion_usd_bn)') }} as net_issuance_ex_accretion_5y_usd_bn
    from joined as last_year
    inner join joined as years
        on years.fiscal_year between last_year.fiscal_year - 4 and last_year.fiscal_year and years.is_complete
    group by last_year.fiscal_year
    having count(*) = 5
)

select
    cast(joined.fiscal_year as integer) as fiscal_year,
    joined.is_complete,
    joined.statement_days_count,
    cast(coalesce(joined.deficit_months, 0) as integer) as deficit_months_count,
    {% for name in sums %}
    joined.{{ name }}_usd_bn,
    {% endfor %}
    joined.deficit_usd_bn,
    joined.deficit_first_print_usd_bn,
    joined.deficit_statement_date,
    case when joined.is_complete then joined.cash_change_usd_bn end as cash_change_usd_bn,
    case when joined.is_complete then
        {{ difference_bn(
            'joined.deficit_usd_bn + joined.cash_change_usd_bn - joined.net_issuance_with_accretion_usd_bn'
        ) }}
    end as other_means_usd_bn,
    case when joined.is_complete then
        round(joined.net_issuance_with_accretion_usd_bn / nullif(joined.deficit_usd_bn, 0), 6)
    end as net_issuance_to_deficit_ratio,
    five_years.deficit_5y_usd_bn,
    five_years.net_issuance_with_accretion_5y_usd_bn,
    five_years.net_issuance_ex_accretion_5y_usd_bn,
    round(five_years.net_issuance_with_accretion_5y_usd_bn / nullif(five_years.deficit_5y_usd_bn, 0), 6)
        as net_issuance_to_deficit_5y_ratio
from joined
left join five_years on joined.fiscal_year = five_years.fiscal_year
order by joined.fiscal_year
