"""ZIPs that unpack to more than anybody has memory for: refused before a member is opened, whatever they say."""

import gzip
import io
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import polars as pl
import pytest

from ingest import decode
from ingest.catalog import Request
from ingest.decode import members, opened_zip, read_member, sound_workbook
from ingest.errors import UnreadableBodyError
from ingest.providers import DATASETS
from ingest.providers.worldbank import PRICES
from ingest.sample.worldbank import workbook
from tests.conftest import REPOSITORY


def _zip(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


def _lying(body: bytes, size: int, stated: int, content: bytes) -> bytes:
    """``body`` in which the one member of ``size`` bytes says it has ``stated``, with a checksum to match."""
    for old, new in ((size, stated), (zlib.crc32(content), zlib.crc32(content[:stated]))):
        body = body.replace(struct.pack("<I", old), struct.pack("<I", new))
    return body


@pytest.mark.parametrize(
    "dataset_id",
    ["worldbank.commodity_prices_monthly", "frb.h41", "cftc.traders_in_financial_futures", "fiscaldata.debt_to_penny",
     "fred.observations"],
)  # fmt: skip
def test_every_parser_of_zips_measures_before_it_opens(dataset_id: str, monkeypatch: pytest.MonkeyPatch):
    for limit in ("ingest.decode.MAX_UNPACKED_BYTES", "ingest.decode.MAX_WORKBOOK_BYTES",
                  "ingest.providers.frb.MAX_XML_BYTES", "ingest.providers.cftc.MAX_MEMBER_BYTES"):  # fmt: skip
        monkeypatch.setattr(limit, 1_000_000)
    dataset = DATASETS[dataset_id]
    bomb = _zip(**{"xl__workbook_xml": b"<w/>", "H41_data_xml": b"0" * 1_000_001, "a_csv": b"a"})
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("a member was opened"))
    with pytest.raises(UnreadableBodyError, match=r"unpacks to 1,000,00\d bytes: too many"):
        dataset.parse(dataset, bomb, Request("file:x", is_file=True))


def test_a_member_that_lies_about_its_size_is_read_as_far_as_it_says():
    content = b"0" * 5_000_000
    body = _lying(_zip(a_csv=content), len(content), 1_000, content)
    tracemalloc.start()
    with opened_zip(body) as archive:
        assert len(read_member(archive, archive.infolist()[0])) == 1_000
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 1_000_000, "all of it was unpacked to throw most of it away"
    assert members(body, most=1) == {"a.csv": b"0" * 1_000}


def test_the_reader_of_workbooks_sees_only_what_was_measured():
    content = b"<worksheet>" + b" " * 5_000_000
    lying = _lying(_zip(xl__workbook_xml=content), len(content), 1_000, content)
    packed = sound_workbook(lying)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert [(item.filename, item.file_size, item.compress_size) for item in archive.infolist()] == [
            ("xl/workbook.xml", 1_000, 1_000)
        ]
    ods = _zip(xl__workbook_xml=b"<w/>", content_xml=b"<office/>", mimetype=b"application/vnd.oasis")
    with zipfile.ZipFile(io.BytesIO(sound_workbook(ods))) as archive:
        assert archive.namelist() == ["xl/workbook.xml"]


def _sheet(*cells: str) -> bytes:
    rows = "".join(f"<row><c {cell}><v>1</v></c></row>" for cell in cells)
    return f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode()


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (_sheet('r="A1"', 'r="XFD1048576"'), "1,048,576 rows of 16,384 columns: too many"),
        (_sheet("r='ZZ1'", 's="1" r = "B99999"'), "99,999 rows of 702 columns: too many"),
        (_sheet('r="A1"').replace(b"<c ", b"<x:c ") + _sheet('r="XFD1048576"').replace(b"<c ", b"<x:c "), "too many"),
        (_sheet('s="1"'), "does not say where it is"),
        (_sheet('r="&#88;FD1048576"'), "does not say where it is"),
        (_sheet('r="A1"').decode().encode("utf-16"), "not in UTF-8"),
    ],
)
def test_a_sheet_of_two_far_corners_is_refused(sheet: bytes, words: str):
    """235 kB ask for 550 GB: Rust cannot allocate them and aborts the process, no exception is raised."""
    with pytest.raises(UnreadableBodyError, match=words):
        sound_workbook(_zip(xl__workbook_xml=b"<w/>", xl__worksheets__sheet1_xml=sheet))


def test_a_bomb_of_two_cells_does_not_end_the_process():
    book = workbook({"Monthly Prices": [["a"]]})
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in parts if "sheet1" in name)
    parts[name] = parts[name].replace(b"</row>", b'</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    code = (
        "import sys; from ingest.catalog import Request; from ingest.collect import parse_body; "
        "from ingest.providers.worldbank import PRICES; from ingest.errors import UnreadableBodyError\n"
        "try: parse_body(PRICES, sys.stdin.buffer.read(), Request('x'))\n"
        "except UnreadableBodyError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=buffer.getvalue(),
        capture_output=True,
        cwd=REPOSITORY,
        timeout=60,
        check=False,
    )
    assert (done.returncode, b"too many" in done.stdout) == (0, True), done.stderr[:300]


def test_a_real_workbook_is_measured_and_read():
    assert decode.MAX_WORKBOOK_BYTES < 100_000_000
    with pytest.raises(UnreadableBodyError, match="no workbook"):
        PRICES.parse(PRICES, b"\xd0\xcf\x11\xe0 an old .xls", Request("x"))


@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, lambda raw: zlib.compress(raw, 1)], ids=["gzip", "zlib", "zlib fast"]
)
def test_compressed_bytes_are_no_csv(pack: Callable[[bytes], bytes]):
    """Polars would unpack them, to any size."""
    packed = pack(b"observation_date,WALCL\n2024-01-03,1\n")
    assert pl.read_csv(io.BytesIO(packed)).height == 1
    with pytest.raises(UnreadableBodyError, match="compressed"):
        decode.from_csv(packed)
