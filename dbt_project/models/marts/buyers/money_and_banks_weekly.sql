-- Money and the banks' books by Wednesday, seasonally adjusted. M2 is a mean of a month: each week has the newest month
-- that was over, and says which.
{% set groups = {'all': 'A', 'large': 'L', 'small': 'S'} %}
{% set credit = {
    'credit': 'TOTBKCR', 'loans': 'TOTLL', 'business_loans': 'TOTCI', 'real_estate_loans': 'RELACBW027SBOG',
    'consumer_loans': 'CLSACBW027SBOG',
} %}
{% set items = {
    'assets': {'A': 'TLAACBW027SBOG', 'L': 'TLALCBW027SBOG', 'S': 'TLASCBW027SBOG'},
    'deposits': {'A': 'DPSACBW027SBOG', 'L': 'DPSLCBW027SBOG', 'S': 'DPSSCBW027SBOG'},
    'securities': {'A': 'TASACBW027SBOG', 'L': 'TASLCBW027SBOG', 'S': 'TASSCBW027SBOG'},
    'mbs': {'A': 'TMBACBW027SBOG', 'L': 'TMBLCBW027SBOG', 'S': 'TMBSCBW027SBOG'},
    'securities_ex_mbs': {'A': 'TNMACBW027SBOG', 'L': 'TNMLCBW027SBOG', 'S': 'TNMSCBW027SBOG'},
} %}
{% set past_due = {'loans': 'DRALACBS', 'consumer_loans': 'DRCLACBS', 'credit_card_loans': 'DRCCLACBS'} %}
with observations as (
    select series_id, observation_date, value_canonical
    from {{ ref('stg_fred__observations') }}
    where value_canonical is not null
),

banks as (
    select
        observation_date as wednesday_date,
        {% for item, series in items.items() %}
        {% for group, letter in groups.items() %}
        max(value_canonical) filter (where series_id = '{{ series[letter] }}') as {{ group }}_banks_{{ item }}_usd_bn,
        {% endfor %}
        {% endfor %}
        {% for item, series_id in credit.items() %}
        max(value_canonical) filter (where series_id = '{{ series_id }}') as all_banks_{{ item }}_usd_bn,
        {% endfor %}
        max(value_canonical) filter (where series_id = 'DPSFRIW027SBOG') as foreign_related_banks_deposits_usd_bn
    from observations
    where
        series_id in (
            'DPSFRIW027SBOG', '{{ credit.values() | join("', '") }}',
            {% for series in items.values() %}
            '{{ series.values() | join("', '") }}'{{ ',' if not loop.last }}
            {% endfor %}
        )
    group by observation_date
),

money as (
    select last_day(observation_date) as month_date, value_canonical as m2_usd_bn
    from observations
    where series_id = 'M2SL'
),

money_growth as (
    select
        money.month_date,
        money.m2_usd_bn,
        100 * (money.m2_usd_bn / a_year_ago.m2_usd_bn - 1) as m2_year_change_pct
    from money
    left join money as a_year_ago on last_day(money.month_date - interval 1 year) = a_year_ago.month_date
),

-- Quarter ends; a week has the newest quarter that was over.
past_due as (
    select
        last_day(observation_date + interval 2 month) as past_due_quarter_date,
        {% for loans, series_id in past_due.items() %}
        max(value_canonical) filter (where series_id = '{{ series_id }}')
            as {{ loans }}_past_due_pct{{ ',' if not loop.last }}
        {% endfor %}
    from observations
    where series_id in ('{{ past_due.values() | join("', '") }}')
    group by 1
)

select
    banks.wednesday_date,
    -- Out four weeks after its month; one whose end is 130 days back is no longer the newest.
    case when banks.wednesday_date - money_growth.month_date <= 130 then money_growth.month_date end as m2_month_date,
    case when banks.wednesday_date - money_growth.month_date <= 130 then money_growth.m2_usd_bn end as m2_usd_bn,
    case when banks.wednesday_date - money_growth.month_date <= 130 then round(money_growth.m2_year_change_pct, 4) end
        as m2_year_change_pct,
    {% for item in items %}
    {% for group in groups %}
    banks.{{ group }}_banks_{{ item }}_usd_bn,
    {% endfor %}
    {% endfor %}
    banks.foreign_related_banks_deposits_usd_bn,
    {{ difference_bn(
        'banks.all_banks_securities_ex_mbs_usd_bn - banks.large_banks_securities_ex_mbs_usd_bn'
        ~ ' - banks.small_banks_securities_ex_mbs_usd_bn'
    ) }} as foreign_related_banks_securities_ex_mbs_usd_bn,
    round(100 * banks.all_banks_securities_usd_bn / banks.all_banks_assets_usd_bn, 4) as securities_to_assets_pct,
    {% for item in ['deposits', 'securities_ex_mbs'] %}
    {{ difference_bn('banks.all_banks_' ~ item ~ '_usd_bn - last_week.all_banks_' ~ item ~ '_usd_bn') }}
        as all_banks_{{ item }}_change_usd_bn,
    {{ difference_bn('banks.all_banks_' ~ item ~ '_usd_bn - a_year_ago.all_banks_' ~ item ~ '_usd_bn') }}
        as all_banks_{{ item }}_year_change_usd_bn,
    {% endfor %}
    {% for item in credit %}
    banks.all_banks_{{ item }}_usd_bn,
    {% endfor %}
    {{ difference_bn('banks.all_banks_loans_usd_bn - a_year_ago.all_banks_loans_usd_bn') }}
        as all_banks_loans_year_change_usd_bn,
    round(100 * banks.all_banks_loans_usd_bn / banks.all_banks_deposits_usd_bn, 4) as loans_to_deposits_pct,
    -- Out fifty days after its quarter; one whose end is 160 days back is no longer the newest.
    case when banks.wednesday_date - past_due.past_due_quarter_date <= 160 then past_due.past_due_quarter_date end
        as past_due_quarter_date,
    {% for loans in past_due %}
    case when banks.wednesday_date - past_due.past_due_quarter_date <= 160 then past_due.{{ loans }}_past_due_pct end
        as {{ loans }}_past_due_pct{{ ',' if not loop.last }}
    {% endfor %}
from banks
left join banks as last_week on banks.wednesday_date - 7 = last_week.wednesday_date
left join banks as a_year_ago on banks.wednesday_date - 364 = a_year_ago.wednesday_date
{{ asof_left_join('money_growth', 'money_growth', 'banks.wednesday_date', 'month_date') }}
{{ asof_left_join('past_due', 'past_due', 'banks.wednesday_date', 'past_due_quarter_date') }}
order by banks.wednesday_date
