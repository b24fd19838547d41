-- The monthly bridge summed over fiscal years and over the five up to each: is the deficit what was borrowed?
{% set parts = [
    'deficit', 'net_borrowing', 'cash_drawdown', 'other_means', 'restatement', 'residual', 'net_marketable_issuance',
    'other_borrowing'
] %}
with years as (
    select
        fiscal_year,
        count(*) as months,
        -- Twelve months with every part; the residual is null where any of its three is.
        count(*) = 12 and count(residual_usd_bn) = 12 as is_complete,
        {% for part in parts %}
        {{ difference_bn('sum(' ~ part ~ '_usd_bn)') }} as {{ part }}_usd_bn,
        count({{ part }}_usd_bn) as {{ part }}_months{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('deficit_bridge_monthly') }}
    group by fiscal_year
),

-- A sum over fewer months than the deficit's would look like a smaller amount.
whole as (
    select
        fiscal_year,
        months,
        is_complete,
        {% for part in parts %}
        case when {{ part }}_months = months then {{ part }}_usd_bn end as {{ part }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from years
),

five_years as (
    select
        last_year.fiscal_year,
        {% for part in parts %}
        case when count(each_year.{{ part }}_usd_bn) = 5 then
            {{ difference_bn('sum(each_year.' ~ part ~ '_usd_bn)') }}
        end as {{ part }}_5y_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from whole as last_year
    inner join whole as each_year
        on
            each_year.fiscal_year between last_year.fiscal_year - 4 and last_year.fiscal_year
            and each_year.is_complete
    group by last_year.fiscal_year
    having count(*) = 5
)

select
    whole.fiscal_year,
    whole.is_complete,
    cast(whole.months as integer) as months_count,
    {% for part in parts %}
    whole.{{ part }}_usd_bn,
    {% endfor %}
    {% for part in parts %}
    five_years.{{ part }}_5y_usd_bn,
    {% endfor %}
    case when whole.is_complete then
        round(whole.net_borrowing_usd_bn / nullif(whole.deficit_usd_bn, 0), 6)
    end as net_borrowing_to_deficit_ratio,
    round(five_years.net_borrowing_5y_usd_bn / nullif(five_years.deficit_5y_usd_bn, 0), 6)
        as net_borrowing_to_deficit_5y_ratio,
    round(five_years.net_marketable_issuance_5y_usd_bn / nullif(five_years.deficit_5y_usd_bn, 0), 6)
        as net_marketable_issuance_to_deficit_5y_ratio
from whole
left join five_years on whole.fiscal_year = five_years.fiscal_year
order by whole.fiscal_year
