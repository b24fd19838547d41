"""The process of one night: `liquidity refresh --sample` at another moment, and a look at what it left.

Called with one argument, the order as JSON. Its exit code is that of the refresh.
"""

import json
import os
import signal
import sys
import traceback
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ingest import calendars
from warehouse import locations


def main(order: dict[str, Any]) -> int:
    """Run the night that ``order`` describes, see `campaign._order`."""
    locations.PROJECT = Path(order["project"])  # type: ignore[misc]  # with seeds that an operator has kept
    _set_clock(datetime.fromisoformat(order["moment"]))
    # Not before: what is imported from here on takes clock and project over.
    from ingest import sample
    from orchestration import cli, progress
    from tests.nights.course import COURSES, Providers
    from warehouse import space
    from warehouse.connection import Home

    course, day = COURSES[order["course"]], date.fromisoformat(order["day"])
    sample.transport = lambda *_, **__: Providers(course, day)  # type: ignore[assignment]
    if order["kill"]:
        stage, steps = order["kill"]
        progress.subscribe(lambda name, words, done, total: _die(name == stage and done >= steps))
    if order["is_unwarned"]:
        space.require = lambda home: None  # type: ignore[assignment]
    sys.argv = ["liquidity", "refresh", "--sample"]
    code = 0
    try:
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    if order["look"]:
        from tests.nights import looking

        try:
            seen = looking.look(Home.locate(is_simulated=True), course, day, is_whole=order["is_whole"])
        except Exception:
            seen = {"trouble": traceback.format_exc()}
        Path(order["look"]).write_text(json.dumps(seen, default=str), "utf-8")
    return code


def _set_clock(at: datetime) -> None:
    """This process lives at ``at`` (naive UTC); time passes."""
    begun, now = calendars.utc_now(), calendars.utc_now
    calendars.utc_now = lambda: at + (now() - begun)
    calendars.new_york_today = (
        lambda: calendars.utc_now().replace(tzinfo=UTC).astimezone(calendars.NEW_YORK).date()
    )  # fmt: skip


def _die(is_time: bool) -> None:
    if is_time:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
