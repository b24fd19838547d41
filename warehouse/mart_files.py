"""The marts of the project by link of the chain: the link of a mart is the folder of its SQL.

What must not be here: what dbt makes of the files (`warehouse/project.py`, `warehouse/manifest.py`).
"""

from __future__ import annotations

from ingest.locations import PROJECT

FOLDER = PROJECT / "models" / "marts"


def of_link(link: str) -> list[str]:
    """Names of the marts of a link, sorted."""
    return sorted(path.stem for path in (FOLDER / link).glob("*.sql"))
