"""Every way a body can be wrong: a named error for that dataset, a quarantined payload, kept rows, others go on."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from ingest import sample
from ingest.payloads import Archive
from ingest.providers import DATASETS
from orchestration import resources
from tests.pipeline.conftest import publish_little, published_copy
from warehouse.connection import Home, open_work
from warehouse.log.intake import take_in
from warehouse.models.fingerprints import contents


def _answer(body: bytes | str) -> Callable[[httpx.Request, httpx.Response], httpx.Response]:
    return lambda request, response: httpx.Response(200, content=body)


def _edit(change: Callable[[str], str]) -> Callable[[httpx.Request, httpx.Response], httpx.Response]:
    return lambda request, response: httpx.Response(200, content=change(response.read().decode()))


def _lines(change: Callable[[list[str]], list[str]]) -> Callable[[httpx.Request, httpx.Response], httpx.Response]:
    return _edit(lambda text: "\n".join(change(text.splitlines())) + "\n")


def _times_1000(text: str) -> str:
    head, *rows = text.splitlines()
    return "\n".join([head, *(re.sub(r",([\d.]+)$", lambda m: f",{float(m[1]) * 1000}", row) for row in rows), ""])


def _half(text: str) -> str:
    body = json.loads(text)
    body["refRates"] = body["refRates"][: len(body["refRates"]) // 3]
    return json.dumps(body)


WALCL, SOFR = "fredgraph.csv?id=WALCL", "/secured/sofr/"
CASES = {
    "web page with status 200": ("fred.observations", "WALCL", WALCL, _answer("<html><title>Sorry</title></html>"),
                                 "UnreadableBodyError"),
    "truncated JSON": ("nyfed.reference_rates", "SOFR", SOFR, _edit(lambda t: t[: len(t) // 2]), "UnreadableBodyError"),
    "unknown column": ("fred.observations", "WALCL", WALCL, _lines(lambda x: [f"{row},extra" for row in x]),
                       "LayoutError"),
    "null where a number must be": ("nyfed.reference_rates", "SOFR", SOFR,
                                    _edit(lambda t: re.sub(r'"percentRate": [\d.]+', '"percentRate": null', t)),
                                    "ValueFormatError"),
    "empty list": ("nyfed.reference_rates", "SOFR", SOFR, _answer('{ "refRates": [] }'), "EmptyBodyError"),
    "a third of the rows of last time": ("nyfed.reference_rates", "SOFR", SOFR, _edit(_half), "ShrunkBodyError"),
    "wrong unit": ("fred.observations", "WALCL", WALCL, _edit(_times_1000), "UnitError"),
    "missing page": ("fiscaldata.public_debt_transactions", None, "public_debt_transactions",
                     _edit(lambda t: re.sub(r'"total-count":(\d+)', '"total-count":999999', t)), "PagingError"),
}  # fmt: skip

# Small ones of the same and of other providers; a whole refresh with a bad series is further below.
BYSTANDERS = ("nyfed.soma_summary", "tic.major_foreign_holders", "kraken.daily_candles")


@pytest.fixture
def home(refreshed: Home, tmp_path: Path) -> Home:
    root = tmp_path / "home" / "sample"
    (root / "work").mkdir(parents=True)
    shutil.copy(refreshed.work_database, root / "work" / refreshed.work_database.name)
    return Home(root, is_simulated=True)


def _faulty(part: str, spoil: Callable, now: datetime | None = None) -> httpx.BaseTransport:
    return sample.transport(now.date() if now else None, faults={part: spoil})


@pytest.mark.usefixtures("few_series")
@pytest.mark.parametrize("case", CASES)
def test_named_error_quarantine_kept_rows_and_the_others_go_on(case: str, home: Home):
    dataset_id, scope, part, spoil, error = CASES[case]
    table = DATASETS[dataset_id].table
    with open_work(home) as con:
        before = contents(con, [f"history.{table}"])
    wanted = [dataset_id, *BYSTANDERS]
    outcomes = take_in(home, wanted, run_id="bad", is_full=True, transport=_faulty(part, spoil))
    names = {(failure.request.scope, failure.error.name) for failure in outcomes[dataset_id].failures}
    assert names == {(scope, error)}
    assert all(not outcome.failures for key, outcome in outcomes.items() if key != dataset_id)
    with open_work(home) as con:
        after = contents(con, [f"history.{table}"])
        payload, kept_error = con.execute(
            "SELECT payload_id, error FROM meta.quarantine WHERE run_id = 'bad' AND dataset = ?", [dataset_id]
        ).fetchone()
        others = con.execute(
            "SELECT count(DISTINCT dataset) FROM meta.load WHERE run_id = 'bad' AND dataset <> ?", [dataset_id]
        ).fetchone()
    assert before == after
    assert kept_error == error
    assert payload in Archive(home.payloads)
    assert others == (len(BYSTANDERS),)


def _through_the_command_line(monkeypatch: pytest.MonkeyPatch, transport: httpx.BaseTransport, *arguments: str):
    from orchestration.cli import app

    monkeypatch.setattr(resources.Warehouse, "transport", lambda self: transport)
    return CliRunner().invoke(app, ["refresh", *arguments])


@pytest.mark.usefixtures("few_series")
@pytest.mark.slow
def test_refresh_with_one_bad_series_publishes_the_rest_and_exits_1(
    refreshed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
):
    publish_little(monkeypatch)
    home = published_copy(refreshed, tmp_path / "home" / "sample")
    monkeypatch.setenv("LIQUIDITY_HOME", str(home.root.parent))
    result = _through_the_command_line(monkeypatch, _faulty(WALCL, _answer("<html>")), "--sample", "--select", "fred")
    printed = capfd.readouterr()
    text = result.output + printed.out + printed.err
    assert result.exit_code == 1, text
    assert text.count("fred.observations WALCL: UnreadableBodyError") == 1
    assert "Traceback" not in text
    import duckdb

    with duckdb.connect(str(home.published_database), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM marts.fed_balance_sheet_weekly").fetchone()[0] > 300
        assert con.execute("SELECT last_error FROM meta.freshness WHERE series = 'WALCL'").fetchone()[0]


@pytest.mark.usefixtures("few_models")
@pytest.mark.slow
def test_no_network_is_one_line_for_each_provider_and_nothing_is_lost(
    home: Home, compiled: Callable[[Home], Home], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
):
    real = compiled(Home(home.root.parent / "real"))
    (real.root / "work").mkdir(parents=True)
    shutil.copy(home.work_database, real.work_database)
    monkeypatch.setenv("LIQUIDITY_HOME", str(real.root))
    publish_little(monkeypatch)

    def unreachable(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to host", request=request)

    result = _through_the_command_line(monkeypatch, httpx.MockTransport(unreachable))
    printed = capfd.readouterr()
    text = result.output + printed.out + printed.err
    assert result.exit_code == 1, text
    assert "liquidity refresh --sample" in text
    for provider in {dataset.provider for dataset in DATASETS.values()}:
        assert sum(line.startswith(f"failed {provider}") for line in text.splitlines()) == 1, text
    with open_work(real) as con:
        assert con.execute("SELECT count(*) FROM raw.nyfed__reference_rates").fetchone()[0] > 10_000
