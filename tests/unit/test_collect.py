"""From datasets and plans to batches: archive before parsing, pages, counts, failures that stay where they are."""

import gzip
import hashlib
import json
import threading
import time
import zipfile
from dataclasses import replace
from datetime import date, datetime
from datetime import time as clock_time

import httpx
import msgspec
import polars as pl
import pytest

from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Parsed, Plan, Provider, Request, Series, Unit
from ingest.collect import Batch, Exchange, Failure, collect, collect_all, read_file
from ingest.errors import (
    BodyTooLargeError,
    DuplicateKeyError,
    EmptyBodyError,
    FetchError,
    HttpStatusError,
    LayoutError,
    NetworkError,
    PagingError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.http import Client, Pacer, Patience, Validators
from ingest.parsing import parse_body
from ingest.payloads import Archive
from ingest.releases import Cadence, Release

HOST = "data.example"
TODAY = date(2024, 1, 10)
QUICK = Patience(first_pause=0.0, longest_pause=0.0, jitter=0.0)


class Row(msgspec.Struct):
    day: date
    pct: float


class Body(msgspec.Struct):
    rows: list[Row]
    total: int = 0
    next: str = ""


def parse_json(dataset, body, request):
    rows = msgspec.json.decode(body, type=Body).rows
    return pl.DataFrame(
        {"effective_date": [row.day for row in rows], "rate_pct": [row.pct for row in rows]}, schema=dataset.schema
    )


def body_of(*days, total=0, following="") -> bytes:
    rows = [{"day": f"2024-01-{day:02d}", "pct": 5.0 + day / 100} for day in days]
    return json.dumps({"rows": rows, "total": total, "next": following}).encode()


def ask(*paths):
    return lambda dataset, plan: [Request(f"https://{HOST}/{path}") for path in paths]


def dataset(name="rates", **changes) -> Dataset:
    given = {
        "provider": "demo",
        "name": name,
        "title": "Rates",
        "description": "Rates of the demo provider",
        "columns": (
            Column("effective_date", "date", "day of the rate", is_nullable=False),
            Column("rate_pct", "double", "the rate", Unit.PCT, is_nullable=False),
        ),
        "key": ("effective_date",),
        "date_column": "effective_date",
        "cadence": Cadence.DAILY,
        "release": Release(clock_time(8), "made up"),
        "start": date(2024, 1, 1),
        "window_days": 7,
        "licence": PUBLIC_DOMAIN,
        "requests": ask("a"),
        "parse": parse_json,
    }
    return Dataset(**(given | changes))


def demo(**changes) -> Provider:
    given = {"name": "demo", "title": "Demo", "homepage": "", "hosts": (HOST,), "datasets": ()}
    return Provider(**(given | changes))


class Server:
    """Answers by path: a body, a (status, headers, body), or an exception to raise."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked: list[str] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request):
        path = request.url.path.strip("/")
        self.asked.append(path)
        self.requests.append(request)
        answer = self.answers[path]
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer if isinstance(answer, tuple) else (200, {}, answer)
        return httpx.Response(status, headers=headers, content=body)


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "payloads")


def run(server, archive, *datasets, plan=None, patience=QUICK, **more):
    plans = {each.id: plan or Plan(TODAY) for each in datasets}
    with Client(demo(), transport=httpx.MockTransport(server), patience=patience) as client:
        return list(collect(demo(), datasets, plans, client, archive, **more))


def of(kind, results):
    return [result for result in results if isinstance(result, kind)]


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


# --- one request ----------------------------------------------------------------------------------------------------


def test_a_body_becomes_an_exchange_and_a_batch(archive):
    body = body_of(2, 3)
    exchange, batch = run(Server(a=(200, {"ETag": '"1"'}, body)), archive, dataset())
    assert isinstance(exchange, Exchange)
    assert isinstance(batch, Batch)
    assert (exchange.dataset, exchange.url, exchange.status) == ("demo.rates", f"https://{HOST}/a", 200)
    assert (exchange.bytes, exchange.payload_id, exchange.etag, exchange.error) == (len(body), sha(body), '"1"', "")
    assert exchange.attempts == 1
    assert (batch.dataset, batch.rows, batch.is_unchanged) == ("demo.rates", 2, False)
    assert [page.payload_id for page in batch.pages] == [sha(body)]
    assert batch.pages[0].frame.schema == dataset().schema
    assert batch.fetched_at >= exchange.started_at
    assert archive.get(sha(body)) == body


def test_notes_of_a_parser_reach_the_batch(archive):
    def parse(dataset, body, request):
        return Parsed(parse_json(dataset, body, request), ("one row left out",))

    batch = run(Server(a=body_of(2)), archive, dataset(parse=parse))[-1]
    assert batch.notes == ("one row left out",)


def test_a_body_is_archived_before_it_is_parsed(archive):
    body = body_of(2)

    def parse(dataset, given, request):
        assert archive.get(sha(given)) == given
        raise ZeroDivisionError("a bug in the parser")

    exchange, failure = run(Server(a=body), archive, dataset(parse=parse))
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, ValueFormatError)
    assert failure.payload_id == failure.error.payload_id == exchange.payload_id == sha(body)
    assert failure.error.place.startswith("test_collect.py line ")
    assert "a bug in the parser" in str(failure.error)
    assert "demo.rates" in str(failure.error)
    assert archive.get(sha(body)) == body


def test_a_failure_does_not_hold_on_to_bodies(archive):
    failure = run(Server(a=b'{"rows": ['), archive, dataset())[-1]
    assert failure.error.__traceback__ is failure.error.__cause__ is failure.error.__context__ is None


def test_a_full_disk_ends_the_run(archive, monkeypatch):
    def full(body):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "put", full)
    with pytest.raises(OSError, match="No space"):
        run(Server(a=body_of(2)), archive, dataset())


def raising(error):
    def parse(dataset, body, request):
        raise error

    return parse


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KeyError("refRates"), UnreadableBodyError),
        (IndexError("list index out of range"), UnreadableBodyError),
        (zipfile.BadZipFile("File is not a zip file"), UnreadableBodyError),
        (gzip.BadGzipFile("Not a gzipped file"), UnreadableBodyError),
        (RecursionError("too deep"), UnreadableBodyError),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), UnreadableBodyError),
        (ValueError("could not convert string to float: 'null'"), ValueFormatError),
        (pl.exceptions.ComputeError("could not parse `x` as dtype `f64`"), ValueFormatError),
        (pl.exceptions.PanicException("index out of bounds"), UnreadableBodyError),
    ],
)
def test_whatever_a_parser_raises_is_named(archive, error, kind):
    failure = run(Server(a=body_of(2)), archive, dataset(parse=raising(error)))[-1]
    assert type(failure.error) is kind
    assert failure.error.place
    assert "\n" not in str(failure.error)


@pytest.mark.parametrize(
    ("body", "kind", "place"),
    [
        (b'{"rows": [{"day": "2024-01-02", "pc', UnreadableBodyError, "test_collect.py line"),
        (b'{"rows": [{"day": "2024-01-02"}]}', LayoutError, "$.rows["),
        (b'{"rows": [{"day": "2024-01-02", "pct": "null"}]}', ValueFormatError, "$.rows["),
        (b'{"rows": []}', EmptyBodyError, ""),
        (b"", EmptyBodyError, ""),
        (b" \r\n", EmptyBodyError, ""),
        (b'{"rows": [{"day": "2024-01-02", "pct": 1}, {"day": "2024-01-02", "pct": 2}]}', DuplicateKeyError, ""),
    ],
)
def test_a_body_that_does_not_fit_is_named(archive, body, kind, place):
    failure = run(Server(a=body), archive, dataset())[-1]
    assert type(failure.error) is kind
    assert failure.error.place.startswith(place)
    assert (failure.error.dataset, failure.error.payload_id) == ("demo.rates", sha(body))


@pytest.mark.parametrize(
    "page",
    [
        b"<html><head><title>Down for\n maintenance &amp; rest</title></head></html>",
        b"\xef\xbb\xbf\r\n <!DOCTYPE html><TITLE lang=en>Down for maintenance &amp; rest</TITLE>",
        b'<?xml version="1.0"?><!DOCTYPE html><html><title>Down for maintenance &amp; rest</title></html>',
    ],
)
def test_a_web_page_under_200_is_told_by_its_title(archive, page):
    def never(*_):
        raise AssertionError("parsed a web page")

    failure = run(Server(a=page), archive, dataset(parse=never))[-1]
    assert type(failure.error) is UnreadableBodyError
    assert "a web page, titled 'Down for maintenance & rest' came instead of data" in str(failure.error)
    assert sha(page) in archive


def test_xml_is_no_web_page():
    def parse(dataset, body, request):
        return parse_json(dataset, body_of(2), request)

    parsed, wire_rows = parse_body(dataset(parse=parse), b'<?xml version="1.0"?><feed/>', Request("x"))
    assert (parsed.frame.height, wire_rows) == (1, 1)


# --- failures stay where they are -----------------------------------------------------------------------------------


def test_a_failed_request_leaves_the_others_alone(archive):
    server = Server(a=(404, {}, b""), b=b"<html>", c=body_of(4), d=body_of(5))
    results = run(server, archive, dataset(requests=ask("a", "b", "c")), dataset("more", requests=ask("d")))
    kinds = [(type(result).__name__, result.dataset) for result in results if not isinstance(result, Exchange)]
    assert kinds == [("Failure", "demo.rates")] * 2 + [("Batch", "demo.rates"), ("Batch", "demo.more")]
    refused = of(Exchange, results)[0]
    assert (refused.status, refused.attempts, refused.payload_id) == (404, 1, None)
    assert "404" in refused.error
    first = of(Failure, results)[0]
    assert isinstance(first.error, HttpStatusError)
    assert first.error.dataset == "demo.rates"
    assert first.payload_id is None


def test_requests_that_cannot_be_made_are_a_failure_of_their_dataset(archive):
    def broken(dataset, plan):
        yield Request(f"https://{HOST}/a")
        raise KeyError("SOFR")

    results = run(Server(a=body_of(2)), archive, dataset(requests=broken), dataset("more"))
    assert (results[0].request, results[0].dataset) == (None, "demo.rates")
    assert isinstance(results[-1], Batch)


def test_a_provider_out_of_reach_is_given_up(archive):
    server = Server(a=httpx.ConnectError("[Errno 101] Network is unreachable"))
    results = run(server, archive, dataset(requests=ask("a", "b", "c")), dataset("more", requests=ask("d")))
    failures = of(Failure, results)
    assert [failure.dataset for failure in failures] == ["demo.rates"] * 3 + ["demo.more"]
    assert all(isinstance(failure.error, NetworkError) for failure in failures)
    assert all("demo was given up after: " in str(failure.error) for failure in failures[1:])
    assert set(server.asked) == {"a"}
    assert len(of(Exchange, results)) == 1
    assert of(Exchange, results)[0].attempts == QUICK.connect_attempts


def test_one_cut_off_body_does_not_give_a_provider_up_but_two_do(archive):
    cut = httpx.RemoteProtocolError("peer closed connection without sending complete message body")
    server = Server(a=cut, b=body_of(2), c=cut, d=cut)
    results = run(server, archive, dataset(requests=ask("a", "b", "c", "d", "e")))
    kinds = [type(result).__name__ for result in results if not isinstance(result, Exchange)]
    assert kinds == ["Failure", "Batch", "Failure", "Failure", "Failure"]
    assert "d" in server.asked
    assert "e" not in server.asked


def test_a_dataset_that_answers_nothing_but_503_is_given_up_and_the_others_are_asked(archive):
    busy = (503, {"Retry-After": "0"}, b"busy")
    server = Server(a=busy, b=busy, c=busy, d=body_of(2), e=busy, f=body_of(3))
    sick = dataset(requests=ask("a", "b", "c", "d"))
    results = run(server, archive, sick, dataset("more", requests=ask("e", "f")))
    failures = of(Failure, results)
    assert [type(failure.error).__name__ for failure in failures] == [
        "HttpStatusError", "HttpStatusError", "HttpStatusError", "NetworkError", "HttpStatusError",
    ]  # fmt: skip
    assert "demo.rates was given up after: 3 addresses in a row answered 5xx" in str(failures[3].error)
    assert set(server.asked) == {"a", "b", "c", "e", "f"}
    assert [batch.dataset for batch in of(Batch, results)] == ["demo.more"]


def test_an_answer_between_two_5xx_keeps_a_dataset_going(archive):
    busy = (500, {"Retry-After": "0"}, b"")
    server = Server(a=busy, b=busy, c=body_of(2), d=busy, e=busy, f=body_of(3))
    assert len(of(Batch, run(server, archive, dataset(requests=ask(*"abcdef"))))) == 2


# --- pages ----------------------------------------------------------------------------------------------------------


def following(body, request):
    path = json.loads(body)["next"]
    return Request(f"https://{HOST}/{path}") if path else None


def stated(body):
    return json.loads(body)["total"]


def paged(**changes):
    return dataset(next_page=following, stated_rows=stated, **changes)


def test_pages_are_followed_to_the_end(archive):
    server = Server(
        a=body_of(2, 3, total=5, following="b"), b=body_of(4, 5, total=5, following="c"), c=body_of(8, total=5)
    )
    results = run(server, archive, paged())
    (batch,) = of(Batch, results)
    assert (batch.rows, len(batch.pages), len(of(Exchange, results))) == (5, 3, 3)
    assert batch.request.url.endswith("/a")
    assert batch.fetched_at >= of(Exchange, results)[-1].started_at


def test_a_missing_page_names_both_numbers(archive):
    server = Server(a=body_of(2, 3, total=5, following="b"), b=body_of(4, 5, total=5))
    failure = run(server, archive, paged())[-1]
    assert type(failure.error) is PagingError
    assert "4 rows" in str(failure.error)
    assert "5 are stated" in str(failure.error)
    assert failure.payload_id == sha(server.answers["b"])


def test_a_failed_page_fails_its_request(archive):
    server = Server(a=body_of(2, 3, total=5, following="b"), b=(404, {}, b""))
    results = run(server, archive, paged())
    assert of(Batch, results) == []
    assert isinstance(results[-1].error, HttpStatusError)


def test_the_count_is_of_wire_rows_where_a_parser_leaves_some_out(archive):
    def parse(dataset, body, request):
        frame = parse_json(dataset, body, request)
        return Parsed(frame.head(1), wire_rows=frame.height)

    (batch,) = of(Batch, run(Server(a=body_of(2, 3, total=2)), archive, paged(parse=parse)))
    assert batch.rows == 1


def test_repeated_rows_count_as_they_came(archive):
    (batch,) = of(Batch, run(Server(a=body_of(2, 2, 3, total=3)), archive, paged()))
    assert batch.rows == 2


def test_rows_that_moved_between_two_pages_are_seen(archive):
    # 4 rows stated and 4 rows came, but one came twice: another one was skipped
    server = Server(a=body_of(2, 3, total=4, following="b"), b=body_of(3, 4, total=4))
    failure = run(server, archive, paged())[-1]
    assert type(failure.error) is PagingError
    assert "more than one page" in str(failure.error)


def test_a_count_that_changes_between_two_pages_is_seen(archive):
    server = Server(a=body_of(2, 3, total=3, following="b"), b=body_of(4, total=4))
    assert "from 3 to 4" in str(run(server, archive, paged())[-1].error)


def test_a_page_that_names_itself_ends(archive):
    server = Server(a=body_of(2, total=9, following="b"), b=body_of(3, total=9, following="a"))
    failure = run(server, archive, paged())[-1]
    assert type(failure.error) is PagingError
    assert server.asked == ["a", "b"]


def test_a_next_page_elsewhere_is_refused(archive):
    elsewhere = dataset(next_page=lambda body, request: Request("https://elsewhere.example/b"))
    failure = run(Server(a=body_of(2)), archive, elsewhere)[-1]
    assert isinstance(failure.error, FetchError)
    assert "elsewhere.example" in str(failure.error)


def test_a_broken_page_link_is_named(archive):
    failure = run(Server(a=body_of(2)), archive, dataset(stated_rows=lambda body: json.loads(body)["meta"]))[-1]
    assert type(failure.error) is UnreadableBodyError
    assert failure.payload_id == sha(body_of(2))


# --- conditions -----------------------------------------------------------------------------------------------------

HELD = Plan(TODAY, {None: date(2024, 1, 9)})


def same(url):
    return Validators('"1"', None)


def test_not_modified_is_a_batch_without_pages(archive):
    server = Server(a=(304, {}, b""))
    exchange, batch = run(server, archive, dataset(), plan=HELD, validators=same)
    assert server.requests[0].headers["if-none-match"] == '"1"'
    assert (exchange.status, exchange.payload_id, exchange.bytes) == (304, None, 0)
    assert (batch.is_unchanged, batch.pages, batch.rows) == (True, (), 0)


@pytest.mark.parametrize(
    ("changes", "plan"),
    [
        ({}, Plan(TODAY, {None: date(2024, 1, 9)}, is_full=True)),
        ({}, Plan(TODAY)),
        ({"next_page": following}, HELD),
    ],
)
def test_no_condition_where_an_unchanged_body_would_be_missed(archive, changes, plan):
    server = Server(a=body_of(2))
    run(server, archive, dataset(**changes), plan=plan, validators=same)
    assert "if-none-match" not in server.requests[0].headers


def test_a_single_answer_may_be_conditional_though_others_of_its_dataset_are_paged(archive):
    def single(dataset, plan):
        return [Request(f"https://{HOST}/a", is_single=True)]

    server = Server(a=(304, {}, b""))
    *_, batch = run(server, archive, dataset(requests=single, next_page=following), plan=HELD, validators=same)
    assert server.requests[0].headers["if-none-match"] == '"1"'
    assert batch.is_unchanged


@pytest.mark.parametrize(
    ("changes", "plan", "is_unchanged"),
    [
        ({}, HELD, True),
        ({}, Plan(TODAY, {None: date(2024, 1, 9)}, is_full=True), False),
        ({"next_page": following}, HELD, False),
    ],
)
def test_a_body_that_was_loaded_already_is_archived_and_not_read_again(archive, changes, plan, is_unchanged):
    first, other = body_of(2, 3), body_of(2, 3, total=9)
    url = f"https://{HOST}/a"
    with Client(demo(), transport=httpx.MockTransport(Server(a=first))) as client:
        loaded = {("demo.rates", url): hashlib.sha256(first).hexdigest(), ("demo.more", url): "of another dataset"}
        plans = {"demo.rates": plan, "demo.more": plan}
        both = [dataset(**changes), dataset("more", **changes)]
        _, batch, more = collect(demo(), both, plans, client, archive, loaded=loaded)
    assert (batch.is_unchanged, more.is_unchanged) == (is_unchanged, False)
    assert (batch.rows, more.rows) == (0 if is_unchanged else 2, 2)
    with Client(demo(), transport=httpx.MockTransport(Server(a=other))) as client:
        exchange, batch = collect(demo(), both[:1], plans, client, archive, loaded=loaded)
    assert not batch.is_unchanged
    assert archive.get(exchange.payload_id) == other


def test_no_condition_while_a_sibling_or_a_series_has_nothing(archive):
    first, second = dataset(bodies="both"), dataset("more", bodies="both")
    plans = {first.id: HELD, second.id: Plan(TODAY)}
    server = Server(a=body_of(2))
    with Client(demo(), transport=httpx.MockTransport(server)) as client:
        list(collect(demo(), [first, second], plans, client, archive, same))
    assert "if-none-match" not in server.requests[0].headers

    columns = (*dataset().columns, Column("series_id", "varchar", "the series", is_nullable=False))
    series = tuple(Series(name, name, Unit.PCT, (0, 20)) for name in ("A", "B"))
    many = dataset(columns=columns, key=("series_id", "effective_date"), series=series, series_column="series_id")
    plan = Plan(TODAY, {"A": date(2024, 1, 9)})
    for requests, expected in (
        (ask("a"), False),
        (lambda dataset, plan: [Request(f"https://{HOST}/a", scope="A")], True),
        (lambda dataset, plan: [Request(f"https://{HOST}/a", scope="B")], False),
    ):
        server = Server(a=body_of(2))
        run(server, archive, replace(many, requests=requests), plan=plan, validators=same)
        assert ("if-none-match" in server.requests[0].headers) is expected


# --- shared bodies --------------------------------------------------------------------------------------------------


def test_a_shared_body_is_fetched_once(archive):
    server = Server(a=body_of(2, total=2, following="b"), b=body_of(3, total=2))
    results = run(server, archive, paged(), paged(name="more"))
    assert server.asked == ["a", "b"]
    assert len(of(Exchange, results)) == 2
    first, second = of(Batch, results)
    assert (first.dataset, second.dataset) == ("demo.rates", "demo.more")
    assert [page.payload_id for page in first.pages] == [page.payload_id for page in second.pages]
    assert first.fetched_at == second.fetched_at
    assert second.rows == 2


def test_a_shared_304_holds_for_both(archive):
    server = Server(a=(304, {}, b""))
    both = dataset(bodies="both"), dataset("more", bodies="both")
    results = run(server, archive, *both, plan=HELD, validators=same)
    assert server.asked == ["a"]
    assert [batch.is_unchanged for batch in of(Batch, results)] == [True, True]


def test_a_body_that_one_reader_cannot_parse_serves_the_other(archive):
    results = run(Server(a=body_of(2)), archive, dataset(parse=raising(KeyError("x"))), dataset("more"))
    assert [type(result).__name__ for result in results] == ["Exchange", "Failure", "Batch"]


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_is_read(archive, tmp_path, pack):
    path = tmp_path / "rates saved.json"
    path.write_bytes(pack(body_of(2, 3)))
    batch = read_file(dataset(), path, archive, scope="SOFR")
    assert isinstance(batch, Batch)
    assert (batch.rows, batch.request.url, batch.request.is_file) == (2, "file:rates saved.json", True)
    assert (batch.request.scope, batch.request.covers_from, batch.request.covers_to) == ("SOFR", None, None)
    assert batch.pages[0].payload_id == sha(body_of(2, 3))  # the name under which a fetch would have kept it
    assert archive.get(sha(body_of(2, 3))) == body_of(2, 3)


def test_a_file_that_is_something_else_is_kept_and_named(archive, tmp_path):
    path = tmp_path / "saved.json"
    path.write_bytes(b"<html><title>Sign in</title>")
    failure = read_file(dataset(), path, archive)
    assert isinstance(failure, Failure)
    assert "Sign in" in str(failure.error)
    assert "saved.json" in str(failure.error)
    assert failure.payload_id in archive


def test_a_broken_gzip_file_is_kept_and_named(archive, tmp_path):
    path = tmp_path / "saved.gz"
    path.write_bytes(gzip.compress(body_of(*range(2, 20)))[:-20])
    failure = read_file(dataset(), path, archive)
    assert type(failure.error) is UnreadableBodyError
    assert archive.get(failure.payload_id) == path.read_bytes()


def test_a_missing_file_is_a_failure(archive, tmp_path):
    failure = read_file(dataset(), tmp_path / "none.csv", archive)
    assert type(failure.error) is UnreadableBodyError
    assert "No such file" in str(failure.error)
    assert failure.payload_id is None


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_over_the_cap_is_refused(archive, tmp_path, pack):
    path = tmp_path / "big"
    path.write_bytes(pack(b"x" * 5_000))
    failure = read_file(dataset(), path, archive, max_bytes=4_999)
    assert type(failure.error) is BodyTooLargeError


# --- several providers ----------------------------------------------------------------------------------------------


def several(*names):
    providers = [demo(name=name, hosts=(f"{name}.example",)) for name in names]

    def own(name):
        urls = [Request(f"https://{name}.example/{n}") for n in range(5)]
        return replace(dataset(), provider=name, requests=lambda dataset, plan: urls)

    selection = [(provider, [own(provider.name)]) for provider in providers]
    return selection, {each.id: Plan(TODAY) for _, datasets in selection for each in datasets}


def ours():
    return [thread for thread in threading.enumerate() if thread.name in ("one", "two", "three")]


def test_providers_run_side_by_side_and_report_to_one_thread(archive):
    selection, plans = several("one", "two", "three")
    together = threading.Barrier(3, timeout=5)

    def server(request):
        if request.url.path == "/0":
            together.wait()  # passes only if all three are under way at once
        return httpx.Response(200, content=body_of(int(request.url.path[1:]) + 1))

    results = list(collect_all(selection, plans, archive, transport=httpx.MockTransport(server)))
    assert len(of(Batch, results)) == len(of(Exchange, results)) == 15
    assert of(Failure, results) == []
    for name in ("one", "two", "three"):
        paths = [b.request.url[-1] for b in of(Batch, results) if b.dataset == f"{name}.rates"]
        assert paths == list("01234")
    assert ours() == []


def test_nothing_selected_is_nothing_done(archive):
    assert list(collect_all([], {}, archive)) == []


def test_a_caller_who_stops_early_stops_the_threads(archive):
    selection, plans = several("one", "two")
    asked = []

    def server(request):
        asked.append(request.url)
        return httpx.Response(200, content=body_of(2))

    results = collect_all(selection, plans, archive, transport=httpx.MockTransport(server))
    next(results)
    results.close()
    assert ours() == []
    before = len(asked)
    time.sleep(0.05)
    assert len(asked) == before <= 10


def test_a_thread_that_waits_for_its_turn_is_woken(archive):
    selection, plans = several("one")
    provider = replace(selection[0][0], pace=0.01)  # the second request is due after 100 s
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body_of(2)))
    results = collect_all(
        [(provider, selection[0][1])],
        plans,
        archive,
        client_of=lambda provider: Client(provider, transport=transport, pacer=Pacer()),
    )
    assert [type(next(results)) for _ in range(2)] == [Exchange, Batch]
    results.close()
    assert ours() == []


def test_a_caller_who_raises_stops_the_threads(archive):
    selection, plans = several("one", "two")
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body_of(2)))

    def write():
        for _ in collect_all(selection, plans, archive, transport=transport):
            raise RuntimeError("the database is locked")

    with pytest.raises(RuntimeError, match="locked"):
        write()
    assert ours() == []


def test_a_slow_writer_slows_the_fetching_down(archive):
    selection, plans = several("one")
    requests = [Request(f"https://one.example/{n}") for n in range(100)]
    endless = replace(selection[0][1][0], requests=lambda dataset, plan: requests)
    asked = []

    def server(request):
        asked.append(request.url)
        return httpx.Response(200, content=body_of(2))

    results = collect_all([(selection[0][0], [endless])], plans, archive, transport=httpx.MockTransport(server))
    next(results)
    time.sleep(0.3)
    assert len(asked) < 10  # the queue is full; frames do not pile up
    results.close()


def test_what_is_no_failure_is_raised_to_the_caller(archive, monkeypatch):
    selection, plans = several("one", "two")

    def full(body):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "put", full)
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body_of(2)))
    with pytest.raises(OSError, match="No space"):
        list(collect_all(selection, plans, archive, transport=transport))
    assert ours() == []


def test_one_dead_provider_does_not_hold_the_others(archive):
    selection, plans = several("one", "two")

    def server(request):
        if request.url.host == "one.example":
            raise httpx.ConnectError("[Errno 111] Connection refused")
        return httpx.Response(200, content=body_of(2))

    def client_of(provider):
        return Client(provider, transport=httpx.MockTransport(server), patience=QUICK)

    results = list(collect_all(selection, plans, archive, client_of=client_of))
    assert {batch.dataset for batch in of(Batch, results)} == {"two.rates"}
    assert len(of(Batch, results)) == 5
    assert [failure.dataset for failure in of(Failure, results)] == ["one.rates"] * 5


def test_times_are_naive_utc(archive):
    exchange, batch = run(Server(a=body_of(2)), archive, dataset())
    assert exchange.started_at.tzinfo is batch.fetched_at.tzinfo is None
    assert isinstance(batch.fetched_at, datetime)
