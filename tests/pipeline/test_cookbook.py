"""Every recipe of the cookbook runs against a published generation and finds rows; some answers are computed again."""

import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from warehouse.connection import Home, open_published
from warehouse.publication.publish import documents

TEXT = documents()["COOKBOOK.md"].read_text("utf-8")


class Recipe(NamedTuple):
    number: int
    question: str
    language: str
    code: str
    reading: str

    @property
    def needs_lake(self) -> bool:
        """Whether it needs the extra `lake`, which these tests do without; `lake_inside.py` runs it."""
        return "liquidity.lake(" in self.code


RECIPES = [
    Recipe(int(number), question, language, code, reading.strip())
    for number, question, language, code, reading in re.findall(
        r"^### (\d+)\. ([^\n]+)\n\n```(\w+)\n(.*?)```\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL
    )
]
BY_NUMBER = {recipe.number: recipe for recipe in RECIPES}


def _of(language: str) -> Any:
    chosen = [recipe for recipe in RECIPES if recipe.language == language and not recipe.needs_lake]
    return pytest.mark.parametrize("recipe", chosen, ids=[f"{r.number}" for r in chosen])


def _at(home: Home, code: str) -> str:
    """The code with this warehouse's folder for `data/current`."""
    return code.replace("data/current", str(home.current))


def test_recipes_are_numbered_read_and_enough():
    assert [recipe.number for recipe in RECIPES] == list(range(1, len(RECIPES) + 1))
    assert TEXT.count("\n```\n") == len(RECIPES), "a block is no recipe and would not be run"
    languages = [recipe.language for recipe in RECIPES]
    assert len([language for language in languages if language != "r"]) >= 30
    assert set(languages) == {"sql", "python", "r"}
    assert [recipe.number for recipe in RECIPES if len(recipe.reading) < 20] == []


@_of("sql")
def test_sql_returns_rows(recipe: Recipe, refreshed: Home):
    with open_published(refreshed) as con:
        frame = con.sql(recipe.code).pl()
    assert frame.height > 0, recipe.question
    # Columns that hold nothing: on the sample only what has no reason to be there (no error, no as-of moment, no
    # release around which a warehouse of one refresh has polled).
    empty = {name for name in frame.columns if frame[name].null_count() == frame.height}
    assert empty <= {"last_error", "as_of", "series", "in_time_pct", "missing_date"}, recipe.question


@_of("python")
def test_python_returns_rows(recipe: Recipe, refreshed: Home, capsys: pytest.CaptureFixture[str]):
    namespace: dict[str, Any] = {}
    exec(compile(_at(refreshed, recipe.code), f"recipe {recipe.number}", "exec"), namespace)
    assert len(namespace["frame"]) > 0, recipe.question
    assert capsys.readouterr().out.strip() != ""


@_of("r")
def test_r_names_files_and_columns_that_are_there(recipe: Recipe, refreshed: Home):
    """Without R this is all that is checked: files, columns and queries exist. The next test runs the code."""
    (path,) = re.findall(r'"(data/current/[^"]+)"', recipe.code)
    assert Path(_at(refreshed, path)).exists()
    if path.endswith(".parquet"):
        made_here = set(re.findall(r"(\w+) = ", recipe.code))
        named = set(re.findall(r"\b[a-z0-9_]+_(?:date|bp|pct|bn)\b", recipe.code)) - made_here
        assert named, "no column was recognised"
        assert named <= set(pl.read_parquet_schema(_at(refreshed, path)))
    else:
        (query,) = re.findall(r'dbGetQuery\(con, "([^"]+)"\)', recipe.code)
        with open_published(refreshed) as con:
            assert con.sql(query).pl().height > 0


def _r_has(packages: str) -> bool:
    if shutil.which("Rscript") is None:
        return False
    probe = f"quit(status = as.integer(!all(c({packages}) %in% rownames(installed.packages()))))"
    return subprocess.run(["Rscript", "-e", probe], check=False).returncode == 0


@_of("r")
def test_r_runs(recipe: Recipe, refreshed: Home):
    packages = ", ".join(f'"{name}"' for name in re.findall(r"library\((\w+)\)", recipe.code))
    if not _r_has(packages):
        pytest.skip(f"Rscript with {packages} is not here: recipe {recipe.number} was read, not run")
    done = subprocess.run(["Rscript", "-e", _at(refreshed, recipe.code)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() != ""


def _answer(home: Home, number: int) -> pl.DataFrame:
    with open_published(home) as con:
        return con.sql(BY_NUMBER[number].code).pl()


def _mart(home: Home, name: str) -> pl.DataFrame:
    return pl.read_parquet(home.current / "parquet" / f"{name}.parquet")


def test_share_of_bills_again_from_the_raw_statement(refreshed: Home):
    newest = _answer(refreshed, 1).row(0, named=True)
    with open_published(refreshed) as con:
        raw = con.sql(
            "SELECT transaction_type, sum(transaction_today_usd_mn) / 1000.0 AS usd_bn "
            "FROM history.fiscaldata__public_debt_transactions "
            f"WHERE record_date >= DATE '{newest['quarter_date']}' AND known_to = TIMESTAMP '9999-12-31' "
            "AND NOT is_deleted AND security_market = 'Marketable' AND security_type = 'Bills' "
            "GROUP BY ALL"
        ).pl()
    by_type = dict(raw.iter_rows())
    assert by_type["Issues"] - by_type["Redemptions"] == pytest.approx(newest["bills_net_usd_bn"], abs=0.06)
    share = 100 * newest["bills_net_usd_bn"] / newest["net_issuance_usd_bn"]
    assert newest["bills_share_pct"] == pytest.approx(share, abs=0.2)


def test_days_above_the_ceiling_again_from_rates_and_range(refreshed: Home):
    corridor = _mart(refreshed, "policy_corridor_daily").filter(pl.col("sofr_pct").is_not_null()).sort("effective_date")
    ends = _mart(refreshed, "funding_stress_daily").filter("is_quarter_end")["effective_date"].to_list()
    days = corridor["effective_date"].to_list()
    places = [n + step for n, day in enumerate(days) if day in ends for step in (-1, 0, 1)]
    around = {days[n] for n in places if n < len(days)}
    above = [d for d, s, c in corridor.select("effective_date", "sofr_pct", "target_ceiling_pct").iter_rows() if s > c]
    expected: dict[date, list[int]] = {}
    for day in above:
        counts = expected.setdefault(date(day.year, (day.month - 1) // 3 * 3 + 1, 1), [0, 0])
        counts[0] += 1
        counts[1] += day in around
    found = _answer(refreshed, 19).select("quarter_date", "days_above_count", "days_above_around_quarter_end_count")
    assert {quarter: [all_days, near] for quarter, all_days, near in found.iter_rows()} == expected
    assert sum(map(sum, expected.values())) > 20


def test_buyers_and_residual_are_the_issuance(refreshed: Home):
    answer = _answer(refreshed, 9)
    quarter = answer["quarter_date"][0]
    day = pl.col("effective_date").dt
    of_quarter = (day.year() == quarter.year) & (day.quarter() == quarter.month // 3)
    issued = _mart(refreshed, "treasury_issuance_daily").filter(of_quarter)["net_issuance_with_accretion_usd_bn"]
    assert answer["bought_usd_bn"].sum() == pytest.approx(issued.sum(), abs=0.5)
    assert answer["share_of_issuance_pct"].sum() == pytest.approx(100, abs=0.5)


def test_channels_add_up_to_the_reserves_created(refreshed: Home):
    answer = _answer(refreshed, 26)
    sheet = _mart(refreshed, "fed_balance_sheet_weekly").select("wednesday_date", "reserves_usd_bn")
    reserves = dict(sheet.iter_rows())
    created = reserves[answer["effective_date"][0]] - reserves[date(2025, 12, 10)]
    assert answer["added_usd_bn"].sum() == pytest.approx(created, abs=0.6)
    assert answer["reserves_created_usd_bn"][0] == pytest.approx(created, abs=0.06)
    assert answer.height == 12


def test_wall_within_a_year_is_the_sum_of_its_classes(refreshed: Home):
    answer = _answer(refreshed, 6)
    wall = _mart(refreshed, "treasury_maturity_wall_monthly")
    wall = wall.filter(pl.col("statement_date") == wall["statement_date"].max())
    near = wall.filter(pl.col("maturity_month_date") <= pl.col("statement_date").dt.offset_by("12mo").dt.month_end())
    total = answer.filter(pl.col("security_class").is_null())
    assert total["falling_due_usd_bn"].item() == round(near["falling_due_usd_bn"].sum())
    share = 100 * near["falling_due_usd_bn"].sum() / wall["falling_due_usd_bn"].sum()
    assert total["share_of_all_debt_pct"].item() == pytest.approx(share, abs=0.06)


def test_tga_as_of_a_day_is_the_newest_statement_published_by_then(refreshed: Home):
    answer = _answer(refreshed, 37)
    cash = _mart(refreshed, "treasury_cash_daily").sort("effective_date")
    by_then = cash.filter(pl.col("effective_date") < date(2025, 11, 4)).tail(1)  # published the next business day
    assert answer["record_date"][0] == by_then["effective_date"].item() == date(2025, 11, 3)
    assert answer["closing_balance_usd_bn"][0] == pytest.approx(by_then["closing_balance_usd_bn"].item())


def test_lineage_leads_to_a_body_that_says_the_rate(refreshed: Home):
    from ingest.payloads import Archive

    row = _answer(refreshed, 39).row(0, named=True)
    body = Archive(refreshed.payloads).get(row["payload_id"])
    assert len(body) == row["bytes"]
    said = [rate for rate in json.loads(body)["refRates"] if rate["effectiveDate"] == "2025-10-31"]
    assert [rate["percentRate"] for rate in said if rate["type"] == "SOFR"] == [row["rate_pct"]]


def test_next_releases_are_those_of_the_calendar_file(refreshed: Home):
    listed = _answer(refreshed, 60)
    file = (refreshed.current / "calendar.ics").read_text("utf-8")
    assert listed["dataset_title"].n_unique() > 10
    assert sum(title.split(",")[0] in file for title in listed["dataset_title"].unique()) > 5


def test_what_the_alerts_said_around_the_day_of_the_largest_take_up(refreshed: Home):
    said = {(row["rule_id"], str(row["effective_date"])): row for row in _answer(refreshed, 63).iter_rows(named=True)}
    row = said["srf_take_up_large", "2025-10-31"]
    assert (row["state"], "50.4 billion" in row["message"] or "50.3 billion" in row["message"]) == ("raised", True)
    counted = _answer(refreshed, 62)
    with open_published(refreshed) as con:
        (raised,) = con.execute("SELECT count(*) FROM marts.alert_history WHERE state = 'raised'").fetchone()
    assert counted["firings_count"].sum() == raised > 100


def test_net_liquidity_is_assets_less_tga_less_on_rrp(refreshed: Home):
    answer = _answer(refreshed, 27)
    mart = _mart(refreshed, "dollar_liquidity_daily").join(answer, on="effective_date", how="semi")
    level = mart["wednesday_assets_usd_bn"] - mart["wednesday_tga_usd_bn"] - mart["wednesday_on_rrp_usd_bn"]
    assert sorted(answer["net_liquidity_wednesday_usd_bn"]) == pytest.approx(sorted(level))


def test_every_definition_of_liquidity_is_made_again_by_its_own_line(refreshed: Home):
    with open_published(refreshed) as con:
        mart = con.sql("FROM marts.net_liquidity_definitions").pl()
        lines = mart.select("definition_id", "definition_query").unique().drop_nulls().rows()
        assert len(lines) == mart.drop_nulls("definition_value")["definition_id"].n_unique() >= 14
        for definition_id, line in lines:
            again = con.sql(line).pl().drop_nulls()
            stated = mart.filter(definition_id=definition_id).drop_nulls("definition_value").sort("effective_date")
            assert again["effective_date"].to_list() == stated["effective_date"].to_list() != [], definition_id
            assert again["definition_value"].to_list() == pytest.approx(stated["definition_value"].to_list(), abs=1e-5)
        (raw,) = con.execute(  # from the publisher's rows alone, on one Wednesday
            "SELECT sum(CASE series_id WHEN 'WALCL' THEN 1 ELSE -1 END * value) / 1000 FROM current.fred__observations "
            "WHERE series_id IN ('WALCL', 'WDTGAL') AND observation_date = DATE '2025-10-29'"
        ).fetchone()
    row = mart.filter(definition_id="hawking_real", effective_date=date(2025, 10, 29)).row(0, named=True)
    assert row["definition_value"] == pytest.approx(raw - row["on_rrp_outstanding_usd_bn"], abs=1e-3)


@pytest.mark.parametrize("name", sorted(documents().keys() - {"COOKBOOK.md"}))
def test_queries_of_the_other_documents_return_rows(name: str, refreshed: Home):
    queries = re.findall(r"```sql\n(.*?)```", documents()[name].read_text("utf-8"), re.DOTALL)
    with open_published(refreshed) as con:
        without = [query for query in queries if con.sql(query).pl().is_empty()]
    assert without == []
    assert queries or name != "LIMITS.md"


def test_documents_lie_in_the_generation_and_the_readme_leads_to_them(refreshed: Home):
    from tests.conftest import REPOSITORY

    readme = (REPOSITORY / "README.md").read_text("utf-8")
    assert {"COOKBOOK.md", "METHODS.md", "CLAIMS.md", "LIMITS.md"} <= documents().keys()
    for name, document in documents().items():
        assert (refreshed.current / name).read_text("utf-8") == document.read_text("utf-8")
        assert f"`{name}`" in readme
        assert document.relative_to(REPOSITORY).as_posix() in readme
