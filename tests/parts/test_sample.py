"""The sample providers: wire formats, identities, determinism, revisions, faults; every parser accepts them."""

import calendar
import csv
import io
import json
import random
import re
import time as clock
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise

import httpx
import pytest

from ingest import kept, sample
from ingest.calendars import Calendar, add_business_days, is_open, new_york_to_utc, utc_now
from ingest.catalog import Plan, Series, Unit
from ingest.http import clock_ahead_seconds
from ingest.parsing import conform
from ingest.providers.fred import common
from ingest.releases import Cadence, Release
from ingest.sample import answers, transport
from ingest.sample.fred.models import BITCOIN_GAP
from ingest.sample.fred.releases import BITCOIN_SHIFT
from ingest.sample.nyfed import EDITED_NOTE
from ingest.sample.world import World, world_on
from ingest.sample.world.chance import normals
from ingest.sample.world.dates import last_open_day, last_wednesday, month_after
from ingest.sample.world.levels import MONTHLY_LEVELS
from tests.conftest import REPOSITORY

TODAY = date(2026, 11, 20)
NYFED = "https://markets.newyorkfed.org/api"
FISCAL_SERVICE = "https://api.fiscaldata.treasury.gov/services/api/fiscal_service"
FISCAL = f"{FISCAL_SERVICE}/v1/accounting/dts"
CHART = "https://fred.stlouisfed.org/graph/fredgraph.csv"
FRED_API = "https://api.stlouisfed.org/fred/series/observations"
CANDLES = "https://api.exchange.coinbase.com/products/BTC-USD/candles"


def client(today: date = TODAY, **options) -> httpx.Client:
    return httpx.Client(transport=transport(today, **options))


@pytest.fixture(scope="module")
def web() -> httpx.Client:
    return client()


@pytest.fixture(scope="module")
def world() -> World:
    return world_on(date(2026, 11, 21))


def test_one_world_for_a_row_of_runs_that_midnight_interrupts(monkeypatch: pytest.MonkeyPatch):
    """At New York's midnight the world moves on; the suite, and whoever names the date, stays in one."""
    monkeypatch.setattr(sample, "new_york_today", lambda: TODAY + timedelta(days=1))
    monkeypatch.setenv(sample.DATE_VARIABLE, TODAY.isoformat())

    def prices() -> dict[date, float | None]:
        return chart(httpx.Client(transport=transport()), "CBBTCUSD")

    assert max(prices()) == max(chart(client(), "CBBTCUSD"))
    monkeypatch.delenv(sample.DATE_VARIABLE)
    assert max(prices()) == max(chart(client(TODAY + timedelta(days=1)), "CBBTCUSD")) > max(chart(client(), "CBBTCUSD"))


def chart(web: httpx.Client, series_id: str, **params: str) -> dict[date, float | None]:
    body = web.get(CHART, params={"id": series_id, **params}).raise_for_status().text
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[0] == ["observation_date", series_id]
    return {date.fromisoformat(day): float(value) if value else None for day, value in rows[1:]}


def rates(web: httpx.Client, path: str, **params: str) -> list[dict]:
    return web.get(f"{NYFED}/rates/{path}.json", params=params).raise_for_status().json()["refRates"]


def operations(web: httpx.Client, first: str, last: str) -> list[dict]:
    params = {"startDate": first, "endDate": last}
    return web.get(f"{NYFED}/rp/results/search.json", params=params).raise_for_status().json()["repo"]["operations"]


def fiscal_pages(web: httpx.Client, table: str, size: int = 10_000, **params: str) -> Iterator[dict]:
    number = 1
    while number:
        page = {"page[number]": str(number), "page[size]": str(size)}
        answer = web.get(f"{FISCAL}/{table}", params=params | page).raise_for_status().json()
        yield answer
        number = number + 1 if answer["links"]["next"] else 0


def monthly(column: str) -> dict[date, float]:
    with MONTHLY_LEVELS.open(encoding="utf-8", newline="") as file:
        return {
            date.fromisoformat(f"{row['month']}-01"): float(row[column]) for row in csv.DictReader(file) if row[column]
        }


# --- every answer ---------------------------------------------------------------------------------------------------


def test_every_answer_says_that_it_is_simulated(web):
    for url in (f"{NYFED}/soma/summary.json", f"{CHART}?id=SOFR", f"{CHART}?id=NOSUCH", "https://example.org/"):
        assert web.get(url).headers["x-simulated"] == "dollar-liquidity"


def test_unknown_urls_are_refused_as_the_hosts_do(web):
    assert web.get("https://example.org/").status_code == 404
    assert web.get(f"{CHART}?id=NOSUCH").status_code == 404
    assert web.get(f"{FISCAL}/nothing").status_code == 404
    assert web.get(CANDLES.replace("BTC-USD", "XXX-USD")).json() == {"message": "NotFound"}
    for path in ("rates/unsecured/sofr/last/1", "rates/effr/last/1", "rp/latest", "rates/secured/sofr"):
        assert web.get(f"{NYFED}/{path}.json").status_code == 400, path


@pytest.mark.slow
def test_every_parser_of_the_catalog_accepts_the_sample(web):
    datasets = pytest.importorskip("ingest.providers").DATASETS
    plan = Plan(today=TODAY, is_full=True)
    for dataset in datasets.values():
        rows = 0
        for request in dataset.requests(dataset, plan):
            page, before, stated = request, rows, 0
            while page is not None:
                params = (*page.params, (page.key_param, "k")) if page.key_param else page.params
                response = web.get(page.url, params=params)
                assert response.status_code == 200, page.public_url
                if dataset.follow_link and (target := dataset.follow_link(response.content, page)):
                    page = target
                    continue
                rows += conform(dataset, dataset.parse(dataset, response.content, page)).frame.height
                stated = dataset.stated_rows(response.content) if dataset.stated_rows else 0
                page = dataset.next_page(response.content, page) if dataset.next_page else None
            assert not stated or rows - before == stated, dataset.id
        assert rows >= dataset.min_rows, dataset.id


def test_knots_follow_each_other_and_each_line_is_read():
    """A day written twice, or out of order, would bend a line in silence."""
    with (REPOSITORY / "ingest/sample/world/knots.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = {}
    for row in rows:
        days.setdefault((row["line"], row["name"]), []).append(date.fromisoformat(row["date"]))
    assert [line for line, of in days.items() if any(a >= b for a, b in pairwise(of))] == []
    code = "".join(path.read_text("utf-8") for path in (REPOSITORY / "ingest/sample").rglob("*.py"))
    assert [line for line in {line for line, _ in days} if f'("{line}")' not in code] == []


def test_a_new_series_of_the_catalog_needs_nothing_here(monkeypatch, web):
    providers = pytest.importorskip("ingest.providers")
    known = next(d for d in providers.DATASETS.values() if d.provider == "fred")
    release = Release(time(16, 30), "test", business_days=1)
    new = (
        Series("NEWWEEKLY", "new", Unit.USD_MN, (100, 9_000), cadence=Cadence.WEEKLY, release=release),
        Series("NEWDAILY", "new", Unit.PCT, (-1, 20), calendar=Calendar.SIFMA),
        Series("NEWQUARTERLY", "new", Unit.USD_BN, (200, 900), cadence=Cadence.QUARTERLY),
        Series("NEWFRIDAY", "new", Unit.INDEX, (2, 9), cadence=Cadence.WEEKLY, weekdays=(5,)),
    )
    extended = replace(known, series=known.series + new)
    monkeypatch.setattr(providers, "DATASETS", providers.DATASETS | {known.id: extended})
    weekly, daily, quarterly, friday = (chart(web, series.id) for series in new)
    for series, values in zip(new, (weekly, daily, quarterly, friday), strict=True):
        numbers = [value for value in values.values() if value is not None]
        assert series.resolve_unit(numbers) is series.unit
        steps = [abs(b / a - 1) for a, b in pairwise(numbers)]
        assert max(steps) < 0.25
    assert {day.weekday() for day in weekly} == {2}
    assert {day.weekday() for day in friday} == {4}
    assert max(weekly) == date(2026, 11, 18)
    assert daily[date(2026, 4, 3)] is None  # Good Friday
    assert all(day.day == 1 and day.month % 3 == 1 for day in quarterly)
    assert web.get(f"{CHART}?id=STILLUNKNOWN").status_code == 404


# --- determinism ----------------------------------------------------------------------------------------------------

ADDRESSES = (
    f"{NYFED}/rates/secured/sofr/search.json?startDate=2018-01-01",
    f"{NYFED}/rates/unsecured/effr/search.json?startDate=2018-01-01",
    f"{NYFED}/rp/results/search.json?startDate=2018-01-01",
    f"{NYFED}/soma/summary.json",
    f"{FISCAL}/operating_cash_balance?page[size]=10000",
    f"{FISCAL}/public_debt_transactions?page[size]=10000&page[number]=3",
    f"{CANDLES}?granularity=86400&start=2025-01-01&end=2025-10-01",
    f"{FISCAL}/deposits_withdrawals_operating_cash?page[size]=10000&filter=record_date:gte:2019-01-01",
    *(f"{FISCAL_SERVICE}/v1/accounting/{name}?page[size]=10000" for name in ("mts/mts_table_1", "mts/mts_table_6")),
    *(f"{FISCAL_SERVICE}/v1/debt/mspd/mspd_table_{name}?page[size]=10000" for name in ("1", "3_market")),
    *(f"{FISCAL_SERVICE}/v2/accounting/od/{name}?page[size]=10000" for name in ("debt_to_penny", "avg_interest_rates")),
    f"{FISCAL_SERVICE}/v1/accounting/od/auctions_query?page[size]=10000",
    *(f"{CHART}?id={name}" for name in ("WALCL", "WRESBAL", "WTREGEN", "WDTGAL", "RRPONTSYD", "IORB", "DGS10")),
    *(f"{CHART}?id={name}" for name in ("DTB4WK", "GDP", "PSAVERT", "M2SL", "GFDEBTN", "FYGFDPUN", "CBBTCUSD")),
)


Answer = tuple[int, dict[str, str], bytes]


def _answers(*urls: str, **options) -> list[Answer]:
    """Status, headers and body of each; the header that tells the time of asking is right, and not among them."""
    found = [(a.status_code, dict(a.headers), a.content) for a in map(client(**options).get, urls)]
    for _, headers, _ in found:
        ahead_seconds = clock_ahead_seconds(httpx.Headers({"Date": headers.pop("date")}), utc_now())
        assert ahead_seconds is not None
        assert abs(ahead_seconds) < 60
    return found


@cache
def _computed() -> list[Answer]:
    """Those of the world of `TODAY`, for several tests: 3 CPU s."""
    return _answers(*ADDRESSES)


@pytest.mark.slow
def test_same_arguments_give_the_same_bytes_and_another_seed_does_not():
    one = _computed()
    world_on.cache_clear()
    again = _answers(*ADDRESSES)
    assert one == again
    other = _answers(*ADDRESSES, seed=1)
    published = ("IORB", "GFDEBTN", "FYGFDPUN")  # nothing in them is drawn
    for a, b, url in zip(one, other, ADDRESSES, strict=True):
        assert (a[2] == b[2]) == url.endswith(published), url


@pytest.mark.slow
def test_kept_answers_are_those_that_would_be_computed(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """Byte for byte, also the refusals; another seed, day, moment or code is another world."""
    more = (f"{FISCAL}/nothing_of_this_name", f"{CHART}?id=WALCL&cosd=2024-01-01")
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path))
    computed = [*_computed(), *_answers(*more)]

    def answered(**options) -> list[Answer]:
        return _answers(*ADDRESSES, *more, **options)

    assert answered(is_kept=True) == computed
    damaged, *_ = (tmp_path / "answers").iterdir()
    damaged.write_bytes(damaged.read_bytes()[:9])
    assert answered(is_kept=True) == computed
    monkeypatch.setattr(sample, "world_on", lambda *_: pytest.fail("it is computed"))
    assert answered(is_kept=True) == computed
    for options in ({"seed": 1}, {"today": TODAY - timedelta(1)}, {"now": datetime(2026, 11, 20, 12)}):
        with pytest.raises(pytest.fail.Exception, match="it is computed"):
            answered(is_kept=True, **options)
    monkeypatch.setattr(answers, "_code", lambda: "other code")
    with pytest.raises(pytest.fail.Exception, match="it is computed"):
        answered(is_kept=True)


@pytest.mark.parametrize("past", [date(2020, 6, 10), date(2025, 11, 10)])
def test_what_was_known_at_a_moment_does_not_depend_on_today(past):
    now = new_york_to_utc(past, time(23, 30))
    for url in ADDRESSES:
        assert client(past).get(url).content == client(TODAY, now=now).get(url).content, url


@pytest.mark.parametrize("count", [0, 1, 2, 31])
def test_normal_numbers_are_those_of_the_standard_library(count):
    rng = random.Random("a name")
    assert normals(random.Random("a name"), count) == [rng.gauss(0, 1) for _ in range(count)]


def test_the_world_is_built_in_well_under_two_seconds():
    world_on.cache_clear()
    start = clock.process_time()
    built = World(TODAY)
    for name in ("rates", "balance_sheets", "soma_usd_cents", "debt_transactions_usd_mn", "yields_pct", "candles"):
        getattr(built, name)
    assert clock.process_time() - start < 2


# --- New York Fed ---------------------------------------------------------------------------------------------------


def test_rates_are_printed_from_a_template(web):
    body = web.get(f"{NYFED}/rates/unsecured/effr/search.json?startDate=2025-10-30&endDate=2025-10-30").text
    pattern = (
        r'\{ "refRates": \[ \{ "effectiveDate": "2025-10-30", "type": "EFFR" ,"percentRate": 3\.\d\d '
        r',"percentPercentile1": \d\.\d\d ,"percentPercentile25": \d\.\d\d ,"percentPercentile75": \d\.\d\d '
        r',"percentPercentile99": \d\.\d\d ,"targetRateFrom": 3\.75 ,"targetRateTo": 4\.00 ,"volumeInBillions": \d+ '
        r',"revisionIndicator": "" \} \] \}'
    )
    assert re.fullmatch(pattern, body)
    assert rates(web, "secured/sofr/search", startDate="1999-01-01", endDate="1999-02-01") == []


def test_rates_follow_two_calendars_and_their_release_hours():
    good_friday = date(2026, 4, 3)
    kinds = {row["type"] for row in rates(client(), "all/search", startDate="2026-04-03", endDate="2026-04-03")}
    assert kinds == {"EFFR", "OBFR"}
    assert not is_open(good_friday, Calendar.SIFMA)
    monday = date(2025, 11, 3)
    for at, newest in ((time(7, 59), "2025-10-30"), (time(8, 0), "2025-10-31")):
        early = client(monday, now=new_york_to_utc(monday, at))
        assert rates(early, "secured/sofr/last/1")[0]["effectiveDate"] == newest


def test_rates_hit_the_known_levels_and_their_percentiles_enclose_them(web, world):
    sofr = {row["effectiveDate"]: row for row in rates(web, "secured/sofr/search")}
    for month, level in monthly("sofr_pct").items():
        assert sofr[str(last_open_day(month, Calendar.SIFMA))]["percentRate"] == level
    assert sofr["2019-09-17"]["percentRate"] == 5.25
    assert sofr["2019-05-31"]["percentPercentile1"] == "NA"
    effr = {row["effectiveDate"]: row for row in rates(web, "unsecured/effr/search")}
    for month, level in monthly("effr_pct").items():
        assert effr[str(last_open_day(month))]["percentRate"] == level
    for row in [*sofr.values(), *effr.values()]:
        if row["percentPercentile1"] != "NA":
            low, quarter, three_quarters, high = (row[f"percentPercentile{rank}"] for rank in (1, 25, 75, 99))
            assert low <= quarter <= row["percentRate"] <= three_quarters <= high, row
    autumn = [d for d in world.rates["SOFR"] if date(2025, 10, 1) <= d <= date(2025, 12, 31)]
    assert sum(world.rates["SOFR"][d].rate_pct > world.upper_pct(d) for d in autumn) >= 8
    calm = [d for d in world.rates["SOFR"] if date(2021, 5, 1) <= d <= date(2025, 8, 1)]
    assert all(world.rates["SOFR"][d].rate_pct <= world.upper_pct(d) for d in calm)
    volumes = [sofr[day]["volumeInBillions"] for day in ("2018-04-03", "2022-06-01", "2026-06-01")]
    assert volumes[0] < 900 < volumes[1] < 1100
    assert 2900 < volumes[2] < 3500


def test_standing_repo_runs_twice_a_day_and_its_legs_add_up(web):
    by_day: dict[str, list[dict]] = {}
    found = operations(web, "2018-01-01", "2026-11-20")
    for operation in found:
        by_day.setdefault(operation["operationDate"], []).append(operation)
        assert operation["totalAmtAccepted"] == sum(leg["amtAccepted"] for leg in operation["details"])
        assert operation["maturityDate"] > operation["settlementDate"] >= operation["operationDate"]
    assert len({operation["operationId"] for operation in found}) == len(found)

    def repo(day: str) -> list[dict]:
        return [o for o in by_day[day] if o["operationType"] == "Repo"]

    def accepted_bn(day: str) -> list[float]:
        return [o["totalAmtAccepted"] / 1e9 for o in repo(day)]

    assert [o["releaseTime"] for o in repo("2025-06-25")] == ["13:30"]
    assert [o["releaseTime"] for o in repo("2025-06-26")] == ["08:15", "13:30"]
    assert [o["releaseTime"] for o in repo("2025-03-28")] == ["08:15", "13:30"]
    assert repo("2021-07-28") == [] if "2021-07-28" in by_day else True
    assert len(repo("2021-07-29")) == 1
    assert accepted_bn("2025-06-30") == [5.075, 6.0]
    assert accepted_bn("2025-10-31") == [20.35, 30.0]
    assert sum(accepted_bn("2025-12-31")) == pytest.approx(74.6)
    assert repo("2025-10-31")[1]["operationLimit"] == 500_000_000_000 - 20_350_000_000
    assert "<p>" in repo("2025-10-31")[1]["note"]
    assert [o["operationMethod"] for o in (*repo("2025-12-10"), *repo("2025-12-11"))] == [
        *["Multiple Price"] * 2,
        *["Full Allotment"] * 2,
    ]
    full = repo("2025-12-31")[0]
    assert "operationLimit" not in full
    assert set(full["details"][0]) == {"securityType", "amtSubmitted", "amtAccepted", "percentOfferingRate"}
    assert [o["operationId"] for o in by_day["2025-11-17"]] == [f"RP 111725 {n}" for n in (25, 26, 27)]
    assert [o["operationId"] for o in by_day["2025-11-12"]] == [f"RP 111225 {n}" for n in (1, 2, 3)]
    squeeze = repo("2019-09-18")[0]
    assert "releaseTime" not in squeeze
    assert 60e9 < squeeze["totalAmtAccepted"] < 95e9
    assert "2026-04-03" not in by_day  # no desk on Good Friday


def test_exercises_lie_on_the_listed_days_and_some_have_no_note(web):
    found = operations(web, "2018-01-01", "2026-11-20")
    with (REPOSITORY / "dbt_project/seeds/srf_small_value_exercises.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) > 15
    for row in listed:
        day = [
            o
            for o in found
            if o["operationDate"] == row["operation_date"] and o["operationType"] == row["operation_type"]
        ]
        small = [o for o in day if 30e6 < o["totalAmtAccepted"] < 150e6]
        assert len(small) == 1, row
        assert bool(re.search("small value exercise|SVE", small[0]["note"], re.I)) == (
            row["has_exercise_note"] == "true"
        )
        assert small[0]["term"] == row["operation_term"]
        assert small[0].get("releaseTime", "") == row["release_time"]
        if row["day_accepted_usd_mn"]:
            assert sum(o["totalAmtAccepted"] for o in day) == int(row["day_accepted_usd_mn"]) * 1_000_000
    named = {o["operationDate"] for o in found if re.search("small value exercise|SVE", o["note"], re.I)}
    assert named == {row["operation_date"] for row in listed if row["has_exercise_note"] == "true"}


def test_counterparties_of_on_rrp_come_with_a_quarters_lag(web):
    reverse = [o for o in operations(web, "2025-01-01", "2026-11-20") if o["operationType"] == "Reverse Repo"]
    with_split = [o for o in reverse if "propositions" in o]
    assert max(o["operationDate"] for o in with_split) == "2026-09-30"
    for operation in with_split:
        assert sum(p["amtAccepted"] for p in operation["propositions"]) == operation["totalAmtAccepted"]


def _wednesday(day: str) -> date:
    """The Wednesday of its week: a holiday's holdings are dated the Tuesday before."""
    found = date.fromisoformat(day)
    return found + timedelta(days=2 - found.weekday())


def test_soma_adds_up_to_the_cent_without_inflation_compensation(web):
    rows = web.get(f"{NYFED}/soma/summary.json").json()["soma"]["summary"]
    assert rows[0]["asOfDate"] == "2018-01-03"
    for row in rows:
        parts = ("mbs", "cmbs", "tips", "frn", "notesbonds", "bills", "agencies")
        assert Decimal(row["total"]) == sum(Decimal(row[part] or 0) for part in parts)
    assert {row["asOfDate"][:7] for row in rows if row["frn"] == ""} == {"2026-07", "2026-08"}
    days = [date.fromisoformat(row["asOfDate"]) for row in rows]
    moved = {str(day) for day in days if day.weekday() != 2}
    assert {"2018-07-03", "2019-12-24", "2019-12-31", "2024-06-18", "2024-12-24", "2024-12-31"} <= moved
    assert {date.fromisoformat(day).weekday() for day in moved} == {1}
    bills = {row["asOfDate"]: Decimal(row["bills"]) for row in rows}
    assert bills["2025-12-10"] < bills["2025-12-17"] < bills["2026-01-14"] < bills["2026-06-24"]
    treasuries = chart(web, "TREAST")
    for row in rows:  # the Fed's balance sheet carries the compensation too
        held = sum(Decimal(row[p] or 0) for p in ("tips", "frn", "notesbonds", "bills", "tipsInflationCompensation"))
        assert float(held) / 1e6 == pytest.approx(treasuries[_wednesday(row["asOfDate"])], abs=1)


def test_counterparties_have_an_address_of_their_own(web):
    params = {"startDate": "2026-09-01", "endDate": "2026-11-20"}
    url = f"{NYFED}/rp/reverserepo/propositions/search.json"
    found = web.get(url, params=params).raise_for_status().json()["repo"]["operations"]
    assert {o["operationType"] for o in found} == {"Reverse Repo"}
    assert max(o["operationDate"] for o in found if "propositions" in o) == "2026-09-30"


def test_dealers_add_up_to_their_total_and_come_a_week_later(web):
    keys = [key for key in world_on(date(2026, 11, 21)).dealer_lines_usd_mn if key.startswith("PDPOS")]
    rows = web.get(f"{NYFED}/pd/get/{'_'.join(keys)}.json").raise_for_status().json()["pd"]["timeseries"]
    by_day: dict[str, dict[str, str]] = {}
    for row in rows:
        by_day.setdefault(row["asofdate"], {})[row["keyid"]] = row["value"]
    assert max(by_day) == "2026-11-11"  # the Thursday before that Friday brought this Wednesday
    hidden = 0
    for day, lines in by_day.items():
        total = int(lines.pop("PDPOSGST-TOT"))
        assert ("PDPOSGSC-G11" in lines) == (day < "2022-01-05") == ("PDPOSGSC-G21" not in lines)
        if "*" in lines.values():
            hidden += 1
        else:
            assert sum(map(int, lines.values())) == total
    assert 0 < hidden < 20
    assert web.get(f"{NYFED}/pd/get/NOSUCH.json").status_code == 400


def test_purchases_are_what_the_portfolio_grew_by(web):
    found = web.get(f"{NYFED}/tsy/all/results/summary/search.json?startDate=2018-01-01").json()["treasury"]["auctions"]
    assert len({o["operationId"] for o in found}) == len(found)
    soma = {
        str(_wednesday(row["asOfDate"])): int(row["bills"])
        for row in web.get(f"{NYFED}/soma/summary.json").json()["soma"]["summary"]
    }
    for before, day in pairwise(sorted(soma)):
        week = [
            o for o in found if before < o["operationDate"] < day and o["operationType"] == "Outright Bill Purchase"
        ]
        bought = sum(int(o["totalParAmtAccepted"]) for o in week)
        if bought > 100_000_000:
            assert bought == pytest.approx(soma[day] - soma[before], abs=2e6), day
        assert all(int(o["totalParAmtAccepted"]) <= int(o["totalParAmtSubmitted"]) for o in week)
    since = sum(int(o["totalParAmtAccepted"]) for o in found if o["operationDate"] >= "2025-12-12")
    assert since > 300e9


def test_swaps_peak_in_the_spring_of_2020(web, world):
    found = web.get(f"{NYFED}/fxs/all/search.json?startDate=2018-01-01").json()["fxSwaps"]["operations"]
    assert {o["isSmallValue"] for o in found} == {"Y", ""}
    assert {o["currency"] for o in found} == {"USD", "GBP"}
    out = world.swaps_outstanding_usd_mn
    assert max(out, key=out.__getitem__).strftime("%Y") == "2020"
    assert 300_000 < max(out.values()) < 700_000
    assert out[date(2026, 11, 11)] < 1_000


# --- FRED -----------------------------------------------------------------------------------------------------------


def test_chart_download_has_fixed_decimals_and_empty_weekdays(web):
    body = web.get(f"{CHART}?id=RRPONTSYD&cosd=2026-05-21&coed=2026-05-27").text
    assert re.fullmatch(
        r"observation_date,RRPONTSYD\n2026-05-21,\d+\.\d{3}\n2026-05-22,\d+\.\d{3}\n2026-05-25,\n"
        r"2026-05-26,\d+\.\d{3}\n2026-05-27,\d+\.\d{3}\n",
        body,
    )
    assert re.search(r"\n2025-11-12,\d+\.000\n", web.get(f"{CHART}?id=WTREGEN").text)
    assert re.search(r"\n2025-11-12,\d+\n", web.get(f"{CHART}?id=WALCL").text)
    assert "2020-03-04,1.10\n" in web.get(f"{CHART}?id=IOER").text
    assert max(chart(web, "IOER")) == date(2021, 7, 28)
    assert max(chart(web, "IORB")) == date(2026, 11, 23)  # on Friday evening it already ends on Monday


def test_keyed_answers_say_the_same(web):
    params = {"series_id": "SOFR", "file_type": "json", "observation_start": "2026-03-30"}
    assert web.get(FRED_API, params=params).status_code == 400
    answer = web.get(FRED_API, params=params | {"api_key": "k"}).json()
    assert answer["count"] == len(answer["observations"])
    assert {o["date"]: o["value"] for o in answer["observations"]}["2026-04-03"] == "."
    values = {
        date.fromisoformat(o["date"]): None if o["value"] == "." else float(o["value"]) for o in answer["observations"]
    }
    assert values == chart(web, "SOFR", cosd="2026-03-30")


def test_the_balance_sheet_adds_up_and_hits_the_known_levels(web):
    lines = {
        name: chart(web, name)
        for name in ("WALCL", "TREAST", "WSHOMCB", "WSHOSHO", "WORAL", "WRBWFRBL", "WRESBAL", "WLRRAL", "WDTGAL")
    }
    assert {max(values) for values in lines.values()} == {date(2026, 11, 18)}
    assert len({tuple(values) for values in lines.values()}) == 1
    world = world_on(date(2026, 11, 21))
    others = []
    for day in lines["WALCL"]:
        sheet = world.balance_sheets[day]
        assert lines["WRBWFRBL"][day] == (
            lines["WALCL"][day] - lines["WLRRAL"][day] - lines["WDTGAL"][day] - sheet.currency - sheet.other
        )
        assert lines["WSHOSHO"][day] - lines["TREAST"][day] - lines["WSHOMCB"][day] == 2_347
        others.append(sheet.other)
    loans, primary, term = (chart(web, name) for name in ("WLCFLL", "WLCFLPCL", "H41RESPPALDKNWW"))
    assert all(loans[day] >= primary[day] + term[day] >= 0 for day in loans)
    # H.4.1 of 2023-03-16: loans of 318.1 billion, of them 152.9 primary credit and 11.9 of the new program.
    assert [round(line[date(2023, 3, 15)] / 1000, 1) for line in (loans, primary, term)] == [318.1, 152.9, 11.9]
    assert loans[date(2023, 3, 8)] < 16_000
    assert max(term, key=term.__getitem__) == date(2024, 1, 24)
    assert term[date(2025, 3, 12)] == 0
    assert all(abs(b - a) < 70_000 for a, b in pairwise(others))
    assert all(-300_000 < other < 500_000 for other in others)
    for name, column in (
        ("WALCL", "fed_assets_usd_bn"),
        ("WRESBAL", "reserves_usd_bn"),
        ("TREAST", "fed_treasuries_usd_bn"),
    ):
        for month, level in monthly(column).items():
            assert lines[name][last_wednesday(month)] == pytest.approx(1000 * level, abs=0.01), (name, month)


def test_fred_repeats_the_publishers_own_figures(web):
    for name, path in (("SOFR", "secured/sofr"), ("EFFR", "unsecured/effr"), ("OBFR", "unsecured/obfr")):
        own = {date.fromisoformat(r["effectiveDate"]): r["percentRate"] for r in rates(web, f"{path}/search")}
        assert {day: value for day, value in chart(web, name).items() if value is not None} == own
    found = operations(web, "2018-01-01", "2026-11-20")
    on_rrp, repo = chart(web, "RRPONTSYD"), chart(web, "RPONTSYD")
    for operation in found:
        day = date.fromisoformat(operation["operationDate"])
        if operation["operationType"] == "Reverse Repo" and "Exercise" not in operation["note"]:
            assert on_rrp[day] == operation["totalAmtAccepted"] / 1e9
    day = [o for o in found if o["operationDate"] == "2025-10-31" and o["operationType"] == "Repo"]
    assert repo[date(2025, 10, 31)] == pytest.approx(sum(o["details"][0]["amtAccepted"] for o in day) / 1e9)
    for month, level in monthly("on_rrp_usd_bn").items():
        assert on_rrp[last_open_day(month, Calendar.SIFMA)] == level
    assert max(on_rrp, key=lambda d: on_rrp[d] or 0) == date(2022, 12, 30)


def test_slow_series_hit_their_known_levels(web):
    for name, column, factor in (
        ("GDP", "gdp_saar_usd_bn", 1),
        ("M2SL", "m2_usd_bn", 1),
        ("PSAVERT", "saving_rate_pct", 1),
        ("GFDEBTN", "federal_debt_usd_bn", 1000),
    ):
        values = chart(web, name)
        for month, level in monthly(column).items():
            assert values[month] == pytest.approx(level * factor, rel=1e-9), (name, month)


def test_slow_series_reach_back_and_join_without_a_jump(web):
    for name, first in (
        ("GDP", "1947-01-01"),
        ("PSAVERT", "1959-01-01"),
        ("DSPI", "1959-01-01"),
        ("A072RC1A156NBEA", "1959-01-01"),
        ("GFDEBTN", "1966-01-01"),
        ("FYGFDPUN", "1970-01-01"),
        ("FYFSD", "1977-09-30"),
        ("MTSDS133FMS", "1997-10-01"),
        ("TASACBW027SBOG", "1998-01-07"),
        ("TNMSCBW027SBOG", "1998-01-07"),
        ("USGSEC", "1998-01-01"),
        ("HNOTSAQ027S", "1998-01-01"),
        ("BOGZ1FL713061103Q", "1998-01-01"),
        ("FDHBPIN", "1998-01-01"),
        ("MMMFFAQ027S", "1998-01-01"),
    ):
        values = chart(web, name)
        assert min(values) == date.fromisoformat(first), name
        numbers = [value for value in values.values() if value is not None]
        assert len(numbers) == len(values)
        if name not in ("FYFSD", "MTSDS133FMS", "PSAVERT", "A072RC1A156NBEA", "HNOTSAQ027S", "BOGZ1FL713061103Q"):
            assert max(abs(b / a - 1) for a, b in pairwise(numbers)) < 0.2, name
    body = web.get("https://www.federalreserve.gov/datadownload/Output.aspx?rel=H8&filetype=zip").content
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        text = file.read("H8_data.xml").decode()
    assert text.count('TIME_PERIOD="1998-01-07"') == text.count('TIME_PERIOD="2020-01-01"') > 5


def test_the_update_of_2025_raised_the_saving_rate_of_2024():
    # Bureau of Economic Analysis: 4.5 percent of income in 2024 as known until 2025-09-25, 5.4 since.
    eve, day = (client(date(2025, 9, n), now=new_york_to_utc(date(2025, 9, n), time(12))) for n in (24, 25))
    for asked, mean in ((eve, 4.52), (day, 5.43)):
        months = [v for m, v in chart(asked, "PSAVERT").items() if m.year == 2024]
        assert sum(months) / 12 == pytest.approx(mean, abs=0.005)
    url = "https://alfred.stlouisfed.org/graph/alfredgraph.csv"
    body = client().get(url, params={"id": "PSAVERT", "vintage_date": "2025-09-24"}).text
    assert "2024-12-01,3.3\n" in body
    assert "2024-12-01,4.3\n" in client().get(f"{CHART}?id=PSAVERT").text


def test_bills_have_their_published_means_of_months(web):
    bills = chart(web, "DTB4WK")
    for month, mean in monthly("bill_4_week_pct").items():
        days = [v for day, v in bills.items() if day.replace(day=1) == month and v is not None]
        assert sum(days) / len(days) == pytest.approx(mean, abs=0.006), month
    award = chart(web, "RRPONTSYAWARD")
    spread = [
        100 * (v - award[day])
        for day, v in bills.items()
        if date(2023, 1, 1) <= day <= date(2024, 11, 30) and v is not None and award.get(day) is not None
    ]
    assert sum(spread) / len(spread) == pytest.approx(-6.1, abs=0.5)  # H.15 and the New York Fed, by months


def test_holders_of_the_debt_add_up(web):
    banks = {name: chart(web, f"{name}CBW027SBOG") for name in ("TASA", "TMBA", "TNMA", "TNML", "TNMS")}
    assert max(banks["TASA"]) == date(2026, 11, 11)  # nine days before that Friday
    for day, total in banks["TASA"].items():
        assert total == pytest.approx(banks["TMBA"][day] + banks["TNMA"][day], abs=0.01)
        assert banks["TNML"][day] + banks["TNMS"][day] < banks["TNMA"][day]
    foreign = [chart(web, name) for name in ("ROWTSEQ027S", "BOGZ1FL263061130Q", "BOGZ1FL263061145Q")]
    assert all(total == pytest.approx(foreign[1][q] + foreign[2][q], abs=1.1) for q, total in foreign[0].items())
    assert max(chart(web, "SWPT").values()) > 300_000


# --- FiscalData -----------------------------------------------------------------------------------------------------


def test_the_envelope_and_its_pages(web):
    pages = list(fiscal_pages(web, "operating_cash_balance", size=3_000))
    first, last = pages[0], pages[-1]
    assert list(first) == ["data", "meta", "links"]
    assert list(first["meta"]) == ["count", "labels", "dataTypes", "dataFormats", "total-count", "total-pages"]
    assert first["meta"]["total-count"] == sum(page["meta"]["count"] for page in pages)
    assert first["meta"]["total-pages"] == len(pages) == 3
    assert first["links"]["prev"] is None
    assert first["links"]["next"] == "&page%5Bnumber%5D=2&page%5Bsize%5D=3000"
    assert last["links"]["next"] is None
    assert all(isinstance(value, str) for value in first["data"][0].values())
    body = web.get(f"{FISCAL}/operating_cash_balance?page[size]=2").text
    assert json.dumps(json.loads(body), separators=(",", ":")) == body
    empty = web.get(f"{FISCAL}/operating_cash_balance", params={"filter": "record_date:gt:2030-01-01"}).json()
    assert empty["data"] == []
    assert empty["meta"]["total-pages"] == 0
    assert empty["links"]["last"] == "&page%5Bnumber%5D=0&page%5Bsize%5D=100"
    for bad in (
        {"page[size]": "10001"},
        {"page[number]": "999"},
        {"fields": "nothing"},
        {"filter": "record_date:is:1"},
    ):
        assert web.get(f"{FISCAL}/operating_cash_balance", params=bad).status_code == 400, bad


def test_filter_sort_and_fields(web):
    closing = "Treasury General Account (TGA) Closing Balance"
    params = {
        "fields": "record_date,open_today_bal",
        "filter": f"record_date:gte:2025-07-07,record_date:lte:2025-07-11,account_type:in:({closing},No (II))",
        "sort": "-record_date",
    }
    rows = web.get(f"{FISCAL}/operating_cash_balance", params=params).json()["data"]
    assert [row["record_date"] for row in rows] == [f"2025-07-{day:02d}" for day in (11, 10, 9, 8, 7)]
    assert list(rows[0]) == ["record_date", "open_today_bal"]


def test_the_cash_balance_in_its_three_layouts(web):
    rows = [row for page in fiscal_pages(web, "operating_cash_balance") for row in page["data"]]
    opening: dict[str, int] = {}
    closing: dict[str, int] = {}
    flows: dict[str, dict[str, int]] = {}
    for row in rows:
        day, account = row["record_date"], row["account_type"]
        if account in ("Federal Reserve Account", "Treasury General Account (TGA)"):
            assert (account == "Federal Reserve Account") == (day <= "2021-09-30")
            assert day <= "2022-04-15"
            opening[day], closing[day] = int(row["open_today_bal"]), int(row["close_today_bal"])
        elif day >= "2022-04-18":
            assert row["close_today_bal"] == "null"
            flows.setdefault(day, {})[account.removeprefix("Treasury General Account (TGA) ")] = int(
                row["open_today_bal"]
            )
    for day, lines in flows.items():
        assert len(lines) == 4
        opening[day], closing[day] = lines["Opening Balance"], lines["Closing Balance"]
        moved = lines["Total TGA Deposits (Table II)"] - lines["Total TGA Withdrawals (Table II) (-)"]
        assert abs(opening[day] + moved - closing[day]) <= 1
    days = sorted(closing)
    assert [date.fromisoformat(day) for day in days] == [
        day for day in world_on(date(2026, 11, 21)).fed_days if date(2018, 1, 1) <= day <= date(2026, 11, 19)
    ]
    assert all(closing[a] == opening[b] for a, b in pairwise(days))
    for month, level in monthly("tga_usd_bn").items():
        assert closing[str(last_open_day(month))] == round(1000 * level)
    wednesdays = chart(web, "WDTGAL")
    assert wednesdays[date(2025, 10, 29)] == closing["2025-10-29"]
    assert wednesdays[date(2024, 12, 25)] == closing["2024-12-24"]  # Christmas: the balance of the day before


def test_public_debt_transactions_run_up_and_follow_the_debt(web, world):
    rows = [row for page in fiscal_pages(web, "public_debt_transactions") for row in page["data"]]
    label = ("transaction_type", "security_market", "security_type", "security_type_desc")
    by_day: dict[str, list[dict]] = {}
    for row in rows:
        by_day.setdefault(row["record_date"], []).append(row)
    for day, lines in by_day.items():
        assert len(lines) == (25 if day <= "2022-09-09" else 23)
        assert len({tuple(line[name] for name in label) for line in lines}) == len(lines)
    month: dict[tuple, int] = {}
    year: dict[tuple, int] = {}
    before = "2018-01-01"
    for day in sorted(d for d in by_day if d >= "2018-10-01"):
        if day[:7] != before[:7]:
            month = {}
        if day[5:7] >= "10" and before[5:7] < "10":
            year = {}
        before = day
        for line in by_day[day]:
            key = tuple(line[name] for name in label)
            month[key] = month.get(key, 0) + int(line["transaction_today_amt"])
            year[key] = year.get(key, 0) + int(line["transaction_today_amt"])
            assert month[key] == int(line["transaction_mtd_amt"])
            assert year[key] == int(line["transaction_fytd_amt"])
    settlement = {
        r["security_type"]: int(r["transaction_today_amt"]) for r in by_day["2025-10-31"] if r["src_line_nbr"] < "5"
    }
    assert settlement["Notes"] > 100_000
    bills = {
        r["record_date"]: int(r["transaction_today_amt"]) for r in rows if r["security_type_desc"] == "Regular Series"
    }
    assert {date.fromisoformat(day).weekday() for day, amount in bills.items() if amount > 0} <= {0, 1, 2, 3, 4}
    assert bills["2025-10-07"] > 100_000 > bills["2025-10-08"]  # Tuesdays and Thursdays
    for fiscal_year in (2019, 2022, 2025):
        end = max(day for day in by_day if day <= f"{fiscal_year}-09-30")
        net = sum(
            int(line["transaction_fytd_amt"]) * (1 if line["transaction_type"] == "Issues" else -1)
            for line in by_day[end]
        )
        debt = world.federal_debt_usd_mn
        assert net == debt[date(fiscal_year, 7, 1)] - debt[date(fiscal_year - 1, 7, 1)]


def treasury(web: httpx.Client, path: str, **params: str) -> list[dict]:
    """All rows of one table of FiscalData."""
    rows: list[dict] = []
    for number in range(1, 99):
        page = {"page[number]": str(number), "page[size]": "10000"}
        answer = web.get(f"{FISCAL_SERVICE}/{path}", params=params | page).raise_for_status().json()
        rows += answer["data"]
        if answer["links"]["next"] is None:
            break
    return rows


def test_the_debt_moves_by_what_the_daily_statement_says(web, world):
    pennies = {row["record_date"]: row for row in treasury(web, "v2/accounting/od/debt_to_penny")}
    for row in pennies.values():
        parts = Decimal(row["debt_held_public_amt"]) + Decimal(row["intragov_hold_amt"])
        assert parts == Decimal(row["tot_pub_debt_out_amt"])
    net: dict[str, int] = {}
    for row in treasury(web, "v1/accounting/dts/public_debt_transactions"):
        sign = 1 if row["transaction_type"] == "Issues" else -1
        net[row["record_date"]] = net.get(row["record_date"], 0) + sign * int(row["transaction_today_amt"])
    days = sorted(pennies)
    assert set(days) == set(net)
    for before, day in pairwise(days):
        moved = Decimal(pennies[day]["tot_pub_debt_out_amt"]) - Decimal(pennies[before]["tot_pub_debt_out_amt"])
        assert abs(moved / 1_000_000 - net[day]) < 1, day
    for quarter, total in world.federal_debt_usd_mn.items():
        end = str(last_open_day(month_after(quarter, 2)))
        if end in pennies and quarter != date(2020, 1, 1):  # where FRED's own figure is another one
            assert round(Decimal(pennies[end]["tot_pub_debt_out_amt"]) / 1_000_000) == total


def test_month_ends_of_the_debt_are_the_published_ones(web, world):
    pennies = {row["record_date"]: row for row in treasury(web, "v2/accounting/od/debt_to_penny")}
    held = 0
    for month, (total, inside) in world.debt_usd_mn.items():
        row = pennies.get(str(last_open_day(month)))
        if row is not None:
            assert round(Decimal(row["tot_pub_debt_out_amt"]) / 1_000_000) == total, month
            assert round(Decimal(row["intragov_hold_amt"]) / 1_000_000) == inside, month
            held += 1
    assert held > 100
    # Debt to the Penny and statement of the public debt of 2023-09-30, without the Federal Financing Bank.
    assert world.debt_usd_mn[date(2023, 9, 1)][0] == 33_167_334
    (classes,) = (
        Decimal(row["total_mil_amt"])
        for row in treasury(web, "v1/debt/mspd/mspd_table_1", filter="record_date:eq:2023-09-30")
        if row["security_type_desc"] == "Total Marketable"
    )
    assert float(classes) == pytest.approx(25_753_683, abs=1)


def test_classes_add_up_to_totals_and_securities_to_classes(web):
    classes: dict[str, dict[tuple[str, str], Decimal]] = {}
    for row in treasury(web, "v1/debt/mspd/mspd_table_1"):
        label = (row["security_type_desc"], row["security_class_desc"])
        classes.setdefault(row["record_date"], {})[label] = Decimal(row["total_mil_amt"])
        parts = Decimal(row["debt_held_public_mil_amt"]) + Decimal(row["intragov_hold_mil_amt"])
        assert parts == Decimal(row["total_mil_amt"])
    pennies = {
        row["record_date"]: Decimal(row["tot_pub_debt_out_amt"])
        for row in treasury(web, "v2/accounting/od/debt_to_penny")
    }
    for month_end, lines in classes.items():
        for kind in ("Marketable", "Nonmarketable"):
            assert sum(v for (type_, _), v in lines.items() if type_ == kind) == lines[f"Total {kind}", "_"]
        total = lines["Total Public Debt Outstanding", "_"]
        assert total == lines["Total Marketable", "_"] + lines["Total Nonmarketable", "_"]
        end = str(last_open_day(date.fromisoformat(month_end).replace(day=1)))
        assert abs(total * 1_000_000 - pennies[end]) <= 50, month_end
    names = {
        "Bills Maturity Value": "Bills",
        "Inflation-Protected Securities": "Treasury Inflation-Protected Securities",
    }
    summed: dict[tuple[str, str], Decimal] = {}
    matured: dict[tuple[str, str], Decimal] = {}
    tranches: dict[tuple[str, str], list[dict]] = {}
    for row in treasury(web, "v1/debt/mspd/mspd_table_3_market"):
        if row["maturity_date"] == "null":
            if row["security_class2_desc"].startswith("Total Matured"):
                name = names.get(row["security_class1_desc"], row["security_class1_desc"])
                matured[row["record_date"], name] = Decimal(row["outstanding_amt"])
            if row["security_class1_desc"] == "Total Marketable":
                assert Decimal(row["outstanding_amt"]) == classes[row["record_date"]]["Total Marketable", "_"]
            continue
        assert row["issue_date"] <= row["record_date"] < row["maturity_date"]
        tranches.setdefault((row["record_date"], row["security_class2_desc"]), []).append(row)
        key = (row["record_date"], names.get(row["security_class1_desc"], row["security_class1_desc"]))
        if row["outstanding_amt"] != "null":
            summed[key] = summed.get(key, Decimal(0)) + Decimal(row["outstanding_amt"])
    assert len(summed) == 5 * len(classes)
    for (month_end, name), amount in summed.items():
        whole = amount + matured.get((month_end, name), 0)
        assert whole == classes[month_end]["Marketable", name], (month_end, name)
    for rows in tranches.values():
        (outstanding,) = (Decimal(row["outstanding_amt"]) for row in rows if row["outstanding_amt"] != "null")
        parts = ("issued_amt", "inflation_adj_amt", "redeemed_amt")
        assert sum(Decimal(row[part]) for row in rows for part in parts) == outstanding
    assert any(len(rows) == 2 for rows in tranches.values())
    redeemed = {
        row["record_date"]: int(row["transaction_today_amt"])
        for row in treasury(web, "v1/accounting/dts/public_debt_transactions")
        if (row["transaction_type"], row["security_type"]) == ("Redemptions", "Notes")
    }
    weekends = 0
    for month_end in classes:  # on a weekend what fell due has no CUSIP, and is paid on the next business day
        paid = str(add_business_days(date.fromisoformat(month_end), 0))
        if paid in redeemed:
            waiting = redeemed[paid] if paid != month_end else 0
            assert matured[month_end, "Notes"] == waiting + 25, month_end
            weekends += paid != month_end
    assert weekends > 20
    assert matured["2023-09-30", "Notes"] > 100_000


def monthly_statements(web: httpx.Client) -> dict[date, tuple[dict[date, Decimal], dict[int, Decimal]]]:
    """By month of the statement: the deficit of each month it names, and of each fiscal year to date."""
    statements: dict[date, tuple[dict[date, Decimal], dict[int, Decimal]]] = {}
    year = 0
    for row in treasury(web, "v1/accounting/mts/mts_table_1", sort="record_date,src_line_nbr"):
        months, years = statements.setdefault(date.fromisoformat(row["record_date"]).replace(day=1), ({}, {}))
        name = row["classification_desc"]
        if name.startswith("FY "):
            year = int(name[3:])
            assert row["current_month_dfct_sur_amt"] == "null"
            continue
        taken, spent, deficit = (
            Decimal(row[f"current_month_{part}_amt"]) for part in ("gross_rcpt", "gross_outly", "dfct_sur")
        )
        assert spent - taken == deficit
        if name == "Year-to-Date":
            years[year] = deficit
        else:
            number = list(calendar.month_name).index(name)
            months[date(year - (number >= 10), number, 1)] = deficit
    return statements


def test_a_statement_names_the_year_before_whole_and_its_own_so_far(web):
    for statement, (months, years) in monthly_statements(web).items():
        year = statement.year + (statement.month >= 10)
        assert list(years) == [year - 1, year]
        wanted = [month_after(date(year - 2, 10, 1), n) for n in range(24)]
        assert list(months) == [month for month in wanted if month <= statement]
        for fiscal_year, total in years.items():
            assert total == sum(v for m, v in months.items() if m.year + (m.month >= 10) == fiscal_year)


def test_later_statements_restate_earlier_months(web):
    statements = monthly_statements(web)
    first = {month: statements[month][0][month] for month in statements}
    for fiscal_year, sum_of_firsts, stated, restated in (
        # USD billions: first prints as Reuters and the Treasury gave them, 2024-10-18, minutes of the TBAC 2025-11-05
        (2024, "1827.8", 1833, 1817),
        (2021, "2772.3", 2772, 2776),
        (2022, "1375.5", 1375, 1376),
    ):
        of_year = {month: v for month, v in first.items() if month.year + (month.month >= 10) == fiscal_year}
        assert sum(of_year.values()) / 10**9 == Decimal(sum_of_firsts)
        september = date(fiscal_year, 9, 1)
        assert round(statements[september][1][fiscal_year] / 10**9) == stated
        assert round(statements[date(fiscal_year + 1, 9, 1)][1][fiscal_year] / 10**9) == restated
        months = statements[september][0]
        assert any(months[month] != of_year[month] for month in of_year)
        assert months[september] == of_year[september]
    # Nine months of 2024 and July make 1,512 (Reuters 2024-07-11), ten months 1,517 (published 2024-08-12).
    assert round(statements[date(2024, 6, 1)][1][2024] / 10**9) == 1268
    assert round(statements[date(2024, 7, 1)][1][2024] / 10**9) == pytest.approx(1517, abs=1)
    for month, deficit in first.items():
        assert statements[max(statements)][0].get(month, deficit) == pytest.approx(deficit, abs=5 * 10**9)


def test_freds_deficits_are_first_prints_and_the_budgets_years(web):
    months, years = chart(web, "MTSDS133FMS"), chart(web, "FYFSD")
    for month, (of_statement, _) in monthly_statements(web).items():
        assert months[month] == -of_statement[month] / 10**6
    assert {day.year: round(years[day] / 1000) for day in years if 2018 <= day.year <= 2025} == {
        2018: -779, 2019: -984, 2020: -3132, 2021: -2775, 2022: -1376, 2023: -1695, 2024: -1833, 2025: -1775
    }  # fmt: skip
    assert {(day.month, day.day) for day in years} == {(9, 30)}


def test_means_of_financing_finance_the_deficit(web):
    own = {}
    for row in treasury(web, "v1/accounting/mts/mts_table_1"):
        day = date.fromisoformat(row["record_date"])
        if row["sequence_number_cd"].startswith("2.") and row["classification_desc"] == f"{day:%B}":
            own[row["record_date"]] = Decimal(row["current_month_dfct_sur_amt"])
    lines: dict[str, dict[str, dict]] = {}
    for row in treasury(web, "v1/accounting/mts/mts_table_6"):
        lines.setdefault(row["record_date"], {})[row["sequence_number_cd"]] = row
    cash = {row["record_date"]: row for row in treasury(web, "v1/accounting/dts/operating_cash_balance")}
    assert lines.keys() == own.keys()
    in_transit = 0
    for month_end, places in lines.items():
        net = {place: row["current_month_net_txn_amt"] for place, row in places.items()}
        amounts = {place: Decimal(amount) for place, amount in net.items() if amount != "null"}
        assert amounts["1.1.3"] == amounts["1.1.1"] - amounts["1.1.2"]
        assert amounts["1.4"] == amounts["1.1.3"] + amounts["1.2"] + amounts["1.3"]
        assert amounts["2.3"] == amounts["2.1"] + amounts["2.2"]
        assert amounts["5"] == amounts["1.4"] - amounts["2.3"] + amounts["4"] == own[month_end]
        for row in places.values():
            if row["data_type_cd"] != "S":
                opening, closing = (Decimal(row[f"{name}_month_acct_bal_amt"]) for name in ("begin", "close"))
                assert closing - opening == Decimal(row["current_month_net_txn_amt"])
        end = last_open_day(date.fromisoformat(month_end).replace(day=1))
        closing = Decimal(places["2.1"]["close_month_acct_bal_amt"]) / 1_000_000
        if str(end) in cash and end >= date(2022, 4, 18):
            # The last line of the day is the closing balance; the monthly statement counts what is on its way.
            assert 0 <= abs(closing - int(cash[str(end)]["open_today_bal"])) <= 400
            in_transit += closing != int(cash[str(end)]["open_today_bal"])
    assert in_transit > 40, "a bridge that always closes cannot show a wrong sign"


def test_auctions_add_up_to_the_issues_of_their_settlement(web):
    sold: dict[str, int] = {}
    for row in treasury(web, "v1/accounting/od/auctions_query"):
        if row["total_accepted"] != "null":
            kind = "Bills" if row["security_type"] == "Bill" else "Coupons"
            sold[row["issue_date"], kind] = sold.get((row["issue_date"], kind), 0) + int(row["total_accepted"])
            assert 0 <= int(row["total_accepted"]) - int(row["offering_amt"]) - int(row["soma_accepted"]) < 1_000_000
    issued: dict[tuple[str, str], int] = {}
    for row in treasury(web, "v1/accounting/dts/public_debt_transactions", filter="record_date:gte:2018-01-16"):
        if (row["transaction_type"], row["security_type"]) in {("Issues", k) for k in ("Bills", "Notes", "Bonds")}:
            kind = "Bills" if row["security_type"] == "Bills" else "Coupons"
            key = (row["record_date"], kind)
            amount = int(row["transaction_today_amt"])
            issued[key] = issued.get(key, 0) + (amount if amount >= 1_000 else 0)
    assert sum(amount > 0 for amount in issued.values()) > 1_000
    assert {key: amount * 1_000_000 for key, amount in issued.items() if amount} == {
        key: amount for key, amount in sold.items() if "2018-01-16" <= key[0] <= max(issued)[0]
    }


def test_an_auction_is_announced_then_held():
    monday = date(2026, 10, 5)

    def at(*moment: int) -> dict[tuple[str, str], dict]:
        asked = client(now=new_york_to_utc(monday, time(*moment)))
        rows = treasury(asked, "v1/accounting/od/auctions_query", filter="auction_date:gte:2026-10-05")
        return {(row["cusip"], row["auction_date"]): row for row in rows}

    morning, evening = at(9), at(20)
    held = [key for key in morning if key[1] == "2026-10-05"]
    assert held
    assert {morning[key]["total_accepted"] for key in held} == {"null"}
    assert all(int(evening[key]["total_accepted"]) > int(morning[key]["offering_amt"]) for key in held)
    assert {key: row for key, row in morning.items() if key not in held} == {
        key: evening[key] for key in morning if key not in held
    }


def test_deposits_less_withdrawals_move_the_cash_balance(web):
    flows: dict[str, dict[str, int]] = {}
    lines: dict[tuple[str, str], int] = {}
    for row in treasury(web, "v1/accounting/dts/deposits_withdrawals_operating_cash"):
        kind, today = row["transaction_type"], int(row["transaction_today_amt"])
        if row["transaction_catg"] == "null":
            flows.setdefault(row["record_date"], {})[kind] = today
        else:
            lines[row["record_date"], kind] = lines.get((row["record_date"], kind), 0) + today
            assert today >= -4, row  # corrections of bills
    assert lines == {(day, kind): today for day, totals in flows.items() for kind, today in totals.items()}
    assert min(flows) == "2005-10-31"
    table_1: dict[str, dict[str, int]] = {}
    for row in treasury(web, "v1/accounting/dts/operating_cash_balance", filter="record_date:gte:2022-04-18"):
        if "Table II" in row["account_type"]:
            kind = "Deposits" if "Deposits" in row["account_type"] else "Withdrawals"
            table_1.setdefault(row["record_date"], {})[kind] = int(row["open_today_bal"])
    assert {day: flows[day] for day in table_1} == table_1


def test_taxes_and_coupons_come_on_their_days(web):
    flows: dict[str, int] = {}
    for row in treasury(web, "v1/accounting/dts/deposits_withdrawals_operating_cash"):
        if row["transaction_catg"] in (
            "Individual Income and Employment Taxes, Not Withheld",
            "Taxes - Non Withheld Ind/SECA Electronic",
        ):
            flows[row["record_date"]] = int(row["transaction_today_amt"])
    for day, due in (("2022-04-15", "2022-04-18"), ("2023-04-17", "2023-04-18"), ("2021-04-15", "2021-05-17")):
        # Internal Revenue Service: these were the days.
        assert flows[due] > flows[day], due
        most = max((d for d in flows if d[:7] == due[:7]), key=flows.__getitem__)
        assert due <= most <= str(date.fromisoformat(due) + timedelta(days=3))
    issued: dict[str, int] = {}
    for row in treasury(web, "v1/accounting/dts/public_debt_transactions"):
        if row["transaction_type"] == "Issues" and row["security_type"] in ("Notes", "Bonds"):
            issued[row["record_date"]] = issued.get(row["record_date"], 0) + int(row["transaction_today_amt"])
    assert round(issued["2022-04-18"] / 1000, 1) == 123.9  # Daily Treasury Statement
    assert issued["2022-04-15"] == 0  # Good Friday
    for day in ("2021-11-26", "2022-02-25", "2022-12-30", "2023-04-28", "2024-06-28"):  # no middle or end of a month
        assert 16_000 <= issued[day] <= 260_000, day


# --- Coinbase -------------------------------------------------------------------------------------------------------


def test_candles_are_newest_first_and_at_most_300(web):
    rows = web.get(CANDLES, params={"granularity": "86400", "start": "2025-10-01", "end": "2025-10-10"}).json()
    assert [date(1970, 1, 1) + timedelta(seconds=row[0]) for row in rows] == [
        date(2025, 10, day) for day in range(10, 0, -1)
    ]
    assert rows[4][4] == 124_700
    too_many = web.get(CANDLES, params={"granularity": "86400", "start": "2025-01-01", "end": "2025-10-28"})
    assert too_many.status_code == 400
    assert "exceeds 300" in too_many.json()["message"]
    most = web.get(
        CANDLES, params={"granularity": "86400", "start": "2025-01-01T00:00:00Z", "end": "2025-10-27T00:00:00Z"}
    )
    assert len(most.json()) == 300
    newest = web.get(CANDLES, params={"granularity": "86400"}).json()
    assert len(newest) == 300
    assert (
        newest[0][0] == (date(2026, 11, 21) - date(1970, 1, 1)).days * 86_400
    )  # 23:30 in New York is the next UTC day
    for _, low, high, opening, close, volume in newest:
        assert low <= min(opening, close) <= max(opening, close) <= high
        assert volume > 0


def test_freds_bitcoin_stands_a_day_early_for_a_year(web, world):
    values = chart(web, "CBBTCUSD")
    assert BITCOIN_GAP not in values
    for day in (date(2024, 6, 3), date(2026, 3, 3)):
        assert values[day] == pytest.approx(world.candles[day].close, rel=0.008)
    for day in (BITCOIN_SHIFT[0], date(2025, 10, 5), BITCOIN_SHIFT[1]):
        assert values[day] == pytest.approx(world.candles[day + timedelta(days=1)].close, rel=0.002)
    in_2021 = {day: candle.close for day, candle in world.candles.items() if day.year == 2021}
    assert max(in_2021, key=in_2021.__getitem__) == date(2021, 11, 8)


# --- revisions ------------------------------------------------------------------------------------------------------


def test_a_day_later_only_the_declared_places_have_changed():
    wednesday, thursday = (client(date(2026, 11, day)) for day in (18, 19))
    reserves = chart(wednesday, "WRESBAL"), chart(thursday, "WRESBAL")
    changed = [day for day in reserves[0] if reserves[0][day] != reserves[1][day]]
    assert changed == [date(2026, 11, 11)]
    assert reserves[0][changed[0]] == pytest.approx(reserves[1][changed[0]], rel=0.003)
    for name in ("WALCL", "WRBWFRBL", "SOFR", "RRPONTSYD", "M2SL", "GDP", "DGS10"):
        before, after = chart(wednesday, name), chart(thursday, name)
        assert {day: after[day] for day in before} == before, name


@pytest.mark.parametrize(
    ("name", "before", "after", "months"),
    [
        ("M2SL", date(2026, 9, 21), date(2026, 9, 22), [date(2026, 6, 1), date(2026, 7, 1)]),
        ("PSAVERT", date(2026, 9, 28), date(2026, 9, 29), [date(2026, 6, 1), date(2026, 7, 1)]),
        ("GDP", date(2026, 9, 28), date(2026, 9, 29), [date(2026, 4, 1)]),
    ],
)
def test_monthly_and_quarterly_figures_are_printed_three_times(name, before, after, months):
    early, late = chart(client(before), name), chart(client(after), name)
    changed = [day for day in early if early[day] != late[day]]
    assert changed, "no revision at all"
    assert set(changed) <= set(months)


def test_a_rate_is_corrected_on_the_afternoon_of_its_publication(world):
    day = next(d for d, rate in world.rates["SOFR"].items() if rate.preliminary_pct is not None and d.year == 2026)
    published = add_business_days(day, 1, Calendar.SIFMA)
    first, second = (
        rates(client(now=new_york_to_utc(published, at)), "secured/sofr/last/1")[0] for at in (time(9), time(15))
    )
    assert first["effectiveDate"] == second["effectiveDate"] == str(day)
    assert first["percentRate"] == round(second["percentRate"] + 0.02, 2)
    assert (first["revisionIndicator"], second["revisionIndicator"]) == ("", "R")
    assert chart(client(now=new_york_to_utc(published, time(15))), "SOFR")[day] == second["percentRate"]


def test_a_note_is_edited_on_the_next_day_and_its_stamp_moves(web):
    edited = next(o for o in operations(web, "2026-01-01", "2026-11-01") if o["note"] == EDITED_NOTE)
    day = date.fromisoformat(edited["operationDate"])
    same_evening = client(now=new_york_to_utc(day, time(20)))
    original = next(
        o for o in operations(same_evening, str(day), str(day)) if o["operationId"] == edited["operationId"]
    )
    assert original["note"] == ""
    assert original["lastUpdated"][:10] == str(day)
    assert edited["lastUpdated"][:10] == str(add_business_days(day, 1))
    moving = ("note", "lastUpdated", "propositions")  # the counterparty split comes a quarter later
    assert {k: v for k, v in original.items() if k not in moving} == {
        k: v for k, v in edited.items() if k not in moving
    }


# --- faults ---------------------------------------------------------------------------------------------------------


def test_faults_spoil_what_they_name_and_nothing_else():
    def html(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        return httpx.Response(200, content=b"<html>maintenance</html>")

    def cut(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        return httpx.Response(200, content=response.content[: len(response.content) // 2])

    faulty = client(faults={"id=SOFR": html, "page[number]=2": cut})
    assert faulty.get(f"{CHART}?id=SOFR").text == "<html>maintenance</html>"
    assert chart(faulty, "EFFR") == chart(client(), "EFFR")
    page = {"page[size]": "1000"}
    assert faulty.get(f"{FISCAL}/operating_cash_balance", params=page | {"page[number]": "1"}).json()["data"]
    with pytest.raises(json.JSONDecodeError):
        faulty.get(f"{FISCAL}/operating_cash_balance", params=page | {"page[number]": "2"}).json()


def test_now_defaults_to_the_evening_in_new_york():
    evening = datetime.fromisoformat("2026-11-21T04:30:00")
    assert client().get(ADDRESSES[0]).content == client(now=evening).get(ADDRESSES[0]).content


@pytest.mark.slow
def test_the_sample_prints_the_vintages_that_it_printed_then() -> None:
    """Both ways to ask, and what the chart said on that very evening."""
    today = date(2026, 11, 20)
    web = httpx.Client(transport=transport(today))
    for series_id in ("WRESBAL", "PSAVERT"):
        day = date(2025, 9, 24)
        then = httpx.Client(transport=transport(today, now=new_york_to_utc(day, time(23, 59))))
        chart = then.get(common.GRAPH, params={"id": series_id}).text.splitlines()[1:]
        archived = web.get(common.ALFRED_GRAPH, params={"id": series_id, "vintage_date": str(day)}).text.splitlines()
        assert archived[0] == f"observation_date,{series_id}_20250924"
        scale = 1000 if series_id == "WRESBAL" else 1
        values = [(line[:10], float(line[11:])) for line in chart]
        assert [(line[:10], pytest.approx(scale * float(line[11:]))) for line in archived[1:]] == values
        params = {"series_id": series_id, "api_key": "k", "realtime_start": str(day), "realtime_end": "9999-12-31"}
        rows = web.get(common.API, params=params).json()["observations"]
        held = {row["date"]: float(row["value"]) for row in rows if row["realtime_start"] == str(day)}
        assert held == {line[:10]: float(line[11:]) for line in archived[1:]}


def test_the_sample_refuses_more_vintages_than_the_api() -> None:
    web = httpx.Client(transport=transport(date(2026, 11, 20)))
    params = {"series_id": "SOFR", "api_key": "k", "realtime_start": "1776-07-04", "realtime_end": "9999-12-31"}
    assert web.get(common.API, params=params).status_code == 400
    listed = web.get(common.VINTAGE_DATES, params=params | {"limit": "1000"}).json()
    assert (len(listed["vintage_dates"]), listed["count"] > 2_000) == (1_000, True)
