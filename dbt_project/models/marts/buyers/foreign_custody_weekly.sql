-- What foreign officials keep at the Fed each Wednesday: securities in custody, cash in its repo pool, deposits. On the
-- last Wednesday of a month TIC's official holdings of that month's end are next to it.
with custody as (
    select
        observation_date as wednesday_date,
        -- The line of Treasuries prints zeros before July 2007.
        max(nullif(value_canonical, 0)) filter (where series_id = 'WMTSECL1') as treasuries_usd_bn,
        max(value_canonical) filter (where series_id = 'WSEFINTL1') as securities_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id in ('WMTSECL1', 'WSEFINTL1')
    group by observation_date
),

cash as (
    select
        observation_date as wednesday_date,
        max(value_canonical) filter (where series_id = 'RESPPLLRF_N.WW') as reverse_repo_usd_bn,
        max(value_canonical) filter (where series_id = 'RESPPLLDF_N.WW') as deposits_usd_bn
    from {{ ref('stg_frb__h41') }}
    where series_id in ('RESPPLLRF_N.WW', 'RESPPLLDF_N.WW')
    group by observation_date
),

weeks as (
    select
        coalesce(custody.wednesday_date, cash.wednesday_date) as wednesday_date,
        custody.treasuries_usd_bn,
        custody.securities_usd_bn,
        cash.reverse_repo_usd_bn,
        cash.deposits_usd_bn,
        -- The month whose last Wednesday it is.
        case
            when
                last_day(coalesce(custody.wednesday_date, cash.wednesday_date))
                < coalesce(custody.wednesday_date, cash.wednesday_date) + 7
                then last_day(coalesce(custody.wednesday_date, cash.wednesday_date))
        end as month_date
    from custody
    full outer join cash on custody.wednesday_date = cash.wednesday_date
),

official as (
    select
        month_date,
        official_usd_bn
    from {{ ref('foreign_holdings_total_monthly') }}
    where official_usd_bn is not null
)

select
    now.wednesday_date,
    now.treasuries_usd_bn as custody_treasuries_usd_bn,
    now.securities_usd_bn as custody_securities_usd_bn,
    {{ difference_bn('now.securities_usd_bn - now.treasuries_usd_bn') }} as custody_other_securities_usd_bn,
    now.reverse_repo_usd_bn as foreign_repo_pool_usd_bn,
    now.deposits_usd_bn as foreign_official_deposits_usd_bn,
    {{ difference_bn('now.treasuries_usd_bn + now.reverse_repo_usd_bn + now.deposits_usd_bn') }}
        as foreign_official_at_fed_usd_bn,
    {% for name, days in {'': 7, '_13w': 91, '_52w': 364}.items() %}
    {{ difference_bn('now.treasuries_usd_bn - before_' ~ days ~ '.treasuries_usd_bn') }}
        as custody_treasuries{{ name }}_change_usd_bn,
    {% endfor %}
    {{ difference_bn('now.reverse_repo_usd_bn - before_91.reverse_repo_usd_bn') }}
        as foreign_repo_pool_13w_change_usd_bn,
    official.month_date as tic_month_date,
    official.official_usd_bn as tic_official_usd_bn,
    round(100 * now.treasuries_usd_bn / official.official_usd_bn, 4) as custody_to_tic_official_pct,
    {{ difference_bn('official.official_usd_bn - official_before.official_usd_bn') }} as tic_official_change_usd_bn,
    case
        when official.month_date is not null
            then {{ difference_bn('now.treasuries_usd_bn - month_before.treasuries_usd_bn') }}
    end as custody_treasuries_month_change_usd_bn
from weeks as now
{% for days in [7, 91, 364] %}
left join weeks as before_{{ days }} on now.wednesday_date - {{ days }} = before_{{ days }}.wednesday_date
{% endfor %}
left join official on now.month_date = official.month_date
left join official as official_before
    on last_day(cast(date_trunc('month', now.month_date) as date) - 1) = official_before.month_date
left join weeks as month_before
    on last_day(cast(date_trunc('month', now.month_date) as date) - 1) = month_before.month_date
order by now.wednesday_date
