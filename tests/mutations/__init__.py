"""Deliberate errors: what a person, a parser or a publisher could get wrong, and the named check that must turn red.

The lists are data; tests/pipeline/test_mutations_*.py apply each error to a copy of the sample, with the same check
green before. `python -m tests.mutations` writes the table of README.md.
"""

from pathlib import Path

from tests.mutations.in_models import IN_MODELS
from tests.mutations.kinds import Mutation
from tests.mutations.stored import BROKEN_PAIRS, STORED
from tests.mutations.upstream import UPSTREAM

MUTATIONS: tuple[Mutation, ...] = (*UPSTREAM, *STORED, *BROKEN_PAIRS, *IN_MODELS)
TABLE = Path(__file__).with_name("README.md")

_HEAD = """# Deliberate errors

What a person, a parser or a publisher could get wrong, and the check that turns red. Each is applied to a copy of the
sample by `pytest tests/pipeline/test_mutations_upstream.py tests/pipeline/test_mutations_stored.py
tests/pipeline/test_mutations_in_models.py`; without the error the same check is green, and of the other checks of this
table on models between the error and that check only those in brackets turn red. Written by
`python -m tests.mutations` from the lists beside this file.

| kind | the error is in |
|---|---|
| upstream | an answer of a provider; the check is an error of the ingest, and nothing of the answer is stored |
| stored | the raw log, as if a parser had erred; the check is a dbt data test, in Dagster an asset check |
| model | the text of a model or macro; the check is a dbt data test or unit test |

Of one kind there are too many to list: two columns of the same type exchanged. `tests/unit/providers/
test_columns_swapped.py` exchanges every two of every parser.

"""


def table() -> str:
    """README.md: every error with its kind, place and check, as Markdown."""
    lines = ["| # | kind | name | mistake | in | turns red |", "|---|---|---|---|---|---|"]
    for number, mutation in enumerate(MUTATIONS, 1):
        also = f" ({', '.join(f'`{name}`' for name in mutation.also)})" if getattr(mutation, "also", ()) else ""
        cells = (number, mutation.kind, mutation.name, mutation.mistake, f"`{mutation.place}`")
        lines.append(f"| {' | '.join(map(str, cells))} | `{mutation.check}`{also} |")
    return _HEAD + "\n".join(lines) + "\n"
