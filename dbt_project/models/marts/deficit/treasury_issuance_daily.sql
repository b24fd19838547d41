-- Table IIIA of the Daily Treasury Statement, marketable debt only. The net total is summed over every marketable line
-- and not over the classes, so that a line lost between classes shows as a broken identity and not as missing debt.
{% set classes = ['bills', 'notes', 'bonds', 'other'] %}
with lines as (
    select
        record_date,
        transaction_type,
        {{ usd_mn_to_bn('transaction_today_usd_mn') }} as today_usd_bn,
        {{ usd_mn_to_bn('transaction_fytd_usd_mn') }} as fytd_usd_bn,
        case
            when security_type = 'Bills' then 'bills'
            when security_type = 'Notes' then 'notes'
            when security_type = 'Bonds' then 'bonds'
            when security_type = 'Inflation-Protected Securities Increment' then 'tips_accretion'
            else 'other'
        end as debt_class
    from {{ ref('stg_fiscaldata__public_debt_transactions') }}
    where security_market = 'Marketable'
),

sums as (
    select
        record_date,
        {% for debt_class in classes %}
        coalesce(sum(today_usd_bn) filter (where debt_class = '{{ debt_class }}' and transaction_type = 'Issues'), 0)
            as {{ debt_class }}_issues_usd_bn,
        coalesce(
            sum(today_usd_bn) filter (where debt_class = '{{ debt_class }}' and transaction_type = 'Redemptions'), 0
        ) as {{ debt_class }}_redemptions_usd_bn,
        {% endfor %}
        coalesce(
            sum(case transaction_type when 'Issues' then today_usd_bn when 'Redemptions' then -today_usd_bn end)
                filter (where debt_class = 'tips_accretion'),
            0
        ) as tips_accretion_usd_bn,
        sum(case transaction_type when 'Issues' then today_usd_bn when 'Redemptions' then -today_usd_bn end)
            as net_with_accretion_usd_bn,
        sum(case transaction_type when 'Issues' then fytd_usd_bn when 'Redemptions' then -fytd_usd_bn end)
            as stated_fytd_usd_bn
    from lines
    group by record_date
),

dated as (
    select
        sums.*,
        year(record_date) + case when month(record_date) >= 10 then 1 else 0 end as fiscal_year,
        min(record_date) over () as first_record_date
    from sums
)

select
    record_date as effective_date,
    cast(fiscal_year as integer) as fiscal_year,
    {% for debt_class in classes %}
    {{ difference_bn(debt_class ~ '_issues_usd_bn') }} as {{ debt_class }}_issues_usd_bn,
    {{ difference_bn(debt_class ~ '_redemptions_usd_bn') }} as {{ debt_class }}_redemptions_usd_bn,
    {{ difference_bn(debt_class ~ '_issues_usd_bn - ' ~ debt_class ~ '_redemptions_usd_bn') }}
        as {{ debt_class }}_net_usd_bn,
    {% endfor %}
    {{ difference_bn('tips_accretion_usd_bn') }} as tips_accretion_usd_bn,
    {{ difference_bn('bills_issues_usd_bn + notes_issues_usd_bn + bonds_issues_usd_bn + other_issues_usd_bn') }}
        as gross_issues_ex_accretion_usd_bn,
    {{ difference_bn(
        'bills_redemptions_usd_bn + notes_redemptions_usd_bn + bonds_redemptions_usd_bn + other_redemptions_usd_bn'
    ) }} as redemptions_usd_bn,
    {{ difference_bn('net_with_accretion_usd_bn - tips_accretion_usd_bn') }} as net_issuance_ex_accretion_usd_bn,
    {{ difference_bn('net_with_accretion_usd_bn') }} as net_issuance_with_accretion_usd_bn,
    {{ difference_bn('stated_fytd_usd_bn') }} as stated_net_issuance_fytd_usd_bn,
    -- Unknown in a fiscal year whose beginning is not held: its sum of days would be too small.
    case when first_record_date < make_date(fiscal_year - 1, 10, 1) then
        {{ difference_bn(
            'sum(net_with_accretion_usd_bn) over (partition by fiscal_year order by record_date)'
        ) }}
    end as summed_net_issuance_fytd_usd_bn
from dated
order by record_date
