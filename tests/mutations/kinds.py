"""What a deliberate error is: three kinds, each with the words of the mistake and the name of the check it must trip.

An error of kind `Upstream` spoils an answer of the sample and names an error of the ingest. `Stored` changes the raw
log as if a parser had erred, `InModel` changes the text of a model or macro; both name a dbt data test or unit test.
"""

from dataclasses import dataclass

from ingest.sample import Fault


@dataclass(frozen=True)
class Upstream:
    """``spoil`` is applied to every answer whose address contains ``url``; ``check`` is the name of an IngestError."""

    name: str
    mistake: str
    dataset: str
    url: str
    spoil: Fault
    check: str

    kind = "upstream"

    @property
    def place(self) -> str:
        return self.dataset


@dataclass(frozen=True)
class Stored:
    """``sql`` is run on the raw log and changes its ``tables``. ``also`` are other listed checks that rightly fail."""

    name: str
    mistake: str
    tables: tuple[str, ...]
    sql: str
    check: str
    also: tuple[str, ...] = ()

    kind = "stored"

    @property
    def place(self) -> str:
        return ", ".join(table.replace("__", ".", 1) for table in self.tables)


@dataclass(frozen=True)
class InModel:
    """``old`` in ``file`` (below dbt_project) becomes ``new``; it must occur there."""

    name: str
    mistake: str
    file: str
    old: str
    new: str
    check: str
    also: tuple[str, ...] = ()

    kind = "model"

    @property
    def place(self) -> str:
        return self.file.rsplit("/", 1)[1]


Mutation = Upstream | Stored | InModel
