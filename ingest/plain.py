"""Makes text from outside safe to show: one function for text, one for cells of a table that a spreadsheet opens.

Text from a provider, a file or an unexpected exception goes through here on its way to a terminal, a log, Dagster, a
`meta` table or a CSV. What must not be here: values that are stored as data; the raw log keeps bytes as sent.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    import polars as pl

_keys: set[str] = set()

# A whole escape sequence of a terminal: colours and moves (CSI), titles and links (OSC and similar, to BEL or ST).
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c)", re.DOTALL)
# Controls (C0, DEL, C1) but tab and newline, marks that turn or hide text (bidi, zero width, line separators, tags),
# halves of surrogate pairs, which no encoding takes.
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f\ud800-\udfff"
)
_CONTROL = re.compile(f"[{_HIDDEN}]")

# A spreadsheet reads such a cell as a formula (OWASP, CSV injection), in any file.
_FORMULA = r"^[\t\r\n ]*[=+\-@＝＋－＠]|^[\t\r]"
_NUMBER = r"^[+-]?[\d.,]+([eE][+-]?\d+)?\s*%?$"


def keep_secret(key: str) -> str:
    """Register ``key`` as one that must never be shown; returns it."""
    if key:
        _keys.add(key)
    return key


def keys() -> tuple[str, ...]:
    """The keys that this process has used."""
    return tuple(_keys)


def redact(text: str) -> str:
    """``text`` without any key that this process has used, plain or percent-encoded."""
    for key in keys():
        for form in (key, quote(key, safe=""), quote_plus(key)):
            text = text.replace(form, "<key>")
    return text


def plain(text: str) -> str:
    """``text`` without keys, escape sequences, control characters and marks that turn or hide other text.

    Newlines and tabs stay. A carriage return becomes a newline, as it could overwrite the text before it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return redact(_CONTROL.sub("", _SEQUENCE.sub("", text)))


def plain_json(text: str) -> str:
    """JSON ``text`` in which the characters that `plain` drops are escapes: the same content, without their effect."""
    return re.sub(f"[{_HIDDEN}]", lambda found: _escape(found[0]), redact(text))


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))


def csv_text(frame: pl.DataFrame, **options: str) -> str:
    """``frame`` as CSV with one header line, without control characters, and no cell that a spreadsheet would run.

    A cell that begins like a formula gets an apostrophe before it; text that is a number, such as -1.5, stays.
    ``options`` are those of `polars.DataFrame.write_csv`.
    """
    import polars as pl

    frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    for column in frame.iter_columns():
        if column.dtype.is_nested():  # lists and structures, which CSV has no cell for, as JSON
            texts = [None if value is None else json.dumps(value, default=str) for value in column.to_list()]
            column = pl.Series(column.name, texts, pl.String)
            frame = frame.with_columns(column)
        if column.dtype == pl.String:
            changed = {text: safe for text in column.unique().drop_nulls() if (safe := cell(text)) != text}
            frame = frame.with_columns(column.replace(changed)) if changed else frame
    return frame.rename({name: cell(name) for name in frame.columns}).write_csv(**options)  # type: ignore[call-overload]


def cell(text: str) -> str:
    """One cell of text for a table that a spreadsheet may open."""
    text = plain(text)
    return f"'{text}" if re.search(_FORMULA, text) and not re.match(_NUMBER, text) else text
