{% set levels = [
    'assets', 'treasuries', 'mbs', 'repo', 'loans', 'primary_credit', 'term_funding', 'reserves', 'reverse_repo', 'tga',
    'currency', 'other', 'foreign_currency'
] %}
with levels as (
    select
        wednesday_date,
        assets_usd_bn,
        treasuries_usd_bn,
        mbs_usd_bn,
        repo_usd_bn,
        loans_usd_bn,
        primary_credit_usd_bn,
        term_funding_usd_bn,
        reserves_usd_bn,
        reverse_repo_usd_bn,
        tga_usd_bn,
        currency_usd_bn,
        foreign_currency_usd_bn,
        {{ difference_bn('assets_usd_bn - reverse_repo_usd_bn - tga_usd_bn - currency_usd_bn - reserves_usd_bn') }}
            as other_usd_bn
    from {{ ref('int_fred_h41_weekly') }}
    where assets_usd_bn is not null
)

select
    this_week.wednesday_date,
    {% for level in levels %}
    this_week.{{ level }}_usd_bn,
    {% endfor %}
    {% for level in levels %}
    {{ difference_bn('this_week.' ~ level ~ '_usd_bn - last_week.' ~ level ~ '_usd_bn') }}
        as {{ level }}_change_usd_bn{{ ',' if not loop.last }}
    {% endfor %}
from levels as this_week
left join levels as last_week on this_week.wednesday_date - 7 = last_week.wednesday_date
order by this_week.wednesday_date
