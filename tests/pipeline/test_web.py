"""`liquidity ui` as a stranger meets it: requests that a foreign page or host would send, from a socket and from a real
Chromium, must change nothing; what the user clicks must work. And it ends whole, whatever signal it gets.

One server for the file, on an empty simulated warehouse. An asset has one materialization; hostile requests try to wipe
it, or to add another.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import dagster as dg
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from websockets.sync.client import connect

from orchestration.instance import look_into, prepare
from tests.conftest import REPOSITORY
from tests.pipeline.test_report import open_browser
from warehouse import lock
from warehouse.connection import Home

KEY = dg.AssetKey(["kraken", "daily_candles"])
CHECK_KEY = dg.AssetCheckKey(KEY, "fetched_and_loaded")
WIPE = """mutation Wipe {
    wipeAssets(assetPartitionRanges: [{assetKey: {path: ["kraken", "daily_candles"]}}]) { __typename } }"""
ASK = "query Ask { version }"
JSON = {"Content-Type": "application/json"}
FETCHED = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@dataclass
class Running:
    """A `liquidity ui` in a separate session."""

    process: subprocess.Popen[str]
    home: Home
    port: int
    lines: list[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        with look_into(self.home) as instance:
            assert instance is not None
            yield instance

    def state(self) -> tuple[Any, ...]:
        """What a hostile request would change: events of the asset, runs, schedules switched on or off."""
        with self.instance() as instance:
            return (
                [record.storage_id for record in instance.fetch_materializations(KEY, limit=100).records],
                [record.storage_id for record in instance.fetch_observations(KEY, limit=100).records],
                [record.id for record in instance.event_log_storage.get_asset_check_execution_history(CHECK_KEY, 100)],
                sorted(run.run_id for run in instance.get_runs()),
                sorted((state.instigator_name, state.status.value) for state in instance.all_instigator_state()),
            )

    def alive(self) -> list[str]:
        """Processes of its session, itself included, that are not gone."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
                if int(session) == self.process.pid and state != "Z":
                    found.append((stat.parent / "cmdline").read_text().replace("\0", " "))
            except OSError:  # gone meanwhile
                continue
        return found


def start(home: Home, *arguments: str) -> Running:
    """Start `liquidity ui` on a free port and wait until it says where it is."""
    command = [sys.executable, "-m", "orchestration.cli", "ui", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env=os.environ | {"LIQUIDITY_HOME": str(home.root.parent)},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    lines: list[str] = []
    ready = threading.Event()
    port = 0

    def read() -> None:
        nonlocal port
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line.rstrip())
            if line.startswith("Dagster on http://127.0.0.1:"):
                port = int(line.split(":")[2].split(",")[0])
                ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    ready.wait(600)
    assert port, "\n".join(lines)
    return Running(process, home, port, lines)


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 300) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not come in {seconds:.0f} s"
        time.sleep(0.2)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, compiled: Callable[[Home], Home]) -> Home:
    """An empty simulated warehouse in whose record one asset was materialized once."""
    home = compiled(Home(tmp_path_factory.mktemp("ui") / "sample", is_simulated=True))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DAGSTER_HOME", "LIQUIDITY_SAMPLE"):
            patch.setenv(name, "")  # put back afterwards
        prepare(home)
        with dg.DagsterInstance.get() as instance:
            instance.report_runless_asset_event(dg.AssetMaterialization(KEY, description="before"))
    return home


@pytest.fixture(scope="module")
def ui(home: Home) -> Iterator[Running]:
    running = start(home, "--sample")
    yield running
    running.process.kill()
    running.process.wait()


def send(
    ui: Running, method: str, target: str, headers: dict[str, str] | None = None, body: str | None = None
) -> tuple[int, str, dict[str, str]]:
    """One request exactly as written; `Host` is added when it is not given."""
    connection = HTTPConnection("127.0.0.1", ui.port, timeout=60)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": f"127.0.0.1:{ui.port}"} | (headers or {})
        for name, value in sent.items():
            connection.putheader(name, value.replace("PORT", str(ui.port)))
        if body is not None:
            connection.putheader("Content-Length", str(len(body.encode())))
        connection.endheaders(body.encode() if body is not None else None)
        response = connection.getresponse()
        text = "" if response.status == 101 else response.read().decode()
        return response.status, text, {name.lower(): value for name, value in response.getheaders()}
    finally:
        connection.close()


def graphql(query: str, **more: Any) -> str:
    return json.dumps({"query": query} | more)


def get(query: str, **more: str) -> str:
    return "/graphql?" + "&".join(f"{name}={quote(value)}" for name, value in ({"query": query} | more).items())


WEBSOCKET = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "graphql-ws",
}  # fmt: skip
OWN = "http://127.0.0.1:PORT"
FOREIGN = "http://evil.example"
REPORT = "/report_asset_materialization/kraken/daily_candles?metadata=%7B%22rows%22%3A9%7D"
CHECK = "/report_asset_check/kraken/daily_candles?check_name=fetched_and_loaded&passed=true"
OBSERVATION = "/report_asset_observation/kraken/daily_candles?data_version=9"

HOSTILE: dict[str, tuple[int, str, str, dict[str, str], str | None]] = {
    # name: status expected, method, target, headers, body
    "foreign host": (421, "POST", "/graphql", {"Host": "evil.example", **JSON}, graphql(WIPE)),
    "foreign host with the port": (421, "POST", "/graphql", {"Host": "evil.example:PORT", **JSON}, graphql(WIPE)),
    "rebound host and its own origin": (
        421, "POST", "/graphql",
        {"Host": "evil.example:PORT", "Origin": f"{FOREIGN}:PORT", "Sec-Fetch-Site": "same-origin", **JSON},
        graphql(WIPE),
    ),
    "host that begins like ours": (421, "GET", get(ASK), {"Host": "127.0.0.1.evil.example:PORT"}, None),
    "host with our name as user": (421, "GET", get(ASK), {"Host": "127.0.0.1:PORT@evil.example"}, None),
    "host of another address": (421, "GET", "/", {"Host": "0.0.0.0:PORT"}, None),
    "no host": (421, "GET", "/", {"Host": ""}, None),
    "foreign origin": (403, "POST", "/graphql", {"Origin": FOREIGN, **JSON}, graphql(WIPE)),
    "origin on another port": (403, "POST", "/graphql", {"Origin": "http://127.0.0.1:1", **JSON}, graphql(WIPE)),
    "origin of another scheme": (403, "POST", "/graphql", {"Origin": "https://127.0.0.1:PORT", **JSON}, graphql(WIPE)),
    "origin null": (403, "POST", "/graphql", {"Origin": "null", **JSON}, graphql(WIPE)),
    "cross-site fetch": (403, "POST", "/graphql", {"Sec-Fetch-Site": "cross-site", **JSON}, graphql(WIPE)),
    "same-site fetch": (403, "POST", "/graphql", {"Sec-Fetch-Site": "same-site", **JSON}, graphql(WIPE)),
    "post out of nowhere": (403, "POST", "/graphql", {"Sec-Fetch-Site": "none", **JSON}, graphql(WIPE)),
    "cross-site image": (403, "GET", get(ASK), {"Sec-Fetch-Site": "cross-site", **FETCHED}, None),
    "cross-site frame": (
        403, "GET", "/", {"Sec-Fetch-Site": "cross-site", **LINK, "Sec-Fetch-Dest": "iframe"}, None,
    ),
    "cross-site form": (
        403, "POST", get(WIPE), {"Origin": FOREIGN, "Sec-Fetch-Site": "cross-site", **LINK}, "",
    ),
    "mutation by GET": (403, "GET", get(WIPE), {}, None),
    "mutation by GET of a link": (403, "GET", get(WIPE), {"Sec-Fetch-Site": "cross-site", **LINK}, None),
    "mutation by GET named next to a query": (403, "GET", get(f"{ASK} {WIPE}", operationName="Wipe"), {}, None),
    "mutation by GET behind a query that is named": (403, "GET", get(f"{ASK} {WIPE}", operationName="Ask"), {}, None),
    "mutation by GET under a fragment": (
        403, "GET", get(WIPE.replace("__typename", "...f") + " fragment f on AssetWipeMutationResult { __typename }"),
        {}, None,
    ),
    "subscription by GET": (403, "GET", get("subscription { __typename }"), {}, None),
    "mutation by HEAD": (405, "HEAD", get(WIPE), {}, None),
    "form": (415, "POST", get(WIPE), {"Content-Type": "application/x-www-form-urlencoded"}, f"query={quote(WIPE)}"),
    "text/plain": (415, "POST", "/graphql", {"Content-Type": "text/plain"}, graphql(WIPE)),
    "text/plain that names JSON": (
        415, "POST", "/graphql", {"Content-Type": "text/plain; application/json"}, graphql(WIPE),
    ),
    "application/graphql": (415, "POST", "/graphql", {"Content-Type": "application/graphql"}, WIPE),
    "no type at all": (415, "POST", get(WIPE), {}, ""),
    "batch": (500, "POST", "/graphql", JSON, f"[{graphql(WIPE)}]"),
    "batch from elsewhere": (403, "POST", "/graphql", {"Origin": FOREIGN, **JSON}, f"[{graphql(WIPE)}]"),
    "materialization without a page": (415, "POST", REPORT, {}, ""),
    "materialization of a foreign page": (403, "POST", REPORT, {"Origin": FOREIGN, **JSON}, "{}"),
    "check of a foreign page": (403, "POST", CHECK, {"Origin": FOREIGN}, ""),
    "observation of a foreign page": (403, "POST", OBSERVATION, {"Sec-Fetch-Site": "cross-site"}, ""),
    "materialization of an encoded path": (
        403, "POST", REPORT.replace("report_asset", "%72eport_asset"), {"Origin": FOREIGN}, "",
    ),
    "encoded path": (403, "POST", "/%67raphql", {"Origin": FOREIGN, **JSON}, graphql(WIPE)),
    "upper-case path": (403, "POST", "/GRAPHQL", {"Origin": FOREIGN, **JSON}, graphql(WIPE)),
    "doubled slash": (405, "POST", "//graphql", JSON, graphql(WIPE)),
    "whole address as target": (
        421, "POST", f"{FOREIGN}/graphql", {"Host": "evil.example", **JSON}, graphql(WIPE),
    ),
    "preflight": (
        405, "OPTIONS", "/graphql", {"Origin": FOREIGN, "Access-Control-Request-Method": "POST"}, None,
    ),
    "PUT": (405, "PUT", "/graphql", JSON, graphql(WIPE)),
    "log of a run to a foreign page": (403, "GET", "/logs/x/y.out", {"Sec-Fetch-Site": "cross-site"}, None),
    "debug file to a foreign page": (403, "GET", "/download_debug/x", {"Sec-Fetch-Site": "same-site"}, None),
    "notebook to a foreign page": (403, "GET", "/notebook?path=x.ipynb", {"Origin": "null"}, None),
    "websocket of a foreign page": (403, "GET", "/graphql", {"Origin": FOREIGN, **WEBSOCKET}, None),
    "websocket of another port": (403, "GET", "/graphql", {"Origin": "http://127.0.0.1:1", **WEBSOCKET}, None),
    "websocket without an origin": (403, "GET", "/graphql", WEBSOCKET, None),
    "websocket to a foreign host": (
        403, "GET", "/graphql", {"Host": "evil.example:PORT", "Origin": f"{FOREIGN}:PORT", **WEBSOCKET}, None,
    ),
    "websocket that calls itself a link": (
        403, "GET", "/graphql", {"Origin": OWN, "Sec-Fetch-Site": "cross-site", **LINK, **WEBSOCKET}, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_request_is_refused_and_changes_nothing(ui: Running, name: str) -> None:
    expected, method, target, headers, body = HOSTILE[name]
    before = ui.state()
    status, text, answered = send(ui, method, target, headers, body)
    assert (status, ui.state()) == (expected, before), text
    if expected != 500 and "refused" in text:
        assert len(text.splitlines()) == 1, "one plain line"
    assert "access-control-allow-origin" not in answered


def test_a_websocket_of_our_own_page_runs_no_mutation(ui: Running) -> None:
    before = ui.state()
    uri, origin = f"ws://127.0.0.1:{ui.port}/graphql", ui.address
    with connect(uri, origin=origin, subprotocols=["graphql-ws"]) as socket:  # type: ignore[arg-type, list-item]
        socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(socket.recv(60))["type"] == "connection_ack"
        socket.send(json.dumps({"type": "start", "id": "1", "payload": {"query": WIPE}}))
        assert json.loads(socket.recv(60))["type"] == "error"
    assert ui.state() == before


def test_what_is_the_users_own_is_answered(ui: Running) -> None:
    for host in ("127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:8080", "[::1]:PORT"):
        assert send(ui, "GET", "/server_info", {"Host": host})[0] == 200, host
    own = {"Origin": OWN, "Sec-Fetch-Site": "same-origin"}
    status, text, headers = send(
        ui, "POST", "/graphql", own | {"Content-Type": "application/json; charset=utf-8"}, graphql(ASK)
    )
    assert (status, list(json.loads(text)["data"])) == (200, ["version"])
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    status, text, headers = send(ui, "GET", "/runs", LINK | {"Sec-Fetch-Site": "cross-site"})  # a link in a mail
    assert (status, headers["x-frame-options"]) == (200, "DENY")
    assert headers["content-security-policy"].endswith("; frame-ancestors 'none'")
    asked = "{ locationStatusesOrError { ... on WorkspaceLocationStatusEntries { entries { name } } } }"
    status, text, _ = send(ui, "GET", get(asked))
    assert "dollar-liquidity (SIMULATED)" in text, "the interface says that its data are simulated"


@pytest.fixture(scope="module")
def shown(ui: Running) -> Iterator[Running]:
    """A second one next to it that only shows; it runs no schedules."""
    running = start(ui.home, "--sample", "--read-only")
    yield running
    running.process.kill()
    running.process.wait()


def test_read_only_shows_and_obeys_nobody(shown: Running) -> None:
    before = shown.state()
    assert send(shown, "POST", "/graphql", JSON, graphql(ASK))[0] == 200
    unguarded = "mutation { setNuxSeen }"  # Dagster's own read-only mode lets this one pass
    for query in (WIPE, unguarded, f"{ASK} {WIPE}"):
        status, text, _ = send(shown, "POST", "/graphql", JSON, graphql(query, operationName=None))
        assert (status, "read-only" in text) == (403, True), query
    assert send(shown, "POST", REPORT, JSON, "{}")[0] == 403
    assert shown.state() == before
    shown.process.kill()  # its children are looked for at the end
    shown.process.wait()


# Each of them is obeyed by Dagster's bare server, except the fetch with its preflight, the websocket and the frame.
ATTACKS = """
const [ui, wipe, report, done] = arguments;
const get = from => `${ui}/graphql?query=${encodeURIComponent(wipe)}&from=${from}`;
const make = (tag, values) => Object.assign(document.createElement(tag), values);
const loads = element => new Promise(end => {
  element.onload = () => end("loaded"); element.onerror = () => end("refused"); document.body.append(element); });
const post = (url, type, more) => fetch(url, {
  method: "POST", headers: {"Content-Type": type}, body: JSON.stringify({query: wipe}), ...more,
}).then(() => "sent", () => "refused");
const submit = action => new Promise(end => {
  const frame = make("iframe", {name: action});
  const form = make("form", {method: "post", target: action, action});
  document.body.append(frame, form);
  frame.onload = () => end("sent"); form.submit(); });
const socket = () => new Promise(end => {
  const opened = new WebSocket(ui.replace("http", "ws") + "/graphql", "graphql-ws");
  opened.onopen = () => end("opened"); opened.onerror = () => end("refused"); });
(async () => done({
  image: await loads(make("img", {src: get("image")})),
  script: await loads(make("script", {src: get("script")})),
  style: await loads(make("link", {rel: "stylesheet", href: get("style")})),
  no_cors_get: await fetch(get("no_cors_get"), {mode: "no-cors"}).then(() => "sent", () => "refused"),
  no_cors_post: await post(get("no_cors_post"), "text/plain", {mode: "no-cors"}),
  named_json: await post(`${ui}/graphql?from=named_json`, "text/plain; application/json", {mode: "no-cors"}),
  preflight: await post(`${ui}/graphql?from=preflight`, "application/json"),
  beacon: String(navigator.sendBeacon(get("beacon"), "x")),
  report: await post(`${ui}${report}&from=report`, "text/plain", {mode: "no-cors", body: "", headers: {}}),
  form: await submit(get("form")),
  report_form: await submit(`${ui}${report}&from=report_form`),
  socket: await socket(),
  frame: await loads(make("iframe", {src: ui + "/", id: "frame"})),
}))();"""
SEEN = {"image", "script", "style", "no_cors_get", "no_cors_post", "named_json", "preflight", "report"}


class _Page(BaseHTTPRequestHandler):
    """An empty page of somebody else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>evil</title><body>")

    def log_message(self, *_: object) -> None:
        """Quiet."""


def answers(driver: webdriver.Chrome, seconds: float = 30) -> dict[str, int]:
    """Status of the answer to each attack that names itself, as the browser's network saw it."""
    names: dict[str, str] = {}
    status: dict[str, int] = {}

    def all_seen() -> bool:
        for entry in driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            what = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                name = parse_qs(urlsplit(what["request"]["url"]).query).get("from")
                names.update({what["requestId"]: name[0]} if name else {})
            elif message["method"] == "Network.responseReceivedExtraInfo":
                status[what["requestId"]] = what["statusCode"]
        return {names[request] for request in status if request in names} >= SEEN

    wait_for(all_seen, "the answer to every attack", seconds)
    return {names[request]: code for request, code in status.items() if request in names}


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """A Chromium for which evil.example is this machine, as after DNS rebinding."""
    rules = "MAP evil.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    driver = open_browser(f"--host-resolver-rules={rules}", "--window-size=1400,900")
    yield driver
    driver.quit()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "evil.example"])
def test_a_hostile_page_in_chromium_changes_nothing(ui: Running, browser: webdriver.Chrome, host: str) -> None:
    before = ui.state()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        browser.get(f"http://{host}:{server.server_port}/")
        results = browser.execute_async_script(ATTACKS, ui.address, WIPE, REPORT)
        status = answers(browser)
        assert ui.state() == before, (results, status)
        assert set(status.values()) <= {403, 405, 415}, status
        assert (results["socket"], results["preflight"]) == ("refused", "refused")
        browser.switch_to.frame("frame")
        assert not browser.find_elements(By.ID, "root"), "the interface stands in a frame"
        browser.switch_to.default_content()
    finally:
        server.shutdown()
        server.server_close()


def test_a_rebound_name_shows_nothing_in_chromium(ui: Running, browser: webdriver.Chrome) -> None:
    browser.get(f"http://evil.example:{ui.port}/")
    assert browser.find_element(By.TAG_NAME, "body").text.startswith("refused: not a name of this server")


def test_a_run_launched_by_a_click_in_chromium_succeeds(ui: Running, browser: webdriver.Chrome) -> None:
    browser.get(f"{ui.address}/assets/kraken/daily_candles")
    button = "//button[normalize-space()='Materialize' and not(@disabled)]"
    wait_for(lambda: browser.find_elements(By.XPATH, button), "the button", 120)[0].click()

    def ended() -> Any:
        with ui.instance() as instance:
            return [run for run in instance.get_runs() if run.is_finished]

    (run,) = wait_for(ended, "the end of the run", 400)
    assert run.status is dg.DagsterRunStatus.SUCCESS
    with ui.instance() as instance:
        assert len(instance.fetch_materializations(KEY, limit=9).records) == 2


def test_the_same_mutation_of_our_own_page_is_obeyed(ui: Running, browser: webdriver.Chrome) -> None:
    """What the hostile pages sent was whole: from the interface's own page it wipes."""
    browser.get(f"{ui.address}/server_info")
    answer = browser.execute_async_script(
        """const [body, done] = arguments;
        fetch("/graphql", {method: "POST", headers: {"Content-Type": "application/json"}, body})
          .then(answer => answer.text()).then(done, done);""",
        graphql(WIPE),
    )
    assert json.loads(answer) == {"data": {"wipeAssets": {"__typename": "AssetWipeSuccess"}}}
    assert ui.state()[0] == []


def liquidity_ui(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "ui", "--sample", *arguments], cwd=REPOSITORY, timeout=120,
        env=os.environ | {"LIQUIDITY_HOME": str(home.root.parent)}, capture_output=True, text=True,
    )  # fmt: skip


def test_a_second_interface_of_a_warehouse_says_who_runs(ui: Running) -> None:
    result = liquidity_ui(ui.home, "--port", "0")
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert f"process {ui.process.pid}" in line
    assert "interface on http://127.0.0.1:0" in line


def test_a_taken_port_is_said_before_anything_starts(ui: Running, tmp_path: Path) -> None:
    other = Home(tmp_path / "sample", is_simulated=True)
    result = liquidity_ui(other, "--port", str(ui.port))
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert f"cannot listen on {ui.address}: Address already in use" in line
    assert not (other.dagster / "dagster.yaml").exists(), "Dagster was prepared"


@pytest.mark.slow
def test_a_signal_cancels_the_run_and_leaves_no_process(ui: Running) -> None:
    launch = """mutation($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename
        ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
    selector = {
        "repositoryLocationName": "dollar-liquidity (SIMULATED)", "repositoryName": "__repository__",
        "pipelineName": "__ASSET_JOB", "assetSelection": [{"path": KEY.path}], "assetCheckSelection": [],
    }  # fmt: skip
    variables = {"p": {"selector": selector, "mode": "default", "runConfigData": {}}}
    with lock.hold(ui.home, "test"):  # the run waits for the warehouse, and so is in progress
        status, text, _ = send(ui, "POST", "/graphql", JSON, graphql(launch, variables=variables))
        assert status == 200
        answer = json.loads(text)["data"]["launchRun"]
        assert "run" in answer, answer
        run_id = answer["run"]["runId"]

        def run() -> dg.DagsterRun:
            with ui.instance() as instance:
                found = instance.get_run_by_id(run_id)
            assert found is not None
            return found

        wait_for(lambda: run().status is dg.DagsterRunStatus.STARTED, "the start of the run")
        ui.process.send_signal(signal.SIGTERM)
        assert ui.process.wait(120) == 0
        assert ui.alive() == []
        assert run().status is dg.DagsterRunStatus.CANCELED
    assert any(f"run {run_id[:8]} (__ASSET_JOB) is cancelled" in line for line in ui.lines), ui.lines


def test_children_of_a_killed_interface_end_by_themselves(shown: Running) -> None:
    shown.process.kill()  # a test before has done it, unless that ran in another worker
    shown.process.wait()
    wait_for(lambda: not shown.alive(), "the end of its children", 120)
