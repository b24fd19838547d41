"""The scorecard: nothing in it is typed in. Its inputs are disturbed, and every verdict turns."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.providers import DATASETS
from tests.conftest import REPOSITORY
from warehouse.connection import Home, open_published, open_work
from warehouse.history import set_ends
from warehouse.models import compilation, project, scorecard

SEEDS = REPOSITORY / "dbt_project" / "seeds"
VERDICTS = {"supported", "contradicted", "too early", "not testable with these sources", "rhetoric"}
MART = "thesis_scorecard"
MODELS = ["int_claims_financing", "int_claims_funding", "int_claims_money"]
# TIC publishes purchases from February 2023 on, so the whole window is not held: it turns from not testable.
UNMEASURED = {("B03", "whole_window")}


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def work(refreshed: Home, tmp_path: Path) -> Home:
    """A work file of one's own, with what dbt has parsed already."""
    for folder in ("work", "dbt"):
        shutil.copytree(refreshed.root / folder, tmp_path / folder)
    return Home(tmp_path, is_simulated=True)


def test_every_claim_is_judged_with_a_verdict_of_the_list(refreshed: Home):
    claims = {row["claim_id"] for row in _seed("claims")}
    measures = {(row["claim_id"], row["measure_id"]) for row in _seed("claim_measures")}
    assert len(claims) == 56
    with open_published(refreshed) as con:
        rows = con.execute(
            "SELECT claim_id, measure_id, then_verdict, now_verdict, claim_then_verdict, claim_now_verdict, sentence, "
            "then_basis, then_value FROM marts.thesis_scorecard"
        ).fetchall()
        (shown,) = con.execute("SELECT count(DISTINCT published_at) FROM marts.thesis_scorecard").fetchone()
    assert {row[0] for row in rows} == claims
    assert {(row[0], row[1]) for row in rows if row[1] != "none"} == measures
    assert {verdict for row in rows for verdict in row[2:4]} <= VERDICTS
    assert {verdict for row in rows for verdict in row[4:6]} <= VERDICTS | {"mixed"}
    assert all(len(row[6]) > 30 for row in rows)
    assert [row[:2] for row in rows if row[8] is not None and row[7] is None] == []  # each number has its basis
    assert shown == 1
    # The closed list is used, not only declared.
    assert {row[3] for row in rows} | {row[2] for row in rows} >= VERDICTS
    assert "mixed" in {row[5] for row in rows}
    # Its definition is not held, and the part of the window that is held does not stand for it.
    assert {row[1:6] for row in rows if row[0] == "B03"} == {
        ("whole_window", *["not testable with these sources"] * 4),
        ("tic_flows_since_2023", *["contradicted"] * 2, *["not testable with these sources"] * 2),
    }


def test_windows_hold_the_days_behind_the_value_and_no_other(refreshed: Home):
    """A flow begins on the first day of its first period, a change of levels with the level on the eve of it."""
    windows = {
        ("F04", "fiscal_year_2021"): "2020-10-01 2021-09-30", ("F04", "five_years"): "2020-10-01 2025-09-30",
        ("F01", "receipts_to_gdp_change"): "2023-10-01 2025-09-30", ("F09", "fiscal_year"): "2023-10-01 2024-09-30",
        ("F08", "mean_of_months"): "2024-01-01 2024-12-31", ("F08", "before_annual_update"): "2024-01-01 2024-12-31",
        ("F10", "as_stated"): "2023-10-01 2024-12-31", ("B01", "fed_note"): "2022-01-01 2024-12-31",
        ("B03", "tic_flows_since_2023"): "2023-02-01 2024-12-31", ("M01", "money_stock"): "2024-09-01 2025-09-30",
        ("F12", "twelve_months"): "2022-02-01 2023-02-28",
        ("F05", "marketable_stock"): "2024-09-30 2025-09-30", ("F06", "four_banks"): "2024-09-30 2025-09-30",
        ("B08", "rank_fed_note"): "2021-12-31 2024-12-31",
        ("F10", "households_and_funds"): "2021-12-31 2024-12-31",
        ("F11", "share_of_marketable"): "2022-02-28 2025-09-30",
    }  # fmt: skip
    with open_published(refreshed) as con:
        found = {
            (claim, measure): window
            for claim, measure, window in con.execute(
                f"SELECT claim_id, measure_id, now_first_date || ' ' || now_last_date FROM marts.{MART}"
            ).fetchall()
        }
    assert {key: found[key] for key in windows} == windows


def test_each_claim_has_one_sentence_of_its_numbers(refreshed: Home):
    """It names the value of every deciding measure, and the definition that decided where they exclude each other."""
    with open_published(refreshed) as con:
        rows = con.execute(
            "SELECT claim_id, claim_sentence, label, sentence, is_deciding, now_value, now_verdict, decided_by "
            f"FROM marts.{MART}"
        ).fetchall()
    sentences: dict[str, set[str]] = {}
    for claim, words, *_ in rows:
        sentences.setdefault(claim, set()).add(words)
    assert {claim: found for claim, found in sentences.items() if len(found) != 1} == {}
    unsaid = [
        (claim, label)
        for claim, words, label, sentence, is_deciding, value, _, _ in rows
        if is_deciding and value is not None and words != sentence and f"{label[1:]} (" not in words
    ]
    assert unsaid == []
    assert [words for found in sentences.values() for words in found if "_" in words or not words.endswith(".")] == []
    matching = [
        (words, label) for _, words, label, *_, verdict, rule in rows if rule == "any" and verdict == "supported"
    ]
    assert len(matching) >= 1
    for words, label in matching:
        assert f"{label[1:]} (" in words.split(" the claim, and one definition")[0]


def test_inputs_of_the_seed_are_inputs_of_the_basis(work: Home):
    named = {part.split("/")[0] for row in _seed("claim_measures") for part in row["inputs"].split()}
    series = {part for row in _seed("claim_measures") for part in row["inputs"].split() if "/" in part}
    with open_work(work) as con:
        held = con.execute("SELECT DISTINCT dataset, series_input FROM intermediate.int_known_bases").fetchall()
    assert {dataset for dataset, _ in held} == named
    assert series <= {name for _, name in held}


def _inputs(home: Home) -> dict[str, list[tuple[str, str]]]:
    """Tables that the measuring SQL reads, with their columns and types."""
    manifest = json.loads((home.root / "dbt" / "manifest.json").read_text("utf-8"))
    nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    parents = {parent for model in MODELS for parent in nodes[model]["depends_on"]["nodes"]}
    with open_work(home) as con:
        return {
            f"{manifest['nodes'][parent]['schema']}.{manifest['nodes'][parent]['name']}": con.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ? AND table_name = ?",
                [manifest["nodes"][parent]["schema"], manifest["nodes"][parent]["name"]],
            ).fetchall()
            for parent in sorted(parents)
        }


def _is_number(dtype: str) -> bool:
    return dtype in ("DOUBLE", "BIGINT", "INTEGER") or dtype.startswith("DECIMAL")


# Columns that name a row; to disturb them would lose the row instead of changing its value.
_KEYS = {"fiscal_year", "calendar_year", "version_number"}


def _everywhere(tables: dict[str, list[tuple[str, str]]], expression) -> list[str]:
    """One UPDATE a table: each number becomes ``expression(column, first date column)``; None leaves it."""
    updates = []
    for table, columns in tables.items():
        dated = next((name for name, dtype in columns if dtype == "DATE"), None)
        changes = [
            f"{name} = {new}"
            for name, dtype in columns
            if name not in _KEYS and _is_number(dtype) and (new := expression(name, dated)) is not None
        ]
        if changes:
            updates.append(f"UPDATE {table} SET {', '.join(changes)}")
    return updates


# A world in which the essay is right where the sample says it is not: one line for the inputs of one or a few measures.
_AS_CLAIMED = """
UPDATE marts.foreign_holdings_total_monthly SET cayman_usd_bn = 1000 * (year(month_date) - 2000),
    cayman_net_purchases_usd_bn = 33, net_purchases_usd_bn = 66;
UPDATE marts.treasury_issuance_daily SET tips_accretion_usd_bn = 0, bonds_net_usd_bn = 0,
    notes_net_usd_bn = 3243.0 / (SELECT count(*) FROM marts.treasury_issuance_daily
        WHERE effective_date BETWEEN '2022-01-01' AND '2024-12-31'),
    net_issuance_with_accretion_usd_bn = 1992.0 / 250;
UPDATE marts.repo_market_daily SET sofr_volume_usd_bn = (SELECT max(value_canonical) / 10
    FROM staging.stg_fred__observations
    WHERE series_id = 'GFDEBTN' AND observation_date = date_trunc('quarter', effective_date));
UPDATE marts.marginal_buyers_quarterly SET cayman_usd_bn = 1e6, foreign_private_ex_cayman_usd_bn = 0;
UPDATE staging.stg_fred__observations SET value_canonical = 1
    WHERE series_id IN ('HNOTSAQ027S', 'BOGZ1FL633061105Q', 'BOGZ1FL653061105Q');
UPDATE marts.hedge_fund_exposure_quarterly SET treasuries_long_usd_bn = 1e6 * year(quarter_date);
UPDATE marts.treasury_issuance_fiscal_year SET net_issuance_to_deficit_ratio = 1;
UPDATE staging.stg_fiscaldata__mspd_table_1 SET debt_held_public_usd_mn = 1992000 * year(record_date);
UPDATE marts.saving_vs_deficit_annual SET saving_rate_pct = 4.6, saving_rate_stated_pct = 4.6, deficit_to_gdp_pct = 6;
UPDATE staging.stg_fred__observations SET value_canonical = 4.6 WHERE series_id = 'PSAVERT';
UPDATE staging.stg_meta__versions SET value_canonical = 4.6 WHERE series = 'PSAVERT';
UPDATE staging.stg_worldbank__commodity_prices_monthly SET price_usd_per_ozt = 1000 * (year(month_date) - 2020);
UPDATE staging.stg_fred__observations SET value_canonical = 1992 * year(observation_date) WHERE series_id = 'M2SL';
UPDATE marts.fed_balance_sheet_weekly SET assets_usd_bn = 5.37 * (wednesday_date - DATE '2000-01-01'),
    repo_usd_bn = 5 * (wednesday_date - DATE '2000-01-01'), treasuries_usd_bn = 1;
UPDATE marts.treasury_cash_daily SET closing_balance_usd_bn = 1000;
UPDATE staging.stg_coinbase__daily_candles SET close_usd_per_btc = 1e5 + (candle_date - DATE '2025-11-04')
    + CASE WHEN candle_date < '2025-11-01' THEN 1e4 * (candle_date - DATE '2025-01-01' + 1) / 365
        * (day(candle_date) % 2) ELSE 0 END
    WHERE candle_date >= '2025-01-01';
UPDATE staging.stg_coinbase__daily_candles SET high_usd_per_btc = 1e6 WHERE candle_date = '2021-11-08';
UPDATE marts.policy_corridor_daily SET is_corridor_whole = true, sofr_minus_on_rrp_award_bp = 1;
UPDATE marts.funding_stress_daily SET sofr_minus_ceiling_bp = -1, sofr_percentile_99_minus_ceiling_bp = -1,
    srf_accepted_usd_bn = 5 * (effective_date - DATE '2000-01-01'), sofr_minus_iorb_bp = 1,
    is_sofr_near_ceiling = true, is_srf_take_up = true;
UPDATE staging.stg_fiscaldata__debt_to_penny SET debt_held_public_usd = 1992000000000 * year(record_date);
UPDATE staging.stg_nyfed__reference_rates SET target_to_pct = CASE rate_type WHEN 'SOFR' THEN 4 END;
UPDATE staging.stg_fred__observations SET series_id = 'IOER' WHERE series_id = 'IORB';
UPDATE staging.stg_nyfed__reverse_repo_propositions SET accepted_usd = 1000000000;
UPDATE staging.stg_policy__qt_milestones SET effective_date = effective_date - 90;
UPDATE marts.srf_operations SET operation_method = 'Full Allotment', operation_limit_usd_bn = NULL,
    accepted_usd_bn = greatest(accepted_usd_bn * 5 / 3, 1)
"""
# The reverse: a world against the essay where the sample agrees with it.
_AGAINST_THE_CLAIMS = """
UPDATE staging.stg_policy__claim_events SET effective_date = DATE '2025-12-31';
UPDATE intermediate.int_federal_budget_fiscal_year SET receipts_usd_bn = receipts_usd_bn * 2 WHERE fiscal_year > 2024;
UPDATE marts.treasury_issuance_daily SET gross_issues_ex_accretion_usd_bn = 0.4,
    net_issuance_with_accretion_usd_bn = 0.4;
UPDATE staging.stg_fiscaldata__debt_to_penny SET debt_held_public_usd = 1e12;
UPDATE marts.foreign_holdings_total_monthly SET official_usd_bn = total_usd_bn * (year(month_date) - 2020) / 10;
UPDATE staging.stg_coinbase__daily_candles SET low_usd_per_btc = open_usd_per_btc;
UPDATE marts.policy_corridor_daily SET on_rrp_award_pct = 1, srf_minimum_bid_pct = 1;
UPDATE staging.stg_nyfed__reverse_repo_propositions SET accepted_usd = 0 WHERE counterparty_type = 'mmf';
UPDATE intermediate.int_operations_daily SET on_rrp_usd_bn = 100;
UPDATE marts.funding_stress_daily SET sofr_minus_ceiling_bp = -50, is_sofr_near_ceiling = NOT is_srf_take_up;
UPDATE staging.stg_policy__qt_milestones SET effective_date = effective_date + 300;
UPDATE staging.stg_policy__srf_policy SET effective_date = DATE '2019-01-01';
UPDATE marts.fed_balance_sheet_weekly SET repo_usd_bn = 0;
UPDATE staging.stg_fred__observations SET known_from = TIMESTAMP '2025-01-01' WHERE series_id = 'PSAVERT';
UPDATE staging.stg_fred__observations SET value_canonical = 0 WHERE series_id = 'DTB4WK';
UPDATE staging.stg_meta__versions SET known_from = TIMESTAMP '2025-01-01' WHERE series = 'PSAVERT';
UPDATE marts.srf_operations SET operation_limit_usd_bn = 500
"""
# Definitions of issuance exclude each other: these two are true where the one above is not.
_OTHER_DEFINITIONS = """
UPDATE marts.treasury_issuance_daily SET net_issuance_ex_accretion_usd_bn = 1992.0 / 250,
    gross_issues_ex_accretion_usd_bn = 1992.0 / 250, net_issuance_with_accretion_usd_bn = 0
"""


def _disturbances(tables: dict[str, list[tuple[str, str]]]) -> dict[str, list[str]]:
    """Statements on the tables that the measuring SQL reads; each list is one disturbed world."""
    return {
        "negated": [
            *_everywhere(tables, lambda name, dated: f"-{name}"),
            "UPDATE marts.policy_corridor_daily SET is_corridor_whole = NOT is_corridor_whole",
        ],
        "waving": _everywhere(
            tables, lambda name, dated: dated and f"{name} * (1 + 0.9 * sin(epoch({dated}) / 864000.0))"
        ),
        "as claimed": _AS_CLAIMED.split(";\n"),
        "against the claims": _AGAINST_THE_CLAIMS.split(";\n"),
        "other definitions": [_OTHER_DEFINITIONS],
    }


def _compiled(home: Home) -> dict[str, str]:
    """The SQL of the measuring models and of the mart as dbt ran it, in the order in which they build on each other."""
    made = compilation.compiled_project(home)
    return {node.name: node.sql for node in made.named([*MODELS, scorecard.MODEL, MART])}


@pytest.mark.slow
def test_every_verdict_turns_when_its_inputs_do(work: Home):
    """For each measure there is a world in which its number supports the claim, and one in which it does not.

    So for each claim: no definition bars the verdict on the whole from being reached.
    """
    *models, (_, mart) = _compiled(work).items()
    worlds = _disturbances(_inputs(work))
    query = f"SELECT claim_id, measure_id, now_verdict, claim_now_verdict FROM ({mart})"
    verdicts_of: dict[str, set[str]] = {}

    def judge(con) -> dict[tuple[str, str], str]:
        rows = con.execute(query).fetchall()
        for claim, _, _, verdict in rows:
            verdicts_of.setdefault(claim, set()).add(verdict)
        return {(claim, measure): verdict for claim, measure, verdict, _ in rows}

    with open_work(work) as con:
        before = judge(con)
        decided = {key for key, verdict in before.items() if verdict in ("supported", "contradicted")}
        declared = {(row["claim_id"], row["measure_id"]) for row in _seed("claim_measures")}
        assert declared - decided == UNMEASURED
        turned_in: dict[str, set[tuple[str, str]]] = {}
        for world, statements in worlds.items():
            con.execute("BEGIN")
            for statement in statements:
                con.execute(statement)
            for name, sql in models:
                con.execute(f"CREATE OR REPLACE TABLE intermediate.{name} AS {sql}")
            after = judge(con)
            con.execute("ROLLBACK")
            turned_in[world] = {
                key for key in declared if after[key] in ("supported", "contradicted") and after[key] != before[key]
            }
    assert sorted(declared - set().union(*turned_in.values())) == []
    measured = {claim for claim, _ in declared}
    assert {claim: found for claim in sorted(measured) if "supported" not in (found := verdicts_of[claim])} == {}
    assert {claim: found for claim in sorted(measured) if len(found := verdicts_of[claim]) < 2} == {}
    assert [world for world, turned in turned_in.items() if not turned] == []


@pytest.mark.slow
def test_then_knows_nothing_later_and_is_kept_until_something_earlier_changes(
    work: Home, monkeypatch: pytest.MonkeyPatch
):
    """Everything known after the essay is spoiled: "then" stays. One number known before it: "then" moves."""
    moment, made = project.published_at(), compilation.compiled_project(work)
    kept = "SELECT * EXCLUDE (fingerprint) FROM meta.claim_measurement ORDER BY ALL"
    runs, make = [], project.Project.make

    def counted(self: project.Project, *arguments: object, **options: object) -> Iterator:
        runs.append(arguments)
        return make(self, *arguments, **options)

    monkeypatch.setattr(project.Project, "make", counted)

    def keep() -> list[tuple]:
        assert scorecard.measure(work, moment, made) == []
        with open_work(work) as con:
            left = con.execute("SELECT schema_name FROM duckdb_schemas() WHERE schema_name LIKE 'at\\_%' ESCAPE '\\'")
            assert left.fetchall() == []
            return con.execute(kept).fetchall()

    before = keep()
    assert runs == []  # the refresh kept it already
    assert len(before) > 100
    with open_work(work) as con:
        for dataset in DATASETS.values():
            numbers = [c.name for c in dataset.columns if c.unit is not None and c.name not in dataset.key]
            spoil = ", ".join(f'"{name}" = "{name}" * 7 + 13' for name in numbers)
            con.execute(f"UPDATE raw.{dataset.table} SET {spoil} WHERE known_from > ?", [moment])
        con.execute("UPDATE meta.claim_measurement SET fingerprint = 'none'")
    assert keep() == before
    assert len(runs) == 1
    # A version known in October 2025 that came in later, as from an old download.
    with open_work(work) as con:
        con.execute(
            "INSERT INTO raw.fiscaldata__operating_cash_balance BY NAME SELECT * REPLACE (open_today_usd_mn + 50000 AS "
            "open_today_usd_mn, known_from + INTERVAL 1 HOUR AS known_from, load_seq + 100000 AS load_seq) "
            "FROM raw.fiscaldata__operating_cash_balance WHERE record_date = '2025-10-31'"
        )
        set_ends(con, DATASETS["fiscaldata.operating_cash_balance"])
    after = keep()
    assert len(runs) == 2
    changed = {row[:2] for row in set(after) - set(before)}
    assert ("M05", "on_2025_10_31") in changed
    assert changed <= {("M05", "on_2025_10_31"), ("M04", "cash")}
