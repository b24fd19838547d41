"""The HTTP client, against an injected transport and a fake clock. Real sockets are in tests/faults."""

import gzip
import logging
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import httpx
import pytest

from ingest.catalog import Provider, Request
from ingest.errors import (
    BodyTooLargeError,
    FetchError,
    ForeignRedirectError,
    HttpStatusError,
    NetworkError,
)
from ingest.http import MAX_REDIRECTS, Client, Pacer, Patience, Validators, redact, retry_after_seconds

HOST = "data.example"
KEY = "s3cret/key+0123456789abcdef"
REQUEST = Request(f"https://{HOST}/rates", params=(("from", "2024-01-02"),))


def provider(**changes) -> Provider:
    given = {"name": "demo", "title": "Demo", "homepage": "", "hosts": (HOST, "files.example"), "datasets": ()}
    return Provider(**(given | changes))


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    fake = Time()
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=fake.sleep))
    monkeypatch.setattr("ingest.http.time", SimpleNamespace(monotonic=fake.monotonic))
    return fake


class Server:
    """A transport that gives the scripted answers in turn, the last one again and again."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer


def client(server, *, of=None, **more) -> Client:
    return Client(of or provider(), transport=httpx.MockTransport(server), **more)


def answer(status, body=b"", **headers):
    """A fresh streamed response each time: a body handed over whole would skip the streaming that is under test."""
    return lambda: httpx.Response(
        status, headers={name.replace("_", "-"): value for name, value in headers.items()}, stream=Stream(body)
    )


class Stream(httpx.SyncByteStream):
    def __init__(self, body):
        self.chunks = [body] if isinstance(body, bytes) else body

    def __iter__(self):
        yield from self.chunks


# --- what a good answer is ------------------------------------------------------------------------------------------


def test_an_answer_says_what_came(clock):
    server = Server(
        answer(200, b"rows", etag='"v1"', last_modified="Tue, 02 Jan 2024 13:00:00 GMT", content_type="a/b")
    )
    with client(server) as http:
        got = http.get(REQUEST)
    assert (got.status, got.body, got.etag, got.content_type, got.attempts) == (200, b"rows", '"v1"', "a/b", 1)
    assert got.last_modified == "Tue, 02 Jan 2024 13:00:00 GMT"
    assert got.url == f"https://{HOST}/rates?from=2024-01-02"
    assert got.started_at.tzinfo is None
    sent = server.requests[0]
    assert dict(sent.url.params) == {"from": "2024-01-02"}
    assert "dollar-liquidity/" in sent.headers["user-agent"]
    assert sent.headers["user-agent"].startswith("Mozilla/5.0")
    assert sent.headers["accept-encoding"] == "gzip"


def test_a_query_in_the_url_is_kept_as_it_is(clock):
    server = Server(answer(200, b"x"))
    with client(server) as http:
        http.get(Request(f"https://{HOST}/rates?page%5Bnumber%5D=2&a=b:c"))
        http.get(Request(f"https://{HOST}/rates?a=1", params=(("b", "2"),)))
    assert str(server.requests[0].url) == f"https://{HOST}/rates?page%5Bnumber%5D=2&a=b:c"
    assert dict(server.requests[1].url.params) == {"a": "1", "b": "2"}


def test_not_modified(clock):
    server = Server(answer(304, etag='"v1"'))
    with client(server) as http:
        got = http.get(REQUEST, Validators('"v1"', "Tue, 02 Jan 2024 13:00:00 GMT"))
    assert (got.status, got.body, got.etag) == (304, None, '"v1"')
    assert server.requests[0].headers["if-none-match"] == '"v1"'
    assert server.requests[0].headers["if-modified-since"] == "Tue, 02 Jan 2024 13:00:00 GMT"


def test_not_modified_without_having_asked_is_no_answer(clock):
    with client(Server(answer(304))) as http, pytest.raises(HttpStatusError):
        http.get(REQUEST)


@pytest.mark.parametrize("status", [201, 204, 206])
def test_other_good_statuses_are_no_answer_either(clock, status):
    with client(Server(answer(status, b"part"))) as http, pytest.raises(HttpStatusError) as caught:
        http.get(REQUEST)
    assert caught.value.status == status


# --- trying again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_trouble_is_tried_again(clock, status):
    server = Server(answer(status), answer(status), answer(200, b"rows"))
    with client(server) as http:
        got = http.get(REQUEST)
    assert (got.body, got.attempts, len(server.requests)) == (b"rows", 3, 3)
    first, second = clock.slept
    assert 0.5 <= first <= 1.5
    assert 1.0 <= second <= 2.0  # twice as long, plus jitter
    assert got.seconds == pytest.approx(first + second)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 451])
def test_a_refusal_is_final(clock, status):
    server = Server(answer(status, b"no\n such  series"))
    with client(server) as http, pytest.raises(HttpStatusError, match=r"no such series") as caught:
        http.get(REQUEST)
    assert caught.value.status == status
    assert caught.value.attempts == 1
    assert (len(server.requests), clock.slept) == (1, [])
    assert "\n" not in str(caught.value)


def test_the_last_trouble_is_told(clock):
    server = Server(answer(503))
    with client(server) as http, pytest.raises(HttpStatusError, match="answered 503") as caught:
        http.get(REQUEST)
    assert caught.value.attempts == len(server.requests) == Patience().attempts


def test_retry_after_in_seconds(clock):
    server = Server(answer(429, retry_after="7"), answer(200, b"rows"))
    with client(server) as http:
        http.get(REQUEST)
    assert clock.slept == [7.0]


def test_retry_after_as_a_date(clock, monkeypatch):
    now = datetime(2024, 1, 2, 13, 0)
    monkeypatch.setattr("ingest.http.utc_now", lambda: now)
    moment = format_datetime((now + timedelta(seconds=42)).replace(tzinfo=UTC), usegmt=True)
    server = Server(answer(503, retry_after=moment), answer(200, b"rows"))
    with client(server) as http:
        http.get(REQUEST)
    assert clock.slept == [42.0]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        (" 15 ", 15.0),
        ("Tue, 02 Jan 2024 12:00:00 GMT", 0.0),  # past
        ("Tuesday, 02-Jan-24 13:01:00 GMT", 60.0),
        ("Tue, 02 Jan 2024 08:01:00 -0500", 60.0),
        ("Tue, 02 Jan 2024 13:01:00 -0000", 60.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("Tue, 99 Jan 2024 13:01:00 GMT", None),
    ],
)
def test_retry_after_forms(header, seconds):
    assert retry_after_seconds(header, datetime(2024, 1, 2, 13, 0)) == seconds


def test_a_wait_beyond_the_deadline_is_not_begun(clock):
    server = Server(answer(429, retry_after="3600"))
    with client(server) as http, pytest.raises(HttpStatusError, match="asks to wait 3600 s"):
        http.get(REQUEST)
    assert (len(server.requests), clock.slept) == (1, [])


def test_the_deadline_spans_all_attempts(clock):
    server = Server(answer(503))
    patience = Patience(attempts=1_000)
    with client(server, of=provider(deadline=60.0), patience=patience) as http, pytest.raises(HttpStatusError):
        http.get(REQUEST)
    assert sum(clock.slept) < 60.0
    assert 4 < len(server.requests) < 12


def test_the_deadline_holds_while_a_body_streams(clock):
    def slow():
        for _ in range(100):
            clock.now += 1.0
            yield b"x"

    with client(Server(answer(200, slow())), of=provider(deadline=60.0)) as http, pytest.raises(NetworkError) as caught:
        http.get(REQUEST)
    assert "within 60 s" in str(caught.value)
    assert caught.value.attempts == 1


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut off"), httpx.ReadError("reset")]
)
def test_a_broken_exchange_is_tried_again(clock, error):
    server = Server(error, answer(200, b"rows"))
    with client(server) as http:
        assert http.get(REQUEST).attempts == 2


def test_no_connection_ends_within_seconds(clock):
    server = Server(httpx.ConnectError("[Errno -2] Name or service not known"))
    with client(server) as http, pytest.raises(NetworkError, match="Name or service not known") as caught:
        http.get(REQUEST)
    assert caught.value.is_unreachable
    assert caught.value.attempts == len(server.requests) == 4
    assert sum(clock.slept) <= 15.0


def test_no_connection_is_given_up_after_the_stated_seconds(clock):
    server = Server(httpx.ConnectError("refused"))
    patience = Patience(connect_attempts=100, attempts=100)
    with client(server, patience=patience) as http, pytest.raises(NetworkError):
        http.get(REQUEST)
    assert sum(clock.slept) <= 15.0


# --- size and compression -------------------------------------------------------------------------------------------


def test_a_body_at_the_cap_passes_and_one_byte_more_does_not(clock):
    with client(Server(answer(200, [b"x" * 60, b"x" * 40])), of=provider(max_bytes=100)) as http:
        assert len(http.get(REQUEST).body) == 100
    server = Server(answer(200, [b"x" * 60, b"x" * 41]))
    with client(server, of=provider(max_bytes=100)) as http, pytest.raises(BodyTooLargeError, match="100 bytes"):
        http.get(REQUEST)
    assert len(server.requests) == 1


def test_a_stated_length_over_the_cap_is_refused_before_reading(clock):
    def never():
        raise AssertionError("the body was read")
        yield

    server = Server(answer(200, never(), content_length="101"))
    with client(server, of=provider(max_bytes=100)) as http, pytest.raises(BodyTooLargeError):
        http.get(REQUEST)


def test_the_cap_counts_unpacked_bytes(clock):
    bomb = gzip.compress(b"0" * 5_000_000)
    assert len(bomb) < 10_000
    server = Server(answer(200, bomb, content_encoding="gzip", content_length=str(len(bomb))))
    with client(server, of=provider(max_bytes=1_000_000)) as http, pytest.raises(BodyTooLargeError):
        http.get(REQUEST)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_000])
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_gzip_is_unpacked(clock, size, step):
    body = (b"date,value\n" * 30_000)[:size]
    packed = gzip.compress(body[: size // 2]) + gzip.compress(body[size // 2 :])  # two members
    chunks = [packed[i : i + step] for i in range(0, len(packed), step)]
    with client(Server(answer(200, chunks, content_encoding="gzip"))) as http:
        assert http.get(REQUEST).body == body


def test_a_cut_off_gzip_stream_is_tried_again(clock):
    packed = gzip.compress(b"date,value\n" * 1_000)
    server = Server(answer(200, packed[:-9], content_encoding="gzip"), answer(200, packed, content_encoding="gzip"))
    with client(server) as http:
        got = http.get(REQUEST)
    assert (len(got.body), got.attempts) == (11_000, 2)


def test_garbage_under_gzip_is_a_network_error(clock):
    with client(Server(answer(200, b"<html>", content_encoding="gzip"))) as http, pytest.raises(NetworkError):
        http.get(REQUEST)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_an_encoding_that_was_not_offered_is_refused(clock, encoding):
    with client(Server(answer(200, b"?", content_encoding=encoding))) as http, pytest.raises(FetchError, match="gzip"):
        http.get(REQUEST)


def test_a_transport_may_hand_over_a_whole_body(clock):
    whole = httpx.Response(200, content=gzip.compress(b"rows"), headers={"Content-Encoding": "gzip"})
    with client(Server(whole)) as http:
        assert http.get(REQUEST).body == b"rows"


# --- hosts and redirects --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/x", f"https://{HOST}@elsewhere.example/x", f"https://{HOST}.elsewhere.example/"]
)
def test_a_foreign_host_is_never_asked(clock, url):
    server = Server(answer(200, b"x"))
    with client(server) as http, pytest.raises(FetchError, match=r"elsewhere\.example is not a host of demo"):
        http.get(Request(url))
    assert server.requests == []


@pytest.mark.parametrize("url", ["", "rates.csv", "https://", "ftp://data.example/x", "https://data.example:port/"])
def test_what_is_no_web_address_is_a_named_error(clock, url):
    server = Server(httpx.UnsupportedProtocol("ftp"))
    with client(server) as http, pytest.raises(FetchError):
        http.get(Request(url))
    assert clock.slept == []


def test_redirects_are_followed_within_the_provider(clock):
    server = Server(
        answer(301, location="/v2/rates?from=2024-01-02"),
        answer(307, location="https://files.example/rates.csv"),
        answer(200, b"rows"),
    )
    with client(server) as http:
        got = http.get(REQUEST)
    assert got.body == b"rows"
    assert [str(r.url) for r in server.requests[1:]] == [
        f"https://{HOST}/v2/rates?from=2024-01-02",
        "https://files.example/rates.csv",
    ]


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example/", "//elsewhere.example/", "https://data.example.evil/"]
)
def test_a_foreign_redirect_is_refused(clock, location):
    server = Server(answer(302, location=location))
    with client(server) as http, pytest.raises(ForeignRedirectError):
        http.get(REQUEST)
    assert len(server.requests) == 1


def test_a_redirect_to_plain_http_is_refused(clock):
    server = Server(answer(302, location=f"http://{HOST}/rates"))
    with client(server) as http, pytest.raises(ForeignRedirectError, match="unencrypted"):
        http.get(REQUEST)
    assert len(server.requests) == 1


def test_a_redirect_to_nonsense_is_a_named_error(clock):
    with client(Server(answer(302, location="https://[::1/"))) as http, pytest.raises(FetchError):
        http.get(REQUEST)


def test_a_circle_of_redirects_ends(clock):
    server = Server(answer(302, location="/rates"))
    with client(server) as http, pytest.raises(HttpStatusError, match="redirects more than 5"):
        http.get(REQUEST)
    assert len(server.requests) == MAX_REDIRECTS + 1


def test_no_proxy_for_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "")
    with Client(provider(hosts=("127.0.0.1", "localhost", "::1"))) as http:
        assert http._http.trust_env is False
    with Client(provider()) as http:
        assert http._http.trust_env is True


# --- pace -----------------------------------------------------------------------------------------------------------


def test_turns_are_handed_out_at_the_pace():
    fake = Time()
    pacer = Pacer(fake.monotonic)
    assert [pacer.reserve(HOST, 2.0) for _ in range(4)] == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert pacer.reserve("other.example", 2.0) == 0.0
    fake.now += 10.0
    assert [pacer.reserve(HOST, 2.0) for _ in range(2)] == pytest.approx([0.0, 0.5])  # idle time is not saved up


def test_no_two_threads_get_the_same_turn():
    pacer = Pacer(lambda: 0.0)
    turns, lock = [], threading.Lock()

    def take():
        for _ in range(200):
            turn = pacer.reserve(HOST, 1.0)
            with lock:
                turns.append(turn)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(turns) == [float(n) for n in range(1_600)]


def test_two_clients_of_one_host_share_its_pace(clock):
    pacer, moments = Pacer(clock.monotonic), []

    def server(request):
        moments.append(clock.now)
        return httpx.Response(200, content=b"x")

    of = provider(pace=4.0)
    with (
        client(server, of=of, pacer=pacer, sleep=clock.sleep) as a,
        client(server, of=of, pacer=pacer, sleep=clock.sleep) as b,
    ):
        for http in (a, b, a, b, a):
            http.get(REQUEST)
    assert [moment - moments[0] for moment in moments] == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])


def test_attempts_and_redirects_keep_the_pace_too(clock):
    pacer, moments = Pacer(clock.monotonic), []
    script = iter([(302, {"location": "/b"}), (503, {"retry-after": "0"}), (302, {"location": "/b"}), (200, {})])

    def server(request):
        moments.append(clock.now)
        status, headers = next(script)
        return httpx.Response(status, headers=headers, content=b"x")

    with client(server, of=provider(pace=0.5), pacer=pacer, sleep=clock.sleep) as http:
        http.get(REQUEST)
    assert [moment - moments[0] for moment in moments] == pytest.approx([0.0, 2.0, 4.0, 6.0])


def test_a_turn_beyond_the_deadline_is_not_waited_for(clock):
    pacer = Pacer(clock.monotonic)
    server = Server(answer(200, b"x"))
    with client(server, of=provider(pace=0.01, deadline=60.0), pacer=pacer, sleep=clock.sleep) as http:
        http.get(REQUEST)
        with pytest.raises(NetworkError, match="within 60 s"):
            http.get(REQUEST)
    assert (len(server.requests), clock.slept) == (1, [])


# --- keys -----------------------------------------------------------------------------------------------------------

KEYED = Request(f"https://{HOST}/rates", params=(("id", "A"),), key_param="api_key")


@pytest.fixture
def keyed(monkeypatch):
    monkeypatch.setenv("DEMO_KEY", KEY)
    return provider(key_env="DEMO_KEY")


def texts_of(error) -> str:
    """Everything that an error could tell, along its chain."""
    parts, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        parts += [str(error), repr(error), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return " ".join(parts)


def test_the_key_is_sent_and_not_told(clock, keyed):
    server = Server(answer(200, b"rows"))
    with client(server, of=keyed) as http:
        got = http.get(KEYED)
    assert server.requests[0].url.params["api_key"] == KEY
    assert KEY not in repr(got)
    assert got.url == f"https://{HOST}/rates?id=A"


def test_without_a_key_nothing_is_added(clock, monkeypatch):
    monkeypatch.delenv("DEMO_KEY", raising=False)
    server = Server(answer(200, b"rows"))
    with client(server, of=provider(key_env="DEMO_KEY")) as http:
        http.get(KEYED)
    assert "api_key" not in server.requests[0].url.params


@pytest.mark.parametrize(
    "script",
    [
        [answer(200, b"rows", etag=KEY)],
        [answer(400, f"bad key {KEY}".encode())],
        [answer(503, f"try later, {KEY}".encode())],
        [answer(302, location=f"https://elsewhere.example/?api_key={KEY}")],
        [answer(302, location=f"/again?api_key={KEY}"), answer(200, b"rows")],
        [httpx.ConnectError(f"cannot reach https://{HOST}/rates?api_key={KEY}")],
        [httpx.ReadError(f"lost https://{HOST}/rates?api_key=s3cret%2Fkey%2B0123456789abcdef")],
        [httpx.InvalidURL(f"bad: {KEY}")],
    ],
)
def test_no_answer_makes_us_tell_the_key(clock, keyed, caplog, script):
    caplog.set_level(logging.DEBUG)
    with client(Server(*script), of=keyed) as http:
        try:
            told = repr(http.get(KEYED))
        except FetchError as error:
            told = texts_of(error)
    told += " ".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    assert HOST in told
    assert "s3cret" not in told


def test_a_body_that_repeats_the_key_is_not_kept(clock, keyed):
    with (
        client(Server(answer(200, f'{{"api_key": "{KEY}"}}'.encode())), of=keyed) as http,
        pytest.raises(FetchError, match="repeats your key") as caught,
    ):
        http.get(KEYED)
    assert KEY not in texts_of(caught.value)


def test_the_key_stays_out_of_the_requests_of_others(clock, keyed):
    server = Server(answer(200, b"rows"))
    with client(server, of=keyed) as http:
        http.get(REQUEST)
    assert KEY not in str(server.requests[0].url)
    assert redact("nothing to hide") == "nothing to hide"


# --- cancelling -----------------------------------------------------------------------------------------------------


def test_a_cancelled_client_asks_no_more(clock):
    server = Server(answer(200, b"rows"))
    with client(server) as http:
        http.cancel()
        with pytest.raises(NetworkError, match="cancelled"):
            http.get(REQUEST)
    assert server.requests == []
