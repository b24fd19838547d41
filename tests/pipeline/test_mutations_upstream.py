"""Deliberate errors in the answers of providers, one by one: refused by name, and nothing of them is stored."""

import shutil
from collections.abc import Iterator
from datetime import datetime

import pytest

from ingest import sample
from ingest.providers import DATASETS
from tests.mutations.kinds import Upstream
from tests.mutations.upstream import UPSTREAM
from warehouse.connection import Home, open_published, open_work
from warehouse.log import intake
from warehouse.log.intake import Outcome, take_in

pytestmark = pytest.mark.usefixtures("few_series")


@pytest.fixture(scope="module")
def home(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One copy for all: an answer that is refused leaves no trace in the history, which each test checks.

    What is late is not asked, of any dataset: it is half of the time.
    """
    root = tmp_path_factory.mktemp("upstream")
    (root / "work").mkdir()
    shutil.copy(refreshed.work_database, root / "work" / refreshed.work_database.name)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(intake, "write_freshness", lambda *_: [])
        yield Home(root, is_simulated=True)


@pytest.fixture(scope="module")
def then(refreshed: Home) -> datetime:
    """When the sample was loaded (naive UTC); if midnight has passed since, there is one more candle of bitcoin now."""
    with open_published(refreshed) as con:
        ((loaded_at,),) = con.execute("SELECT max(loaded_at) FROM meta.load").fetchall()
    return loaded_at


def _take(home: Home, mutation: Upstream, then: datetime, *, is_spoilt: bool) -> Outcome:
    transport = sample.transport(faults={mutation.url: mutation.spoil} if is_spoilt else {})
    options = {"run_id": mutation.name, "is_full": True, "transport": transport, "now": then}
    return take_in(home, [mutation.dataset], **options)[mutation.dataset]


@pytest.mark.parametrize("dataset", sorted({mutation.dataset for mutation in UPSTREAM}))
def test_answers_are_taken_without_the_errors(dataset: str, home: Home, then: datetime):
    mutation = next(mutation for mutation in UPSTREAM if mutation.dataset == dataset)
    assert _take(home, mutation, then, is_spoilt=False).failures == []


@pytest.mark.parametrize("mutation", UPSTREAM, ids=lambda mutation: mutation.name)
def test_named_error_refuses_it(mutation: Upstream, home: Home, then: datetime):
    def contents() -> list:
        with open_work(home) as con:
            return con.execute(
                f"SELECT count(*), bit_xor(hash(t)) FROM history.{DATASETS[mutation.dataset].table} AS t"
            ).fetchall()

    before = contents()
    failures = _take(home, mutation, then, is_spoilt=True).failures
    assert {failure.error.name for failure in failures} == {mutation.check}, [str(f.error) for f in failures]
    assert contents() == before
