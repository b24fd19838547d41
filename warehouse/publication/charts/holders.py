"""Charts of who holds Treasuries: sectors of the financial accounts, and what foreign officials keep at the Fed."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, crosshair, inline, level, lines, stacked
from warehouse.publication.charts.words import direction, quarter, usd_bn

# Column of the query: sectors that it adds up, and how the chart names them.
_GROUPS = {
    "foreign_usd_bn": (("foreign_official", "foreign_private"), "abroad"),
    "fed_usd_bn": (("fed",), "Federal Reserve"),
    "households_usd_bn": (("households_and_nonprofits", "domestic_hedge_funds"), "households, hedge funds"),
    "money_funds_usd_bn": (("money_funds",), "money funds"),
    "mutual_funds_usd_bn": (("mutual_funds",), "mutual funds"),
    "banks_usd_bn": (("banks_us_chartered",), "banks"),
    "pensions_insurers_usd_bn": (
        ("private_pension_funds", "state_local_pension_funds", "life_insurers", "property_casualty_insurers"),
        "pensions, insurers",
    ),
    "states_usd_bn": (("state_local_governments",), "states, cities"),
    "others_usd_bn": (("dealers", "other_sectors"), "dealers, others"),
}
_LABELS = {name: label for name, (_, label) in _GROUPS.items()}


def _shares(row: dict[str, float]) -> dict[str, float]:
    total = sum(row[name] for name in _GROUPS)
    return {label: 100 * row[name] / total for name, label in _LABELS.items()}


def _holders_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    shares = _shares(last)
    text = (
        f"At the end of {quarter(last['quarter_date'])} {shares['abroad']:.1f} % of Treasuries were held abroad, "
        f"{shares['Federal Reserve']:.1f} % by the Fed"
    )
    earlier = data.filter(pl.col("quarter_date").dt.year() == last["quarter_date"].year - 5).filter(
        pl.col("quarter_date").dt.month() == last["quarter_date"].month
    )
    if earlier.is_empty():
        return f"{text}, {shares['households, hedge funds']:.1f} % by households with hedge funds"
    before = _shares(earlier.row(0, named=True))
    holder = max(shares, key=lambda label: shares[label] - before[label])
    gained = shares[holder] - before[holder]
    return f"{text}; the share of {holder} rose most in five years, by {gained:.1f} points to {shares[holder]:.1f} %"


def _holders_alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    parts = ", ".join(f"{label} {usd_bn(last[name])}" for name, label in _LABELS.items())
    return (
        f"Bars of {data.height} quarters from {quarter(data['quarter_date'][0])}: Treasuries by holder, at market. "
        f"At the end of {quarter(last['quarter_date'])}: {parts}."
    )


def _draw_holders(data: pl.DataFrame) -> alt.TopLevelMixin:
    quarters = alt.X("quarter:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap="greedy"))
    named = data.with_columns(
        quarter=pl.format("{} Q{}", pl.col("quarter_date").dt.year(), pl.col("quarter_date").dt.quarter())
    )
    bars = stacked(quarters, _LABELS, "billions of US dollars", columns=5, residual="others_usd_bn")
    return bars.properties(data=inline(named), width=WIDTH, height=340)


def _group(name: str, sectors: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{sector}'" for sector in sectors)
    return f"round(sum(held_usd_bn) FILTER (sector IN ({listed})), 1) AS {name}"


HOLDERS = Chart(
    id="treasury_holders",
    mart="treasury_holders_quarterly",
    query="SELECT quarter_date, "
    + ", ".join(_group(name, sectors) for name, (sectors, _) in _GROUPS.items())
    + " FROM marts.treasury_holders_quarterly WHERE quarter_date >= DATE '2014-12-31' GROUP BY quarter_date "
    "HAVING count(*) FILTER (sector = 'other_sectors') = 1 ORDER BY quarter_date",
    title=_holders_title,
    draw=_draw_holders,
    alt=_holders_alt,
    datasets=("fred.observations",),
    note="Financial accounts (Z.1) at market value: a bar falls with prices too. Households are what Z.1 has "
    "left over; domestic hedge funds are with them, hedge funds abroad are abroad.",
)

_CUSTODY = {"custody_treasuries_usd_bn": "in custody at the Fed, face", "tic_official_usd_bn": "all, by TIC, market"}
_CASH = {"foreign_repo_pool_usd_bn": "foreign repo pool"}


def _custody_title(data: pl.DataFrame) -> str:
    last = data.drop_nulls("custody_treasuries_52w_change_usd_bn").row(-1, named=True)
    change = last["custody_treasuries_52w_change_usd_bn"]
    return (
        f"Foreign officials kept {usd_bn(last['custody_treasuries_usd_bn'])} of Treasuries at the Fed on "
        f"{last['wednesday_date']}; in 52 weeks that {direction(change)} by {usd_bn(abs(change))}"
    )


def _custody_alt(data: pl.DataFrame) -> str:
    both, cash = data.drop_nulls(list(_CUSTODY)).row(-1, named=True), data.drop_nulls(list(_CASH)).row(-1, named=True)
    return (
        f"Two panels by week from {data['wednesday_date'][0]}. Treasuries of foreign officials: "
        f"{usd_bn(both['custody_treasuries_usd_bn'])} in custody on {both['wednesday_date']}, of "
        f"{usd_bn(both['tic_official_usd_bn'])} by TIC at that month's end. Lent to the Fed overnight: "
        f"{usd_bn(cash['foreign_repo_pool_usd_bn'])} on {cash['wednesday_date']}."
    )


def _draw_custody(data: pl.DataFrame) -> alt.TopLevelMixin:
    day, unit = "wednesday_date", "billions of US dollars"
    tips = {name: (f"{label}, $bn", ",.0f") for name, label in (_CUSTODY | _CASH).items()}
    held = alt.layer(
        lines(day, _CUSTODY, f"Treasuries of foreign officials, {unit}", bridged=True),
        crosshair(day, tips, name="-custody"),
    ).properties(width=WIDTH, height=210)
    cash = alt.layer(
        level(0.0), lines(day, _CASH, f"foreign repo pool, {unit}", place=3), crosshair(day, tips, name="-cash")
    ).properties(width=WIDTH, height=130)
    return alt.vconcat(held, cash, data=inline(data), spacing=32)


CUSTODY = Chart(
    id="foreign_custody",
    mart="foreign_custody_weekly",
    query="""
        SELECT
            wednesday_date,
            round(custody_treasuries_usd_bn, 1) AS custody_treasuries_usd_bn,
            round(custody_treasuries_52w_change_usd_bn, 1) AS custody_treasuries_52w_change_usd_bn,
            round(tic_official_usd_bn, 1) AS tic_official_usd_bn,
            round(foreign_repo_pool_usd_bn, 1) AS foreign_repo_pool_usd_bn
        FROM marts.foreign_custody_weekly
        WHERE wednesday_date >= DATE '2018-01-01'
        ORDER BY wednesday_date
    """,
    title=_custody_title,
    draw=_draw_custody,
    alt=_custody_alt,
    datasets=("fred.observations", "frb.h41", "tic.major_foreign_holders"),
    note="Custody is known the day after, TIC seven weeks later; TIC's value is on the last Wednesday of its month. "
    "Custody moves when an account moves to another custodian, too.",
)

CHARTS = (HOLDERS, CUSTODY)
