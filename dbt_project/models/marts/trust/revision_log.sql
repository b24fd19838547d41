with ordered as (
    select
        dataset,
        series,
        effective_date,
        value_canonical,
        canonical_unit,
        known_from,
        known_basis,
        load_seq,
        is_deleted,
        row_number() over versions_of_row as version_number,
        lag(value_canonical) over versions_of_row as old_value,
        lag(is_deleted) over versions_of_row as was_deleted,
        lag(known_from) over versions_of_row as old_known_from
    from {{ ref('stg_meta__versions') }}
    window versions_of_row as (partition by dataset, series, effective_date order by known_from, load_seq)
)

select
    dataset,
    series,
    effective_date,
    version_number,
    case when is_deleted then 'withdrawn' when was_deleted then 'returned' else 'changed' end as revision_kind,
    case when not was_deleted then old_value end as old_value,
    case when not is_deleted then value_canonical end as new_value,
    case
        when not is_deleted and not was_deleted then {{ difference_bn('value_canonical - old_value') }}
    end as change_value,
    canonical_unit as unit,
    old_known_from,
    known_from,
    known_basis,
    cast(known_from as date) - effective_date as days_after_effective_count
from ordered
where
    version_number > 1
    and not (is_deleted and was_deleted)
    and (
        is_deleted <> was_deleted
        -- Less than a thousand dollars, or a hundred-thousandth of a percent, is binary dust of the conversion.
        or abs(value_canonical - old_value) > 1e-6
        or (value_canonical is null) <> (old_value is null)
    )
order by known_from, dataset, series, effective_date, version_number
