"""Loaded once by the server from which the children are forked: imports, the page's templates, the digest of the code,
and the simulated world that they ask.

Only Python code runs here. Polars and DuckDB start threads when they are used, and a fork would lose those.
"""

import contextlib
import gc

import httpx
import icalendar  # noqa: F401
import pyarrow.dataset  # noqa: F401

from ingest import sample
from ingest.catalog import Plan
from ingest.providers import DATASETS
from tests.faults import child, fuzz  # noqa: F401
from warehouse.publication import unchanged
from warehouse.publication.report import templates

with contextlib.suppress(ImportError):
    import pandas  # noqa: F401  (DuckDB looks for it)


def _ask_everything_once() -> None:
    """Draw the simulated world, which every forked process then has."""
    transport = sample.transport(child.LAST_DAY)
    for name in child.LOADED:
        dataset = DATASETS[name]
        for request in dataset.requests(dataset, Plan(child.LAST_DAY, {}, True, None)):
            transport.handle_request(httpx.Request("GET", request.public_url)).read()


_ask_everything_once()
unchanged._code()  # a quarter of a publication
for name in templates().list_templates(extensions=["j2"]):
    templates().get_template(name)
gc.freeze()  # a child's collector of garbage would walk, and so copy, all that it shares with this process
