"""One trouble of several series or datasets of a provider as one line: messages, `liquidity status`, the command.

A provider that is down fails in all of its datasets, and a line for each hides everything else. What must not be here:
what is late or failing (`intake.py`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.errors import GIVEN_UP

_MOST = 12  # names that are listed


@dataclass(frozen=True)
class Trouble:
    """The ``reason``, and whom it concerns: series by dataset, '' for a dataset without series or as a whole."""

    provider: str
    reason: str
    members: dict[str, list[str]]

    @property
    def whom(self) -> str:
        """`fred.observations WALCL`, `fred.observations (12 series)`, `fiscaldata (11 datasets)`."""
        if len(self.members) > 1:
            return f"{self.provider} ({len(self.members)} datasets)"
        ((dataset, series),) = self.members.items()
        return f"{dataset} {series[0]}".strip() if len(series) == 1 else f"{dataset} ({len(series)} series)"

    @property
    def names(self) -> str:
        """Datasets, or series of the only one; the first twelve. Empty when `whom` has the name."""
        if len(self.members) > 1:
            names = [dataset.partition(".")[2] for dataset in self.members]
        else:
            (names,) = self.members.values()
        more = [f"and {len(names) - _MOST} more"] if len(names) > _MOST else []
        return ", ".join([*names[:_MOST], *more]) if len(names) > 1 else ""


def grouped(rows: Iterable[tuple[str, str | None, str]]) -> list[Trouble]:
    """Rows of dataset, series and reason, together where provider and reason are the same; in order of appearance.

    Two addresses of one host are the same reason, and so is the failure after which a provider was given up.
    """
    members: dict[tuple[str, str], dict[str, list[str]]] = {}
    reasons: dict[tuple[str, str], set[str]] = {}
    for dataset, series, reason in rows:
        reason = re.sub(rf"\S+ {GIVEN_UP}: ", "", reason)
        key = dataset.partition(".")[0], re.sub(r"(https?://[^\s/?#]+)[^\s;]*", r"\1", reason)  # the host alone
        members.setdefault(key, {}).setdefault(dataset, []).append(series or "")
        reasons.setdefault(key, set()).add(reason)
    return [
        Trouble(provider, min(reasons[provider, reason]) if len(reasons[provider, reason]) == 1 else reason, found)
        for (provider, reason), found in members.items()
    ]
