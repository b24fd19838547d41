"""The one Dagster resource: which warehouse a run works on, and where its data come from.

The environment is read when a run uses the resource, never on import.
"""

# Without postponed annotations: Dagster resolves them when it builds assets.
import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import httpx

from orchestration.instance import SAMPLE_VARIABLE, adopt, mark
from warehouse import lock
from warehouse.connection import Home
from warehouse.log.intake import transport_of


class Warehouse(dg.ConfigurableResource):
    """The warehouse of this Dagster instance: `LIQUIDITY_HOME`, or the simulated one with `LIQUIDITY_SAMPLE`."""

    @property
    def home(self) -> Home:
        return Home.locate(is_simulated=bool(os.environ.get(SAMPLE_VARIABLE)))

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Warehouse"]:
        """Every run is marked as alive, then holds the warehouse from its first step to its last."""
        if context.run and context.instance:
            mark(context.instance, context.run.run_id)
            kind = "sample" if self.home.is_simulated else "real"
            context.instance.add_run_tags(
                context.run.run_id, {"liquidity/warehouse": kind, "liquidity/process": str(os.getpid())}
            )
            adopt(context.instance, context.run.run_id, self.home)
        name = context.run.job_name if context.run else "run"
        doing = "run of some assets" if name.startswith("__") else name
        with lock.hold(self.home, doing, on_wait=lambda words: context.log.info(words) if context.log else None):
            yield self

    def transport(self) -> httpx.BaseTransport | None:
        """None for the real network; the simulated providers for the sample."""
        return transport_of(self.home)
