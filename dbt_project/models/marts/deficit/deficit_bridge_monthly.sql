-- Three publications meet: the deficit (table 1), how it was financed (table 6), and the cash of the daily statement. Other
-- means is taken inside table 6; the residual is what the three do not agree on. Table 6 names a month only once, so what
-- later statements changed of the deficit is a separate part.
with deficits as (
    select
        month_date,
        deficit_usd_bn,
        deficit_first_print_usd_bn
    from {{ ref('int_federal_budget_monthly') }}
    where statement_date is not null
),

-- Lines are found by their printed names. Headers carry no amount, and max() passes over them.
means as (
    select
        record_date,
        {{ usd_to_bn("max(current_month_net_txn_usd) filter (
            where lower(classification_desc) = 'total borrowing from the public'
        )") }} as net_borrowing_usd_bn,
        {{ usd_to_bn("max(current_month_net_txn_usd) filter (
            where lower(classification_desc) in ('u.s. treasury operating cash', 'total u.s. treasury operating cash')
        )") }} as cash_change_in_table_6_usd_bn,
        {{ usd_to_bn("max(current_month_net_txn_usd) filter (
            where lower(classification_desc) like 'total budget and off-budget federal entities%'
        )") }} as financing_usd_bn
    from {{ ref('stg_fiscaldata__mts_table_6') }}
    group by record_date
),

-- The last balance of a month, and only when it is of the month's last week: a month half held has none.
cash as (
    select
        last_day(record_date) as month_date,
        {{ last_by('closing_balance_usd_bn', 'record_date') }} as closing_cash_usd_bn
    from {{ ref('int_tga_daily') }}
    group by 1
    having max(record_date) >= last_day(max(record_date)) - 4
),

issuance as (
    select
        last_day(effective_date) as month_date,
        sum(net_issuance_with_accretion_usd_bn) as net_marketable_issuance_usd_bn
    from {{ ref('treasury_issuance_daily') }}
    group by 1
    having min(effective_date) <= date_trunc('month', min(effective_date)) + interval 5 day
),

joined as (
    select
        deficits.*,
        means.net_borrowing_usd_bn,
        cash_before.closing_cash_usd_bn - cash.closing_cash_usd_bn as cash_drawdown_usd_bn,
        -- More cash uses up financing, so the change that table 6 deducts is added back.
        means.financing_usd_bn - means.net_borrowing_usd_bn + means.cash_change_in_table_6_usd_bn
            as other_means_usd_bn,
        means.financing_usd_bn,
        issuance.net_marketable_issuance_usd_bn
    from deficits
    left join means on deficits.month_date = means.record_date
    left join cash on deficits.month_date = cash.month_date
    left join cash as cash_before on last_day(deficits.month_date - interval 1 month) = cash_before.month_date
    left join issuance on deficits.month_date = issuance.month_date
)

select
    month_date,
    cast(year(month_date) + case when month(month_date) >= 10 then 1 else 0 end as integer) as fiscal_year,
    {{ difference_bn('deficit_usd_bn') }} as deficit_usd_bn,
    {{ difference_bn('deficit_first_print_usd_bn') }} as deficit_first_print_usd_bn,
    {{ difference_bn('net_borrowing_usd_bn') }} as net_borrowing_usd_bn,
    {{ difference_bn('cash_drawdown_usd_bn') }} as cash_drawdown_usd_bn,
    {{ difference_bn('other_means_usd_bn') }} as other_means_usd_bn,
    {{ difference_bn('deficit_usd_bn - deficit_first_print_usd_bn') }} as restatement_usd_bn,
    {{ difference_bn(
        'deficit_first_print_usd_bn - net_borrowing_usd_bn - cash_drawdown_usd_bn - other_means_usd_bn'
    ) }} as residual_usd_bn,
    {{ difference_bn('financing_usd_bn') }} as stated_financing_usd_bn,
    {{ difference_bn('net_marketable_issuance_usd_bn') }} as net_marketable_issuance_usd_bn,
    {{ difference_bn('net_borrowing_usd_bn - net_marketable_issuance_usd_bn') }} as other_borrowing_usd_bn
from joined
order by month_date
