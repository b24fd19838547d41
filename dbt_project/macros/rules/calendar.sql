{#- CTEs parts, fixed_holidays, moons, good_fridays, judged: the days of the CTE `spine` (calendar_date), and which of them are
    Federal Reserve business days. The rule looks only at the date, so that a day ahead can be judged too. -#}
{% macro judged_days(spine) -%}
parts as (
    select
        calendar_date,
        extract(year from calendar_date) as year_number,
        extract(month from calendar_date) * 100 + extract(day from calendar_date) as month_day,
        {{ weekday_number('calendar_date') }} as weekday_number
    from {{ spine }}
),

-- A holiday on a Sunday moves to Monday. One on a Saturday does not move: the Fed and the Treasury were open on
-- 2021-06-18 and 2026-07-03.
fixed_holidays as (
    select calendar_date as holiday_date
    from parts
    where month_day in (101, 704, 1111, 1225) or (month_day = 619 and year_number >= 2021)
),

-- Repo pauses on Good Friday, on which the Fed is open; Gauss's rule for Easter, true from 1982 to 2048. Other days on
-- which the securities market alone closed (four since 2018) ended no month and settled no coupons.
moons as (
    select distinct
        year_number,
        (19 * (year_number % 19) + 24) % 30 as moon_offset
    from parts
),

good_fridays as (
    select
        cast(year_number || '-03-20' as date) + cast(
            moon_offset + (2 * (year_number % 4) + 4 * (year_number % 7) + 6 * moon_offset + 5) % 7 as integer
        ) as holiday_date
    from moons
),

judged as (
    select
        parts.calendar_date,
        parts.month_day,
        parts.weekday_number,
        date_trunc('month', parts.calendar_date) as month_start,
        (
            parts.weekday_number <= 5
            and same_day.holiday_date is null
            and not (parts.weekday_number = 1 and day_before.holiday_date is not null)
            and not (
                parts.weekday_number = 1
                and (
                    parts.month_day between 115 and 121  -- Martin Luther King Day
                    or parts.month_day between 215 and 221  -- Washington's Birthday
                    or parts.month_day between 525 and 531  -- Memorial Day
                    or parts.month_day between 901 and 907  -- Labor Day
                    or parts.month_day between 1008 and 1014  -- Columbus Day
                )
            )
            and not (parts.weekday_number = 4 and parts.month_day between 1122 and 1128)  -- Thanksgiving
        ) as is_business_day,
        good_fridays.holiday_date is not null as is_good_friday,
        -- Emancipation Day, 16 April or the weekday next to it: a holiday of the capital, for which the tax office waits
        -- since 2007.
        coalesce(
            parts.year_number >= 2007
            and (
                (parts.month_day = 416 and parts.weekday_number <= 5)
                or (parts.month_day = 415 and parts.weekday_number = 5)
                or (parts.month_day = 417 and parts.weekday_number = 1)
            ),
            false
        ) as is_holiday_of_capital
    from parts
    left join fixed_holidays as same_day on parts.calendar_date = same_day.holiday_date
    left join fixed_holidays as day_before on parts.calendar_date - 1 = day_before.holiday_date
    left join good_fridays on parts.calendar_date = good_fridays.holiday_date
)
{%- endmacro %}
