-- Each definition is a sum of inputs times its factors of the seed, over inputs of one date. The text of the formula is
-- made of the same factors, in names of columns of the row.
{% set inputs = [
    'fed_assets', 'tga_level', 'tga_week_average', 'tga_statement', 'on_rrp_outstanding', 'fed_repo',
    'reserves_week_average', 'bank_deposits',
] %}
with published as (
    select
        observation_date,
        max(value_canonical) filter (where series_id = 'WTREGEN') as tga_week_average_usd_bn,
        max(value_canonical) filter (where series_id = 'WRESBAL') as reserves_week_average_usd_bn,
        max(value_canonical) filter (where series_id = 'DPSACBW027SBOG') as bank_deposits_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id in ('WTREGEN', 'WRESBAL', 'DPSACBW027SBOG')
    group by observation_date
),

inputs as (
    select
        liquidity.effective_date,
        'weekly' as frequency,
        liquidity.wednesday_assets_usd_bn as fed_assets_usd_bn,
        liquidity.wednesday_tga_usd_bn as tga_level_usd_bn,
        published.tga_week_average_usd_bn,
        cast(null as double) as tga_statement_usd_bn,
        liquidity.wednesday_on_rrp_usd_bn as on_rrp_outstanding_usd_bn,
        h41.repo_usd_bn as fed_repo_usd_bn,
        published.reserves_week_average_usd_bn,
        published.bank_deposits_usd_bn,
        liquidity.net_liquidity_wednesday_usd_bn as ours_usd_bn
    from {{ ref('dollar_liquidity_daily') }} as liquidity
    left join published on liquidity.effective_date = published.observation_date
    left join {{ ref('int_fred_h41_weekly') }} as h41 on liquidity.effective_date = h41.wednesday_date
    where liquidity.wednesday_assets_usd_bn is not null

    union all

    select
        effective_date,
        'daily' as frequency,
        nowcast_assets_usd_bn as fed_assets_usd_bn,
        null as tga_level_usd_bn,
        null as tga_week_average_usd_bn,
        nowcast_tga_usd_bn as tga_statement_usd_bn,
        nowcast_on_rrp_usd_bn as on_rrp_outstanding_usd_bn,
        null as fed_repo_usd_bn,
        null as reserves_week_average_usd_bn,
        null as bank_deposits_usd_bn,
        net_liquidity_nowcast_usd_bn as ours_usd_bn
    from {{ ref('dollar_liquidity_daily') }}
    where net_liquidity_nowcast_usd_bn is not null
),

newest as (
    select
        frequency,
        max(effective_date) as effective_date
    from inputs
    group by frequency
),

valued as (
    select
        inputs.effective_date,
        definitions.definition_id,
        definitions.author,
        definitions.definition_title,
        definitions.definition_kind,
        definitions.frequency,
        definitions.definition_unit,
        definitions.published,
        ltrim(concat(
            {% for name in inputs %}
            case
                when definitions.{{ name }}_factor = 1 then ' + {{ name }}_usd_bn'
                when definitions.{{ name }}_factor = -1 then ' - {{ name }}_usd_bn'
                when definitions.{{ name }}_factor < 0
                    then ' - ' || -definitions.{{ name }}_factor || ' * {{ name }}_usd_bn'
                when definitions.{{ name }}_factor > 0
                    then ' + ' || definitions.{{ name }}_factor || ' * {{ name }}_usd_bn'
            end,
            {% endfor %}
            case
                when definitions.constant_value < 0 then ' - ' || -definitions.constant_value
                when definitions.constant_value > 0 then ' + ' || definitions.constant_value
            end
        ), ' +') as formula,
        case
            when definitions.why_not_reproduced is null
                then coalesce(definitions.constant_value, 0)
                {% for name in inputs %}
                + case
                    when definitions.{{ name }}_factor is null then 0
                    else definitions.{{ name }}_factor * inputs.{{ name }}_usd_bn
                end
                {% endfor %}
        end as unrounded_value,
        definitions.why_not_reproduced,
        {% for name in inputs %}
        inputs.{{ name }}_usd_bn,
        {% endfor %}
        inputs.ours_usd_bn,
        definitions.status as definition_status,
        definitions.source as definition_source,
        definitions.note as definition_note
    from inputs
    inner join {{ ref('stg_policy__liquidity_definitions') }} as definitions on inputs.frequency = definitions.frequency
)

select
    valued.effective_date,
    valued.definition_id,
    valued.author,
    valued.definition_title,
    valued.definition_kind,
    valued.frequency,
    valued.published,
    valued.formula,
    case
        when valued.formula <> '' then concat(
            'SELECT effective_date, ', valued.formula, ' AS definition_value FROM marts.net_liquidity_definitions',
            ' WHERE definition_id = ', chr(39), valued.definition_id, chr(39), ' ORDER BY effective_date'
        )
    end as definition_query,
    round(valued.unrounded_value, 6) as definition_value,
    valued.definition_unit,
    case
        when valued.definition_unit = 'usd_bn' then {{ difference_bn('valued.unrounded_value - valued.ours_usd_bn') }}
    end as difference_to_ours_usd_bn,
    valued.why_not_reproduced,
    valued.fed_assets_usd_bn,
    valued.tga_level_usd_bn,
    valued.tga_week_average_usd_bn,
    valued.tga_statement_usd_bn,
    valued.on_rrp_outstanding_usd_bn,
    valued.fed_repo_usd_bn,
    valued.reserves_week_average_usd_bn,
    valued.bank_deposits_usd_bn,
    valued.definition_status,
    valued.definition_source,
    valued.definition_note
from valued
inner join newest on valued.frequency = newest.frequency
where valued.unrounded_value is not null or valued.effective_date = newest.effective_date
order by valued.effective_date, valued.definition_id
