"""Strangers' text at the sinks: no escape sequence, no hidden mark, no formula, no key."""

import csv
import io
import json
from datetime import date

import polars as pl
import pytest
from rich.progress import Progress, TextColumn
from rich.table import Table

from ingest.errors import LayoutError
from ingest.plain import cell, csv_text, keep_secret, plain, plain_json, redact
from orchestration.terminal import PlainConsole

EVIL = "a\x1b[31mb\x1b]0;pwn\x07c\x9b2Jd\x00\x08\x7fe\u202ef\u2066g\u200bh\ud800i"
CLEAN = "abcdefghi"


def test_escapes_controls_and_marks_that_turn_text_are_dropped_and_lines_stay():
    assert plain(EVIL) == CLEAN
    assert plain("one\ttwo\nthree – é 漢 ▁█") == "one\ttwo\nthree – é 漢 ▁█"
    assert plain("shown\rhidden\r\nnext") == "shown\nhidden\nnext"
    assert plain("\x1b[3\x001m") == "[31m", "what is left of a broken sequence is text"


def test_an_error_is_one_plain_line_wherever_it_goes():
    error = LayoutError(f"{EVIL}\nmore", dataset="fred.observations", place=EVIL)
    assert error.message == f"{CLEAN} more"
    assert str(error) == f"LayoutError: fred.observations {CLEAN}: {CLEAN} more"


def test_the_terminal_prints_strings_tables_and_bars_plain():
    file = io.StringIO()
    console = PlainConsole(file=file, width=100, force_terminal=True, color_system=None)
    console.print(f"[bold]text[/] {EVIL}", soft_wrap=True)
    table = Table("heading")
    table.add_row(EVIL)
    console.print(table)
    with Progress(TextColumn("{task.fields[words]}", markup=False), console=console, auto_refresh=False) as progress:
        progress.add_task("", words=EVIL)
    printed = file.getvalue()
    assert f"text {CLEAN}" in printed
    assert printed.count("defghi") >= 3
    assert not {"\x07", "\x9b", "\x00", "\u202e", "\ud800"} & set(printed)
    assert not any(begin in printed for begin in ("\x1b[31m", "\x1b]"))


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "-"])
def test_a_cell_that_begins_like_a_formula_is_text(text: str):
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["-1.5", "+2", "-1,234.50", "-3e-05", "-2.5 %", "", "a=b", "2026-01-02", "–"])
def test_numbers_and_other_text_stay(text: str):
    assert cell(text) == text


def test_csv_has_no_cell_that_runs_and_its_numbers_stay_numbers():
    frame = pl.DataFrame({"=name": ["=1+1", None, "x\x1b[2J"], "number": [-1.5, 2.0, None], "text": ["-7", "b", "c,d"]})
    rows = list(csv.reader(io.StringIO(csv_text(frame))))
    assert rows == [["'=name", "number", "text"], ["'=1+1", "-1.5", "-7"], ["", "2.0", "b"], ["x", "", "c,d"]]


def test_csv_has_lists_and_structures_as_json():
    frame = pl.DataFrame({"names": [["a", "=b"], None, []], "pair": [{"day": date(2026, 1, 2)}, {"day": None}, None]})
    rows = list(csv.reader(io.StringIO(csv_text(frame))))
    assert rows == [["names", "pair"], ['["a", "=b"]', '{"day": "2026-01-02"}'], ["", '{"day": null}'], ["[]", ""]]


def test_json_says_the_same_with_escapes():
    text = json.dumps({"a": "x\u202ey\x9bz\U000e0041"}, ensure_ascii=False)
    safe = plain_json(text)
    assert safe.isascii()
    assert json.loads(safe) == json.loads(text)


def test_a_key_is_shown_nowhere():
    key = keep_secret("Key-of test/123")
    for form in (key, "Key-of%20test%2F123", "Key-of+test%2F123"):
        assert redact(f"?api_key={form}&x") == "?api_key=<key>&x"
    assert plain(f"{key[:4]}\x1b[0m{key[4:]}") == "<key>", "also when it is only whole once it is plain"
    file = io.StringIO()
    PlainConsole(file=file, width=10).print(f"RuntimeError: {key}")  # wrapped and coloured after that
    assert "test/123" not in file.getvalue()
