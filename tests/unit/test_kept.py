"""What is kept between runs: never wrong, never needed."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest import kept


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def _made(*results: bytes):
    """Gives one result after another; fails the test when it is called once more."""
    left = list(results)
    return lambda: left.pop(0) if left else pytest.fail("made again")


def test_each_key_of_each_kind_is_made_once():
    for kind in ("pictures", "answers"):
        for key in ("a", "b"):
            assert kept.get(kind, key, _made(f"{kind} {key}".encode())) == f"{kind} {key}".encode()
            assert kept.get(kind, key, _made()) == f"{kind} {key}".encode()


@pytest.mark.parametrize("spoilt", [b"", b"not compressed", None])
def test_what_is_damaged_is_made_again(folder: Path, spoilt: bytes | None):
    kept.get("pictures", "a", _made(b"good" * 99))
    (path,) = (folder / "pictures").iterdir()
    path.write_bytes(path.read_bytes()[:-3] if spoilt is None else spoilt)
    assert kept.get("pictures", "a", _made(b"good" * 99)) == b"good" * 99
    assert kept.get("pictures", "a", _made()) == b"good" * 99
    assert len(list((folder / "pictures").iterdir())) == 1


def test_without_a_folder_everything_is_made_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    assert kept.is_on()
    for named in ("", str(tmp_path / "file")):
        monkeypatch.setenv(kept.VARIABLE, named)
        assert kept.is_on() == bool(named)
        for made in (b"one", b"two"):
            assert kept.get("pictures", "a", _made(made)) == made


def test_what_cannot_be_made_is_not_kept():
    with pytest.raises(ValueError, match="no picture"):
        kept.get("pictures", "a", lambda: (_ for _ in ()).throw(ValueError("no picture")))
    assert kept.get("pictures", "a", _made(b"one")) == b"one"


def test_what_nobody_used_for_two_days_is_deleted(folder: Path):
    for key in ("used", "unused"):
        kept.get("pictures", key, _made(key.encode()))
    paths = {path.name: path for path in (folder / "pictures").iterdir()}
    for path in paths.values():
        os.utime(path, (time.time() - 3 * 86_400,) * 2)
    kept.get("pictures", "used", _made())
    kept._folder.cache_clear()  # as in the next process
    kept.get("pictures", "used", _made())
    assert len(list((folder / "pictures").iterdir())) == 1


def test_what_is_slow_is_made_by_one_while_others_wait():
    made = []

    def slowly() -> bytes:
        time.sleep(0.2)
        made.append(1)
        return b"one"

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: kept.get("lineage", "a", slowly, is_slow=True), range(3)))
    assert found == [b"one"] * 3
    assert len(made) == 1
