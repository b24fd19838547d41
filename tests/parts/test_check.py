"""`liquidity check` against the simulated providers, with faults injected: each is named for what it is."""

import time
from datetime import date

import httpx
import pytest
from typer.testing import CliRunner

from ingest import sample
from ingest.calendars import utc_now
from ingest.check import Word, check
from ingest.providers import DATASETS
from orchestration import cli
from tests.unit.small_server import KRAKEN, candles, serving

ALL = list(DATASETS.values())


def _status(code: int, body: bytes = b"") -> sample.Fault:
    return lambda request, response: httpx.Response(code, content=body)


def _dead(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    raise httpx.ConnectError("Connection refused", request=request)


def _hangs(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    time.sleep(3)
    return response


def _renamed(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    return httpx.Response(200, content=response.content.replace(b"percentRate", b"rateInPercent"))


def _asked(faults: dict[str, sample.Fault] | None = None) -> httpx.BaseTransport:
    return sample.transport(utc_now().date(), now=utc_now(), faults=faults)


@pytest.mark.slow
def test_every_simulated_provider_is_fine_and_nothing_is_old():
    verdicts = check(ALL, transport=_asked())
    assert [verdict.dataset for verdict in verdicts] == list(DATASETS)
    assert {verdict.dataset: verdict.detail for verdict in verdicts if verdict.word is not Word.FINE} == {}
    assert all("rows, newest 20" in verdict.detail for verdict in verdicts)
    assert not [verdict for verdict in verdicts if "older" in verdict.detail]


def test_each_fault_has_its_word_and_others_are_not_touched():
    faults = {
        "api.exchange.coinbase.com": _dead, "publicreporting.cftc.gov": _status(403),
        "markets.newyorkfed.org/api/rates": _renamed, "www.federalreserve.gov": _status(404),
        "ticdata.treasury.gov": _status(200, b"<html><title>We have moved</title></html>"),
        "api.fiscaldata.treasury.gov": _status(503),
    }  # fmt: skip
    verdicts = {v.dataset: v for v in check(ALL, transport=_asked(faults))}
    word = {dataset: verdict.word for dataset, verdict in verdicts.items()}
    assert word["coinbase.daily_candles"] is Word.UNREACHABLE
    assert word["cftc.traders_in_financial_futures"] is Word.REFUSED
    assert word["nyfed.reference_rates"] is Word.CHANGED
    assert "rateInPercent" in verdicts["nyfed.reference_rates"].detail
    assert word["frb.h41"] is Word.CHANGED
    assert word["tic.slt_country_flows"] is Word.CHANGED
    assert "We have moved" in verdicts["tic.slt_country_flows"].detail
    assert word["fiscaldata.mts_table_1"] is Word.UNREACHABLE
    touched = {"coinbase", "cftc", "frb", "tic", "fiscaldata"}
    rest = [d for d in word if d.partition(".")[0] not in touched and d != "nyfed.reference_rates"]
    assert len(rest) >= 12
    assert {word[dataset] for dataset in rest} == {Word.FINE}


def test_one_that_hangs_does_not_hold_the_others_nor_the_time():
    begun = time.monotonic()
    chosen = [DATASETS[KRAKEN], DATASETS["coinbase.daily_candles"]]
    transport = _asked({"api.kraken.com": _hangs})
    verdicts = {v.dataset: v for v in check(chosen, transport=transport, seconds=1.5)}
    assert time.monotonic() - begun < 4
    assert verdicts["coinbase.daily_candles"].word is Word.FINE
    assert (verdicts[KRAKEN].word, verdicts[KRAKEN].detail) == (Word.UNREACHABLE, "no answer within 1.5 s")


def test_without_a_network_it_is_over_soon():
    begun = time.monotonic()
    assert {verdict.word for verdict in check(ALL, transport=_asked({"https://": _dead}))} == {Word.UNREACHABLE}
    assert time.monotonic() - begun < 30


def test_old_data_are_fine_and_said():
    (verdict,) = check([DATASETS[KRAKEN]], transport=serving(candles(date(2026, 1, 5))))
    assert verdict.word is Word.FINE
    assert verdict.detail == "30 rows, newest 2026-01-05, older than its release rule allows"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture):
    """The command against the simulated providers with faults; exit code, lines of both streams."""

    def command(*arguments: str, faults=None) -> tuple[int, list[str], list[str]]:
        original = sample.transport
        monkeypatch.setattr(sample, "transport", lambda: original(faults=faults))
        result = CliRunner().invoke(cli.app, ["check", "--sample", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        printed = capfd.readouterr()
        return result.exit_code, (result.stdout + printed.out).splitlines(), (result.stderr + printed.err).splitlines()

    return command


def test_command_has_a_line_for_each_dataset_and_the_address_to_look_at(run):
    code, said, more = run("--select", "kraken", "--select", "cftc", faults={"api.kraken.com": _status(451)})
    assert code == 1
    assert [line.split()[:2] for line in said[:2]] == [
        ["refused", KRAKEN], ["fine", "cftc.traders_in_financial_futures"],
    ]  # fmt: skip
    assert said[2].startswith("1 of 2 datasets are fine; asked in ")
    assert more[0].startswith("SIMULATED DATA")
    assert more[1].startswith("look at https://api.kraken.com/")


def test_command_without_a_fault_ends_well(run):
    code, said, more = run("--select", "kraken")
    assert (code, said[-1][:24], len(more)) == (0, "1 of 1 datasets are fine", 1)
