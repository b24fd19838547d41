"""Python runs this first where it is found: `ingest.calendars` then tells a time `TESTS_DAYS_AHEAD` days ahead."""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class _Finder:
    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == "ingest.calendars" else None
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def then_move(module: ModuleType) -> None:
                execute(module)
                _move(module)

            spec.loader.exec_module = then_move  # type: ignore[method-assign]
        return spec


def _move(calendars: ModuleType) -> None:
    from datetime import UTC, datetime, timedelta

    ahead = timedelta(days=float(os.environ["TESTS_DAYS_AHEAD"]))
    calendars.utc_now = lambda: datetime.now(UTC).replace(tzinfo=None) + ahead  # type: ignore[attr-defined]
    calendars.new_york_today = lambda: (  # type: ignore[attr-defined]
        (datetime.now(UTC) + ahead).astimezone(calendars.NEW_YORK).date()
    )


sys.meta_path.insert(0, _Finder)  # type: ignore[arg-type]
