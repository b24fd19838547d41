"""Charts without a warehouse: which there are, how the theme holds up, and what titles say of other data."""

import itertools
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
import zlib
from datetime import date, timedelta
from pathlib import Path

import altair as alt
import polars as pl
import pytest

from ingest.providers import DATASETS
from tests.conftest import REPOSITORY
from warehouse.publication.charts import (
    CHARTS,
    LINKS,
    alerts,
    balance_sheet,
    buyers,
    ceiling,
    deficit,
    desk,
    drawing,
    hedge_funds,
    painter,
    prices,
    repo,
    srf,
    theme,
    trust,
)
from warehouse.publication.charts.look import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    at_places,
    colours,
    inline,
    moments,
    runs,
    shade,
)
from warehouse.publication.charts.painters import Painters, PaintingError
from warehouse.publication.charts.words import unbroken, usd_bn, year_before

ESSAY = {f"G{number}" for number in range(1, 12)}
BEYOND = {
    "balance_sheet_bridge", "marginal_buyer_stack", "maturity_wall", "basis_trade", "corridor_with_percentiles",
    "revision_heat_map", "reconciliation_status", "source_health", "thesis_scorecard", "srf_event_study",
}  # fmt: skip


def test_every_chart_of_the_essay_and_what_it_lacks_is_there():
    ids = [chart.id for chart in CHARTS]
    assert len(ids) == len(set(ids))
    assert sorted(filter(None, (chart.essay_id for chart in CHARTS))) == sorted(ESSAY)
    assert set(ids) >= BEYOND
    order = list(LINKS)
    assert [chart.link for chart in CHARTS] == sorted((chart.link for chart in CHARTS), key=order.index)
    assert {chart.link for chart in CHARTS} == set(LINKS), "a link of the chain without a chart"


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.id)
def test_charts_read_marts_only_and_name_what_they_rest_on(chart):
    schemas = {name for name in ("raw.", "history.", "staging.", "intermediate.", "meta.") if name in chart.query}
    assert schemas == set()
    assert chart.mart in chart.query
    assert set(chart.datasets) <= set(DATASETS)
    assert chart.datasets or chart.mart in (
        "reconciliation", "thesis_scorecard", "essay_scorecard", "revision_log", "source_health",
    )  # fmt: skip


def test_what_publishes_does_not_import_altair():
    """A second and 35 MB, for every command of which few draw."""
    asked = (
        "import sys, warehouse.publication.publish; "
        "print([n for n in ('altair', 'narwhals', 'jsonschema') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str) -> float:
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_colours_stand_out_from_the_background(dark: bool):
    """WCAG 2.2: 4.5 : 1 for text (1.4.3), 3 : 1 for graphics (1.4.11)."""
    found = colours(dark)
    ground = found["background"]
    assert theme(dark)["background"] == ground
    assert theme(dark)["range"]["category"] == found["series"]
    texts = {name: _contrast(found[name], ground) for name in ("ink", "muted", "alarm")}
    assert {name: ratio for name, ratio in texts.items() if ratio < 4.5} == {}
    graphics = {colour: _contrast(colour, ground) for colour in found["series"]}
    assert {colour: ratio for colour, ratio in graphics.items() if ratio < 3} == {}


# Machado, Oliveira and Fernandes (2009), severity 1: what a colour-blind eye sees, in linear RGB.
_BLIND = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}  # fmt: skip


def _seen(colour: str, matrix: tuple) -> tuple[float, float, float]:
    """CIE Lab of a colour as seen through a matrix (identity for a normal eye)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = (min(max(sum(w * x for w, x in zip(row, linear, strict=True)), 0), 1) for row in matrix)
    white = (0.95047, 1.0, 1.08883)
    xyz = (
        0.4124564 * red + 0.3575761 * green + 0.1804375 * blue,
        0.2126729 * red + 0.7151522 * green + 0.0721750 * blue,
        0.0193339 * red + 0.1191920 * green + 0.9503041 * blue,
    )
    x, y, z = (
        (value / ref) ** (1 / 3) if value / ref > 0.008856 else 7.787 * value / ref + 16 / 116
        for value, ref in zip(xyz, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("eye", _BLIND)
def test_all_series_differ_for_colour_blind_eyes(dark: bool, eye: str):
    """A stack of buyers shows nine, and has no dash; 10 is far above the 2.3 that an eye can just tell."""
    series = colours(dark)["series"]
    seen = {colour: _seen(colour, _BLIND[eye]) for colour in series}
    gaps = {
        (one, other): sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5
        for one, other in itertools.combinations(series, 2)
    }
    assert {pair: round(gap, 1) for pair, gap in gaps.items() if gap < 10} == {}
    # What touches in a stack: series in their order, and the grey of what is left over above any of them.
    stack, grey = series[:GREY], series[GREY - 1]
    touching = {pair: gap for pair, gap in gaps.items() if pair in set(itertools.pairwise(stack)) or grey in pair}
    assert {pair: round(gap, 1) for pair, gap in touching.items() if gap < 13} == {}


def test_no_stack_has_more_parts_than_the_palette():
    assert max(len(names) for names in (buyers._BUYERS, deficit._CLASSES, deficit._WALL, deficit._MEANS)) <= 9
    for dark in (False, True):
        assert len(colours(dark)["series"]) == RED == GREY + 1
        assert theme(dark)["style"]["stack"]["stroke"] == colours(dark)["background"]


def test_an_alarm_is_red_and_what_is_left_over_is_grey():
    drawn = json.dumps(drawing.spec_of(alerts.ALERTS, _firings()))
    (domain,) = set(re.findall(r'"domain": (\[[^\]]*"alarm"[^\]]*\])', drawn))
    assert {name: json.loads(domain).index(name) + 1 for name in ("alarm", "warn", "info")} == {
        "alarm": RED, "warn": 2, "info": 1
    }  # fmt: skip
    assert at_places({"a": 1, "rest": 4}) == ["a", "series2", "series3", "rest"]


def test_what_is_tight_or_fails_has_a_warning_colour():
    assert ceiling._REGIMES == {"abundant": BLUE, "ample": GREEN, "tight": ORANGE, "strained": RED}
    day = date(2025, 10, 31)
    days = pl.DataFrame(
        {
            "effective_date": [day - timedelta(days=n) for n in range(4)], "regime": list(ceiling._REGIMES),
            "regime_since_date": [day] * 4, "sofr_minus_iorb_bp": [0.0] * 4, "srf_accepted_usd_bn": [0.0] * 4,
        }
    )  # fmt: skip
    drawn = json.dumps(drawing.spec_of(ceiling.REGIME, days))
    (domain,) = {tuple(json.loads(found)) for found in re.findall(r'"domain": (\[[^\]]*"series[^\]]*\])', drawn)}
    assert {name: domain.index(name) + 1 for name in ceiling._REGIMES} == ceiling._REGIMES
    assert [trust._HEALTH[name] for name in ("good", "late", "failing")] == [BLUE, ORANGE, RED]


def _firings() -> pl.DataFrame:
    day = date(2025, 10, 31)
    rows = [(name, name, day, day, 1, "words") for name in ("alarm", "warn", "info")]
    names = ["title", "severity", "first_date", "last_date", "days_on_count", "message"]
    return pl.DataFrame(rows, schema=names, orient="row")


def test_a_mark_near_the_end_of_the_axis_has_its_label_to_the_left():
    """A label that starts at its line would run out of the picture."""
    spec = moments(
        {date(2022, 6, 1): "early", date(2026, 1, 7): "late"}, (date(2018, 1, 3), date(2026, 11, 18))
    ).to_dict()
    labels = {
        spec["datasets"][layer["data"]["name"]].splitlines()[1].split(",")[1]: layer["mark"].get("align")
        for layer in spec["layer"][1:]
    }
    assert labels == {"early": None, "late": "right"}


def test_title_of_the_event_study_claims_a_lower_bound_only():
    """Days far above the ceiling are among those at least 5 bp under it."""
    row = {
        "control": "all_days", "sofr_threshold_bp": -5.0, "take_up_threshold_usd_bn": 1.0, "recall_ratio": 0.87,
        "both_days_count": 20, "only_take_up_days_count": 3, "sofr_base_ratio": 0.04,
    }  # fmt: skip
    assert srf.STUDY.title(pl.DataFrame([row])) == (
        "SOFR was no lower than 5 bp under the ceiling on 20 of 23 days with standing repo of $1 bn or more, "
        "and on 4 % of all days"
    )
    assert "no lower than 2 bp above the ceiling" in srf.STUDY.title(pl.DataFrame([row | {"sofr_threshold_bp": 2.0}]))


def _stress(above: int, lent: float) -> pl.DataFrame:
    start = date(2025, 10, 1)
    return pl.DataFrame(
        {
            "effective_date": [start + timedelta(days=n) for n in range(30)],
            "sofr_minus_ceiling_bp": [-5.0] * (30 - above) + [3.0] * above,
            "srf_accepted_usd_bn": [0.0] * 29 + [lent],
            "srf_regime": ["twice a day"] * 30,
            "is_srf_take_up": [False] * 29 + [lent >= 1],
        }
    )


def test_title_of_the_ceiling_follows_the_data():
    title = ceiling.STRESS.title
    assert title(_stress(3, 50.35)) == (
        "SOFR was above the ceiling on 3 days of the last 20 to 2025-10-30; the most that the SRF lent since "
        "2025-10-01 was $50.4 bn on 2025-10-30"
    )
    assert "on 1 day of the last 20 to 2025-10-30" in title(_stress(1, 50.35))
    assert title(_stress(0, 0.0)) == (
        "SOFR was above the ceiling on no days of the last 20 to 2025-10-30; the standing repo facility lent nothing"
    )


def test_title_of_the_cash_account_knows_above_below_and_unknown():
    def cash(excess: float | None) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "effective_date": [date(2025, 11, 3), date(2025, 11, 4)],
                "closing_balance_usd_bn": [990.0, 850.0 + (excess or 0)],
                "assumed_cash_balance_usd_bn": [None, None if excess is None else 850.0],
                "excess_over_assumed_usd_bn": [None, excess],
            },
            schema_overrides={"assumed_cash_balance_usd_bn": pl.Float64, "excess_over_assumed_usd_bn": pl.Float64},
        )

    title = deficit.CASH.title
    assert title(cash(112.0)) == "The Treasury held $962 bn on 2025-11-04, $112 bn above the $850 bn it had assumed"
    assert title(cash(-40.0)) == "The Treasury held $810 bn on 2025-11-04, $40 bn below the $850 bn it had assumed"
    assert title(cash(None)) == "The Treasury held $850 bn on 2025-11-04"


def _reports(*days: date) -> pl.DataFrame:
    """Made-up weekly reports: short by a hundred billions more at each, until the last is ten less."""
    short = [100.0 * (place + 1) for place in range(len(days) - 1)] + [100.0 * len(days) - 110]
    return pl.DataFrame({"report_date": days, "short_usd_bn": short, "long_usd_bn": [50.0] * len(days)})


@pytest.mark.parametrize(
    ("days", "before"),
    [
        ((date(2025, 11, 11), date(2025, 11, 18), date(2026, 11, 17)), date(2025, 11, 18)),  # 52 weeks, not 53
        ((date(2025, 11, 10), date(2025, 11, 19), date(2026, 11, 17)), None),  # 372 and 363 days
        ((date(2025, 11, 11), date(2026, 11, 17)), date(2025, 11, 11)),  # 371 days: one report is missing
        ((date(2023, 2, 28), date(2024, 2, 29)), date(2023, 2, 28)),  # a leap day has no namesake a year before
        ((date(2024, 2, 27), date(2025, 2, 28)), date(2024, 2, 27)),
        ((date(2021, 12, 28), date(2025, 4, 29)), None),  # what the recorded pages hold
        ((date(2026, 11, 17),), None),
    ],
)
def test_a_year_before_is_52_or_53_weeks(days: tuple[date, ...], before: date | None):
    found = year_before(_reports(*days), "report_date")
    assert (found and found["report_date"]) == before
    assert year_before(_reports(*days).reverse(), "report_date") == found


def test_title_of_the_basis_trade_compares_with_a_year_before_or_not_at_all():
    title = hedge_funds.BASIS.title
    assert title(_reports(date(2025, 11, 11), date(2025, 11, 18), date(2026, 11, 10), date(2026, 11, 17))) == (
        "Leveraged funds were short $290 bn of Treasury futures on 2026-11-17, $90 bn more than a year before; the "
        "peak was $300 bn on 2026-11-10"
    )
    assert title(_reports(date(2021, 12, 28), date(2025, 4, 22), date(2025, 4, 29))) == (
        "Leveraged funds were short $190 bn of Treasury futures on 2025-04-29; the peak was $200 bn on 2025-04-22"
    )
    assert title(_reports(date(2025, 4, 22), date(2025, 4, 29)).head(1)).endswith(
        "on 2025-04-22, the most on record here"
    )


def test_title_of_standing_repo_names_its_quarter():
    """The newest quarter may be a year old, and may itself be the one of most use."""
    data = pl.DataFrame(
        {
            "quarter_end_date": [date(2025, 9, 30), date(2025, 12, 31)], "first_date": [date(2025, 7, 1)] * 2,
            "accepted_mean_usd_bn": [0.5, 4.1],
        }
    )  # fmt: skip
    title = srf.USE.title
    assert title(data) == "Standing repo: $4.1 bn a day on average in 2025 Q4, the quarter of most use"
    assert title(data.with_columns(accepted_mean_usd_bn=pl.Series([0.5, 0.2]))) == (
        "Standing repo: $0.2 bn a day on average in 2025 Q4, against $0.5 bn in 2025 Q3, the quarter of most use"
    )


@pytest.mark.parametrize(
    ("bills", "cash", "words"),
    [
        (200.0, -50.0, "rose by $150 bn: Treasury's account took $50 bn, Treasury bills gave $200 bn"),
        (200.0, 50.0, "rose by $250 bn: Treasury bills gave $200 bn"),
        (-20.0, -50.0, "fell by $70 bn: Treasury's account took $50 bn"),
        (0.0, 0.0, "rose by $0 bn"),
    ],
)
def test_title_of_the_channels_says_took_only_of_what_fell(bills: float, cash: float, words: str):
    added = {"bills": bills, "tga": cash, "reserves_created": bills + cash}
    data = pl.DataFrame(
        {
            "since": "qt", "channel": list(added), "added_usd_bn": list(added.values()),
            "from_date": date(2022, 6, 1), "to_date": date(2026, 11, 18),
        }
    )  # fmt: skip
    assert balance_sheet.CHANNELS.title(data) == f"Since 2022-06-01 reserves {words}"


def test_title_of_a_single_month_tells_no_growth():
    month = {"month_date": [date(2023, 9, 30)], "sofr_volume_usd_bn": [1437.0], "marketable_debt_usd_bn": [25753.7],
             "sofr_volume_index": [100.0], "debt_index": [100.0]}  # fmt: skip
    title = repo.VOLUME.title(pl.DataFrame(month))
    assert title == "In September 2023 SOFR had a volume of $1.44 tn a day and $25.75 tn of marketable debt were out"


def test_titles_whose_newest_value_is_the_record_compare_it_with_nothing():
    held = pl.DataFrame({"effective_date": [date(2022, 12, 29), date(2022, 12, 30)], "on_rrp_usd_bn": [2308.3, 2553.7]})
    assert balance_sheet.RRP.title(held) == "ON RRP held $2.55 tn on 2022-12-30, the most since 2022-12-29"
    assert "% of the highest since 2022-12-29, $2.55 tn on 2022-12-30" in balance_sheet.RRP.title(
        pl.concat([held, pl.DataFrame({"effective_date": [date(2023, 1, 3)], "on_rrp_usd_bn": [2188.3]})])
    )
    funds = pl.DataFrame(
        {
            "month_date": [date(2022, 11, 30), date(2022, 12, 31)], "repo_with_fed_usd_bn": [2000.0, 2200.0],
            "treasuries_usd_bn": [900.0, 950.0],
        }
    )  # fmt: skip
    assert repo.FUNDS.title(funds) == (
        "Money funds' repo with the Fed: $2.20 tn in December 2022, the most on record here; their Treasuries were "
        "$950 bn"
    )
    reserves = pl.DataFrame(
        {
            "wednesday_date": [date(2022, 1, 5), date(2022, 1, 12)], "reserves_usd_bn": [4000.0, 3900.0],
            "is_start_of_2022": [True, False],
        }
    )  # fmt: skip
    assert balance_sheet.RESERVES.title(reserves).endswith("to $3.90 tn on 2022-01-12, the low of these years")
    lent = pl.DataFrame(
        {"wednesday_date": [date(2023, 3, 15)], "lending_usd_bn": [318.0]}
        | {name: [318.0 if name == "discount_window_usd_bn" else 0.0] for name in desk._LENT}
    )
    assert desk.LENDING.title(lent).endswith("; the most since 2023-03-15")


def test_title_of_the_cash_account_says_which_day_an_estimate_covered():
    data = pl.DataFrame(
        {
            "effective_date": [date(2026, 9, 30), date(2026, 10, 1)], "closing_balance_usd_bn": [893.0, 990.0],
            "assumed_cash_balance_usd_bn": [850.0, None], "excess_over_assumed_usd_bn": [43.0, None],
        }
    )  # fmt: skip
    assert deficit.CASH.title(data) == (
        "The Treasury held $990 bn on 2026-10-01; no estimate covers that day. On 2026-09-30 it was $43 bn above the "
        "$850 bn then assumed"
    )


def _month_ends(*skipped: int) -> list[date]:
    ends = [date(2025 + (month // 12), month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 25)]
    return [day for place, day in enumerate(ends) if place not in skipped]


def test_sums_and_changes_do_not_leap_a_gap():
    """Twelve rows with a gap are no twelve months, and a step over a gap is no change of a month or of 13 weeks."""
    months = pl.DataFrame({"month_date": _month_ends(15)}).with_columns(
        deficit_usd_bn=100.0, net_borrowing_usd_bn=90.0, cash_drawdown_usd_bn=10.0, other_means_usd_bn=0.0,
        restatement_usd_bn=0.0, residual_usd_bn=0.0,
    )  # fmt: skip
    assert unbroken(months, "month_date", 12, 31)["month_date"].to_list() == months["month_date"].to_list()[-8:]
    assert deficit.BRIDGE.title(months).startswith("Of $800 bn deficit in the 8 months to December 2026")
    whole = pl.DataFrame({"month_date": _month_ends()})
    assert unbroken(whole, "month_date", 12, 31).height == 12
    quarters = pl.DataFrame({"quarter_date": [day for day in _month_ends() if day.month % 3 == 0]})
    assert unbroken(quarters, "quarter_date", 4, 92).height == 4
    # Both series grow by a tenth a month; in the gap they part, and nothing else would.
    grown = [1.1**n for n in range(24) if n != 15]
    data = pl.DataFrame({"month_date": _month_ends(15), "sofr_volume_usd_bn": grown, "marketable_debt_usd_bn": grown})
    data = data.with_columns(
        sofr_volume_usd_bn=pl.col("sofr_volume_usd_bn") * (1 + 0.1 * (pl.int_range(pl.len()) % 3)),
        marketable_debt_usd_bn=pl.col("marketable_debt_usd_bn") * (1 + 0.1 * (pl.int_range(pl.len()) % 3))
        * pl.when(pl.int_range(pl.len()) >= 15).then(100).otherwise(1),
        sofr_volume_index=pl.lit(200.0), debt_index=pl.lit(200.0),
    )  # fmt: skip
    assert repo.VOLUME.title(data).endswith("their monthly changes correlate at +1.00")
    weeks = [date(2020, 1, 1) + timedelta(weeks=n + (20 if n >= 50 else 0)) for n in range(100)]
    wave = [1.1 ** (n % 7) for n in range(100)]
    both = pl.DataFrame(
        {
            "wednesday_date": weeks,
            "bitcoin_close_usd_per_btc": [value * (100 if n >= 50 else 1) for n, value in enumerate(wave)],
            "assets_usd_bn": [value / (100 if n >= 50 else 1) for n, value in enumerate(wave)],
        }
    )
    assert prices.BITCOIN.title(both).endswith("changes over 13 weeks at +1.00")


def test_title_of_the_buyers_says_took_only_of_who_bought():
    sold = dict.fromkeys(buyers._BUYERS, -1.0)
    row = {"quarter_date": date(2026, 9, 30), "net_issuance_usd_bn": 100.0, **sold, "unexplained_usd_bn": 108.0}
    assert buyers.STACK.title(pl.DataFrame([row | {"has_accounts": False}])) == (
        "Of $100 bn net issuance in 2026 Q3, no known buyer took any; "
        "$108 bn has no buyer until the financial accounts are out"
    )
    assert buyers.STACK.title(pl.DataFrame([row | {"money_funds_usd_bn": 60.0, "has_accounts": True}])).endswith(
        "the largest known buyer, money funds, took $60 bn; $108 bn stays unexplained"
    )


def test_amounts_in_words():
    assert [usd_bn(50.35, 1), usd_bn(2100), usd_bn(-3), usd_bn(0), usd_bn(0.004, 1), usd_bn(-0.3)] == [
        "$50.4 bn", "$2.10 tn", "-$3 bn", "$0 bn", "under $0.1 bn", "under $1 bn",
    ]  # fmt: skip


def test_runs_join_neighbours_and_leave_nulls_out():
    days = [date(2025, 1, day) for day in range(1, 6)]
    found = runs(pl.DataFrame({"day": days, "state": ["a", "a", None, "b", "a"]}), "day", "state")
    assert found.rows() == [(days[0], days[1], "a"), (days[3], days[3], "b"), (days[4], days[4], "a")]


def test_a_band_too_near_the_one_before_gets_no_label():
    """Nine years on half a page: nine months are some forty pixels, too few for ten letters."""
    starts = [date(2018, 1, 1), date(2025, 1, 2), date(2025, 10, 1)]
    ends = [date(2018, 2, 8), date(2025, 7, 4), date(2026, 11, 20)]
    spec = shade(
        pl.DataFrame({"from_date": starts, "to_date": ends, "label": ["debt_limit", "debt_limit", "shutdown"]})
    ).to_dict()
    bands, labels = (spec["datasets"][layer["data"]["name"]].splitlines()[1:] for layer in spec["layer"])
    assert len(bands) == 3
    assert labels == ["2018/01/01,debt limit", "2025/01/02,debt limit"]


def test_dates_are_written_so_that_no_reader_sees_the_day_before():
    text = inline(pl.DataFrame({"day": [date(2025, 1, 2)], "value": [1.5]})).to_dict()
    assert text == {
        "values": "day,value\n2025/01/02,1.5\n",
        "format": {"type": "csv", "parse": {"day": "date", "value": "number"}},
    }


def test_packed_pictures_are_whole():
    spec = alt.Chart(alt.InlineData(values=[{"a": 1}])).mark_point().encode(x="a:Q").to_dict()
    import vl_convert

    plain = vl_convert.vegalite_to_png(spec, vl_version=painter.VEGA_LITE)
    packed = painter.packed(plain)

    def pixels(png: bytes) -> tuple[bytes, bytes]:
        position, head, body = 8, b"", b""
        while position < len(png):
            (length,) = struct.unpack_from(">I", png, position)
            kind, content = png[position + 4 : position + 8], png[position + 8 : position + 8 + length]
            (crc,) = struct.unpack_from(">I", png, position + 8 + length)
            assert crc == zlib.crc32(kind + content)
            head, body = (content if kind == b"IHDR" else head), body + (content if kind == b"IDAT" else b"")
            position += length + 12
        assert kind == b"IEND"
        return head, zlib.decompress(body)

    assert pixels(packed) == pixels(plain)
    assert len(packed) < len(plain)


def test_what_only_a_pointer_needs_is_not_in_pictures():
    spec = drawing.spec_of(ceiling.STRESS, _stress(3, 50.35))
    assert "hover" in json.dumps(spec)
    still = json.dumps(drawing._still(spec))
    assert [word for word in ("hover", "tooltip", '"params"') if word in still] == []


@pytest.mark.usefixtures("nothing_kept")
def test_pictures_have_the_fonts_that_come_along_and_leave_the_environment_alone():
    """Those of the system, opened anew for each glyph, take twice as long and differ from machine to machine."""
    drawn = """
import hashlib, os, sys
from warehouse.publication.charts.painters import Painters
svg = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><text y="20" font-family="{}">Agy1</text></svg>'
with Painters() as painters:
    print(*(hashlib.sha256(painters.png(svg.format(name), 1)).hexdigest() for name in sys.argv[1:]))
print(os.environ.get("FONTCONFIG_FILE"))
"""
    families = ["Liberation Sans", "DejaVu Serif", "No Such Font"]
    for given in (None, "/etc/fonts/fonts.conf"):
        surroundings = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}
        surroundings |= {"FONTCONFIG_FILE": given} if given else {}
        done = subprocess.run(
            [sys.executable, "-c", drawn, *families],
            cwd=REPOSITORY, env=surroundings, capture_output=True, text=True, check=True,
        )  # fmt: skip
        (sans, serif, unknown), (left,) = (line.split() for line in done.stdout.splitlines())
        assert (serif, left) == (unknown, str(given)), "a font of the system was found"
        assert sans != unknown or sys.platform != "linux"


@pytest.mark.usefixtures("nothing_kept")
def test_a_picture_that_cannot_be_drawn_says_why_and_another_can_be_asked_for():
    point = alt.Chart(alt.InlineData(values=[{"a": 1}])).mark_point().encode(x="a:Q").to_dict()
    with Painters() as painters:
        with pytest.raises(PaintingError, match="Vega-Lite to SVG"):
            painters.svg({**point, "mark": {"type": "no such mark"}})
        assert painters.svg(point).startswith("<svg")
        for process in painters._started:
            process.kill()
            process.wait()
        with pytest.raises((PaintingError, BrokenPipeError)):
            painters.svg(point)
        assert painters.svg(point).startswith("<svg")
        started = list(painters._started)
    assert all(process.poll() is not None for process in started)


@pytest.mark.usefixtures("nothing_kept")
def test_whoever_draws_ends_with_whoever_asks():
    asks = (
        "import os, signal; from warehouse.publication.charts.painters import Painters; painters = Painters(); "
        "painters.bundle('1'); print(painters._started[0].pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", asks], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 30
    while Path(f"/proc/{done.stdout.strip()}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{done.stdout.strip()}").exists()
