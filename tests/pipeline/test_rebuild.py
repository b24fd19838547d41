"""The warehouse made again: from its payloads, and as of a past moment through the command line."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ingest.payloads import Archive
from tests.pipeline.conftest import log_digests, publish_little, published_copy
from warehouse.connection import Home, open_published, open_work


@pytest.fixture
def home(refreshed: Home, tmp_path: Path) -> Home:
    copy = published_copy(refreshed, tmp_path / "home" / "sample")
    copy.payloads.symlink_to(refreshed.payloads)
    return copy


@pytest.mark.usefixtures("few_models")
@pytest.mark.slow
def test_log_survives_a_damaged_payload_in_a_replay(
    home: Home, refreshed: Home, run_here: Callable, monkeypatch: pytest.MonkeyPatch
):
    """Replay carries over what one flipped bit makes unreadable."""
    publish_little(monkeypatch)
    home.payloads.unlink()
    shutil.copytree(refreshed.payloads, home.payloads)
    before = log_digests(home)
    with open_work(home) as con:
        (payload,) = con.execute("SELECT any_value(payload_id) FROM raw.nyfed__soma_summary").fetchone()
        con.execute("UPDATE raw.nyfed__reference_rates SET rate_pct = 99")  # which the payloads do not say
    file = Archive(home.payloads).path(payload)
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])

    result = run_here(home.root.parent, "replay", "--sample")
    assert result.returncode == 1
    assert payload[:12] in result.stderr
    assert "1 refused" in result.stdout
    assert "published generation" in result.stdout
    assert log_digests(home) == before
    with open_published(home) as con:
        assert con.execute("SELECT max(sofr_pct) FROM marts.funding_stress_daily").fetchone()[0] < 10
    # A check that fails keeps the old log, of the simulated data too; here none does.
    assert [path.name for path in home.work_database.parent.iterdir()] == [home.work_database.name]
    result = run_here(home.root.parent, "verify", "--sample", "--deep")
    assert (result.returncode, result.stderr.count("rests on it")) == (1, 1), result.stderr
    file.write_bytes(whole)
    result = run_here(home.root.parent, "verify", "--sample", "--deep")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.usefixtures("unpainted")
@pytest.mark.slow
def test_as_of_publishes_a_past_state_beside_the_current_one(home: Home, run_here: Callable):
    result = run_here(home.root.parent, "as-of", "2025-11-04T14:00", "--sample")
    assert result.returncode == 0, result.stdout + result.stderr
    past = Home(home.root / "as_of" / "20251104T140000", is_simulated=True)
    with open_published(past) as con:
        assert con.execute("SELECT as_of::VARCHAR FROM meta.generation").fetchone() == ("2025-11-04 14:00:00",)
        assert str(con.execute("SELECT max(operation_date) FROM marts.srf_operations").fetchone()[0]) == "2025-11-04"
        newest = con.execute("SELECT max(known_from) FROM history.fred__observations").fetchone()[0]
    assert newest <= datetime(2025, 11, 4, 14, 0)
