"""Messages: decided once, sent until somebody has them, marked when in doubt, and never an address written down."""

import logging
import os
import subprocess
import sys
from datetime import UTC, timedelta
from pathlib import Path

import duckdb
import pytest

from ingest.calendars import utc_now
from tests.conftest import REPOSITORY
from tests.receiver import Receiver, receiving
from warehouse import in_progress
from warehouse.connection import Home, open_work
from warehouse.lock import hold
from warehouse.log import tables
from warehouse.publication.alerts import addresses, outbox
from warehouse.publication.alerts.digest import TEXT


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "warehouse")
    with open_work(home) as con:
        tables.create_tables(con, [])
    return home


def _publish(home: Home, name: str, words: str) -> None:
    """A generation as far as messages look at one."""
    folder = home.generations / name
    folder.mkdir(parents=True)
    (folder / TEXT).write_text(f"Dollar liquidity: {words}\nall of {words}\n", "utf-8")
    duckdb.connect(str(folder / "liquidity.duckdb")).close()
    home.current.unlink(missing_ok=True)
    home.current.symlink_to(folder)


def _rows(home: Home, columns: str) -> list[tuple]:
    with open_work(home) as con:
        return con.execute(f"SELECT {columns} FROM meta.outbox ORDER BY made_at, id").fetchall()


def test_one_message_a_refresh_and_none_twice(home: Home, receiver: Receiver):
    _publish(home, "2026a", "1 fired")
    told = outbox.after_run(home, "run1", [], is_published=True)
    assert (told.sent, told.waiting, told.problems) == (1, 0, ())
    ((title, text),) = receiver.messages
    assert title == "1 fired"
    assert "all of 1 fired" in text
    assert "digest:2026a" in text  # by which whoever gets it twice can tell
    outbox.after_run(home, "run2", [], is_published=False)  # nothing new
    outbox.deliver(home)
    assert len(receiver.messages) == 1


def test_a_failed_run_and_its_recovery_are_told_with_the_digest_or_alone(home: Home, receiver: Receiver):
    _publish(home, "2026a", "all quiet")
    outbox.after_run(home, "run1", ["fred.observations: NetworkError: gone"], is_published=True)
    outbox.after_run(home, "run2", ["fred.observations: NetworkError: gone"], is_published=False)
    outbox.after_run(home, "run3", [], is_published=False)
    _publish(home, "2026b", "all quiet")
    outbox.after_run(home, "run4", [], is_published=True)
    assert receiver.titles == [
        "refresh failed, 1 failure; all quiet", "refresh failed, 1 failure", "refresh works again", "all quiet",
    ]  # fmt: skip
    assert all("NetworkError: gone" in text for _, text in receiver.messages[:2])


def test_a_run_that_could_not_tell_of_itself_is_told_once(home: Home, receiver: Receiver):
    outbox.run_failed(home, "run1", ["step dbt failed: no"])
    outbox.run_failed(home, "run1", ["run1 failed"])  # the sensor sees it too
    assert receiver.titles == ["refresh failed, 1 failure"]
    assert "step dbt failed: no" in receiver.messages[0][1]
    outbox.after_run(home, "run2", [], is_published=False)
    assert receiver.titles[1:] == ["refresh works again"]


def test_a_refresh_that_was_killed_before_anybody_knew_of_it_is_told_by_the_next_run(home: Home, receiver: Receiver):
    with in_progress.refresh(home, "own"):
        assert in_progress.others(home) == []
        (home.root / "begun" / "killed").write_text((utc_now() - timedelta(hours=1)).isoformat(), "utf-8")
        (home.root / "begun" / "torn").write_text("2026-", "utf-8")
        os.utime(home.root / "begun" / "torn", 2 * (utc_now().replace(tzinfo=UTC).timestamp(),))
        assert [run for run, _ in in_progress.others(home)] == ["killed", "torn"]
        outbox.after_run(home, "own", [], is_published=False)
    titles = ["refresh failed, 1 failure", "refresh failed, 1 failure", "refresh works again"]
    assert receiver.titles == titles
    assert "RUN killed FAILED" in receiver.messages[0][1]
    assert "RUN torn FAILED" in receiver.messages[1][1]
    outbox.after_run(home, "next", [], is_published=False)
    assert receiver.titles == titles
    assert list((home.root / "begun").iterdir()) == []


def test_a_failure_that_is_noticed_while_the_warehouse_is_held_is_told_later(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outbox, "_PATIENCE", 0.2)
    program = (
        "import sys; from pathlib import Path; from warehouse.connection import Home; from warehouse import lock\n"
        f"with lock.hold(Home(Path({str(home.root)!r})), 'test'): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        assert outbox.run_failed(home, "run1", ["gone"]).waiting == 1
        other.stdin.close()
    assert receiver.messages == []
    outbox.after_run(home, "run2", [], is_published=False)
    assert receiver.titles == ["refresh failed, 1 failure", "refresh works again"]
    assert list((home.root / "untold").iterdir()) == []


@pytest.mark.parametrize(("is_simulated", "mark"), [(False, ""), (True, "SIMULATED: ")])
def test_a_damaged_log_is_told_at_once_and_again_to_who_may_not_have_it(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, is_simulated: bool, mark: str
):
    home = Home(home.root, is_simulated)
    whole = home.work_database.read_bytes()
    home.work_database.write_bytes(whole[:5000])
    assert outbox.run_failed(home, "run1", ["the log is damaged"]) == outbox.Told(sent=1)
    failed, again = f"{mark}refresh failed, 1 failure", f"{mark}refresh works again"
    assert receiver.titles == [failed]
    with receiving() as other:
        monkeypatch.setenv(addresses.VARIABLE, f"{receiver.address} {other.address}")
        other.status = 503
        assert outbox.run_failed(home, "run2", ["the log is damaged"]).waiting == 1
        other.status = 200
        home.work_database.write_bytes(whole)
        outbox.after_run(home, "run3", [], is_published=False)
        assert receiver.titles == [failed, failed, f"{outbox.REPEAT} {failed}", again]
        assert other.titles == [f"{outbox.REPEAT} {failed}", again]


def test_a_message_that_the_log_cannot_keep_is_sent_and_marked_once_it_may_have_left_before(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    def no_room(*_: object) -> None:
        raise duckdb.IOException("IO Error: Could not write file: No space left on device")

    for number, name in enumerate(("_collect", "_note")):  # before a receiver is tried, and then
        with monkeypatch.context() as patch:
            patch.setattr(outbox, name, no_room)
            outbox.run_failed(home, f"run{number}", ["disk full"])
    failed = "refresh failed, 1 failure"
    assert receiver.titles == [failed, f"{outbox.REPEAT} {failed}"]
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_leave", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        outbox.run_failed(home, "run2", ["disk full"])
    outbox.after_run(home, "run3", [], is_published=False)
    assert receiver.titles[2:] == [failed, "refresh works again"]


def test_a_failure_before_anything_is_held_is_told_and_makes_no_log(tmp_path: Path, receiver: Receiver):
    home = Home(tmp_path / "new")
    receiver.status = 503
    assert outbox.run_failed(home, "run1", ["no room"]).waiting == 1
    receiver.status = 200
    assert outbox.run_failed(home, "run2", ["no room"]) == outbox.Told(sent=1)
    assert outbox.catch_up(home) == outbox.Told(waiting=1)
    assert not home.work_database.exists()
    with open_work(home) as con:
        tables.create_tables(con, [])
    assert outbox.catch_up(home) == outbox.Told(sent=1)
    assert receiver.titles == ["refresh failed, 1 failure", f"{outbox.REPEAT} refresh failed, 1 failure"]


def test_a_kill_between_sending_and_marking_repeats_with_the_mark_and_loses_nothing(home: Home, receiver: Receiver):
    _publish(home, "2026a", "1 fired")
    program = (
        "import sys; from pathlib import Path; from warehouse.connection import Home\n"
        "from warehouse.publication.alerts import outbox; sys.stdin.readline()\n"
        f"outbox.after_run(Home(Path({str(home.root)!r})), 'run1', [], is_published=True)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stdin=subprocess.PIPE) as other:
        receiver.kills = other.pid
        other.stdin.write(b"go\n")
        other.stdin.flush()
        assert receiver.came.wait(60)
        assert other.wait(60) == -9
    receiver.kills = None
    assert receiver.titles == ["1 fired"]
    outbox.deliver(home)
    assert receiver.titles == ["1 fired", f"{outbox.REPEAT} 1 fired"]
    assert receiver.messages[1][1].startswith(outbox.REPEAT)
    outbox.deliver(home)
    assert len(receiver.messages) == 2


def test_a_kill_between_publication_and_outbox_loses_nothing(home: Home, receiver: Receiver):
    _publish(home, "2026a", "all quiet")
    outbox.after_run(home, "run1", [], is_published=True)
    _publish(home, "2026b", "2 fired")  # and then the process was killed
    outbox.after_run(home, "run3", [], is_published=False)
    assert receiver.titles == ["all quiet", "2 fired"]
    _publish(home, "2026c", "3 fired")  # again, and the next run publishes
    _publish(home, "2026d", "4 fired")
    outbox.after_run(home, "run4", [], is_published=True)
    assert receiver.titles == ["all quiet", "2 fired", "3 fired", "4 fired"]


def test_a_refusal_is_kept_and_tried_again_and_keeps_nobody_else_waiting(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    with receiving() as second:
        monkeypatch.setenv(addresses.VARIABLE, f"{second.address}  {receiver.address}")
        second.status = 503
        _publish(home, "2026a", "1 fired")
        told = outbox.after_run(home, "run1", [], is_published=True)
        assert (told.sent, told.waiting) == (1, 1)
        assert told.problems == ("receiver 1 (json) did not take the message",)
        _publish(home, "2026b", "2 fired")
        outbox.after_run(home, "run2", [], is_published=True)
        assert receiver.titles == ["1 fired", "2 fired"]
        second.status = 200
        outbox.deliver(home)
        assert second.titles == ["1 fired", "2 fired"]
        assert receiver.titles == ["1 fired", "2 fired"]
        assert [row[0] is not None for row in _rows(home, "sent_at")] == [True, True]


def test_what_was_decided_while_nobody_was_to_be_told_is_never_sent(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(addresses.VARIABLE)
    for name in ("2026a", "2026b"):
        _publish(home, name, f"digest {name}")
        assert outbox.after_run(home, name, [], is_published=True) == outbox.Told()
    monkeypatch.setenv(addresses.VARIABLE, receiver.address)
    _publish(home, "2026c", "1 fired")
    outbox.after_run(home, "run3", [], is_published=True)
    assert receiver.titles == ["1 fired"]


def test_what_nobody_took_for_a_month_is_given_up(home: Home, receiver: Receiver):
    _publish(home, "2026a", "1 fired")
    receiver.status = 500
    outbox.after_run(home, "run1", [], is_published=True)
    with open_work(home) as con:
        con.execute("UPDATE meta.outbox SET made_at = ?", [utc_now() - timedelta(days=31)])
    receiver.status = 200
    assert outbox.deliver(home).sent == 0


def test_addresses_stand_nowhere(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    listed = tmp_path / "receivers"
    listed.write_text(f"# who is told\n{receiver.address}\nSECRETWORD no address\n", "utf-8")
    monkeypatch.delenv(addresses.VARIABLE)
    monkeypatch.setenv(addresses.FILE_VARIABLE, str(listed))
    assert len(addresses.addresses()) == 2
    receiver.status = 500
    _publish(home, "2026a", "1 fired")
    with caplog.at_level(logging.DEBUG):
        told = outbox.after_run(home, "run1", [], is_published=True)
        problems = outbox.try_addresses(home)
    assert len(told.problems) == len(problems) == 2
    assert "no address" in told.problems[1]
    words = " ".join([*told.problems, *problems, caplog.text]).encode()
    for place in home.root.rglob("*"):
        if place.is_file():
            words += place.read_bytes()
    assert b"1 fired" in words
    assert b"SECRETWORD" not in words
    assert b"secretpath" not in words


def test_a_file_of_addresses_that_is_gone_is_said_and_the_message_waits(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(addresses.VARIABLE)
    monkeypatch.setenv(addresses.FILE_VARIABLE, str(home.root / "nowhere"))
    _publish(home, "2026a", "1 fired")
    told = outbox.after_run(home, "run1", [], is_published=True)
    assert told.problems == ("LIQUIDITY_NOTIFY_FILE names a file that cannot be read: FileNotFoundError",)
    (home.root / "nowhere").write_text(receiver.address, "utf-8")
    assert outbox.deliver(home).sent == 1


def test_a_lost_outbox_repeats_one_digest_with_its_mark_and_no_older_one(home: Home, receiver: Receiver):
    for name in ("2026a", "2026b", "2026c"):
        _publish(home, name, f"digest {name}")
    outbox.after_run(home, "run1", [], is_published=False)
    assert receiver.titles == [f"{outbox.REPEAT} digest 2026c"]


def test_the_ping_is_asked_after_good_runs_only(home: Home, monkeypatch: pytest.MonkeyPatch):
    from orchestration import messages

    asked: list[str] = []
    monkeypatch.setattr(addresses, "ping", lambda: asked.append("asked"))
    messages.after_run(home, "run1", ["bad"], is_published=False)
    assert asked == []
    messages.after_run(home, "run2", [], is_published=False)
    assert asked == ["asked"]


def test_a_ping_that_fails_is_said_without_its_address(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    place = f"http://127.0.0.1:{receiver.port}/SECRETWORD"  # which takes no GET
    for address, error in ((place, "HTTPStatusError"), ("http://127.0.0.1:9/SECRETWORD", "ConnectError")):
        monkeypatch.setenv(addresses.PING_VARIABLE, address)
        with caplog.at_level(logging.DEBUG):
            assert addresses.ping() == f"LIQUIDITY_PING could not be asked: {error}"
    assert "SECRETWORD" not in caplog.text


def test_messages_are_made_under_the_lock_of_the_warehouse(home: Home, receiver: Receiver):
    with hold(home, "refresh"):
        _publish(home, "2026a", "1 fired")
        assert outbox.after_run(home, "run1", [], is_published=True).sent == 1
