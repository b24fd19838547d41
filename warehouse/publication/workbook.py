"""The marts of a generation as one Excel workbook, for whoever works in a spreadsheet.

A sheet for each mart that fits, with its text, units and headings above the rows; a sheet about the generation and one
with every column's meaning. It is made of the Parquet files, so columns that may not be passed on are not in it either.
What must not be here: rows (`parquet.py`).
"""

from collections.abc import Callable, Collection
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import xlsxwriter

from warehouse.connection import Home, WarehouseError, open_published
from warehouse.generation import SIMULATED_NOTICE, refuse_unknown

MOST_ROWS = 1_048_576 - 4  # of a sheet of Excel, less what is above them
_NAME_LENGTH = 31  # of a sheet
# A text that begins with = is a text, and a link is a text; an infinite number is an error, as Excel has it.
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}


def write(
    home: Home, path: Path, marts: Collection[str] = (), *, progress: Callable[[str], None] = lambda mart: None
) -> list[str]:
    """Write ``marts``, by default all, of the current generation to ``path``; returns those too long for a sheet.

    Raises WarehouseError when there is no such mart or the file cannot be written.
    """
    folder = home.published_database.resolve().parent / "parquet"
    there = {file.stem: file for file in sorted(folder.glob("*.parquet"))}
    for mart in marts:
        refuse_unknown(mart, there)
    chosen = {name: file for name, file in there.items() if not marts or name in marts}
    long = [name for name, file in chosen.items() if pq.read_metadata(file).num_rows > MOST_ROWS]
    try:
        with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
            _describe(book, home, long)
            _explain(book, chosen)
            names = _sheet_names(chosen)
            for mart, file in chosen.items():
                if mart not in long:
                    progress(mart)
                    _fill(book, names[mart], mart, file, home.is_simulated)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise WarehouseError(f"{path} cannot be written: {error}") from None
    return long


def _describe(book: xlsxwriter.Workbook, home: Home, long: list[str]) -> None:
    with open_published(home) as con:
        (made,) = con.execute("SELECT g FROM meta.generation AS g").fetchone()  # type: ignore[misc]
        texts = con.execute(
            "SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'marts' ORDER BY 1"
        ).fetchall()
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 34)
    lines = [
        ("dollar-liquidity", SIMULATED_NOTICE if home.is_simulated else "from primary sources"),
        ("generation", made["id"]),
        ("built at (UTC)", f"{made['built_at']:%Y-%m-%d %H:%M}"),
        ("known up to (UTC)", f"{made['as_of']:%Y-%m-%d %H:%M}" if made["as_of"] else "all that was known then"),
        ("left out, longer than a sheet", ", ".join(long) or "none"),
        ("", ""),
        *texts,
    ]
    for row, line in enumerate(lines):
        sheet.write_row(row, 0, line)


def _explain(book: xlsxwriter.Workbook, files: dict[str, Path]) -> None:
    rows = [
        {
            "mart": mart, "column": field.name, "unit": (field.metadata or {}).get(b"unit", b"").decode(),
            "meaning": (field.metadata or {}).get(b"description", b"").decode(),
        }
        for mart, file in files.items()
        for field in pq.read_schema(file)
    ]  # fmt: skip
    pl.DataFrame(rows).write_excel(book, "dictionary", autofilter=True, freeze_panes=(1, 0))


def _sheet_names(marts: Collection[str]) -> dict[str, str]:
    """A sheet name for each mart: its own, cut where it is too long for Excel; numbered where two are alike then."""
    names: dict[str, str] = {}
    for mart in marts:
        name, number = mart[:_NAME_LENGTH], 2
        while name in names.values():
            name, number = f"{mart[: _NAME_LENGTH - 2]}~{number}", number + 1
        names[mart] = name
    return names


def _fill(book: xlsxwriter.Workbook, sheet_name: str, mart: str, file: Path, is_simulated: bool) -> None:
    frame = pl.read_parquet(file)
    units = [(field.metadata or {}).get(b"unit", b"").decode() for field in pq.read_schema(file)]
    sheet = book.add_worksheet(sheet_name)
    sheet.write(0, 0, f"{SIMULATED_NOTICE} {mart}" if is_simulated else mart)
    sheet.write_row(1, 0, units)
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    frame = frame.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join(", ") for name in lists)
    frame.write_excel(book, sheet_name, position=(2, 0), autofilter=True, freeze_panes=(3, 1))
