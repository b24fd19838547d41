"""The page as a reader opens it: in a real Chromium, from the disk, with the network off.

Every number on it is asked of the published marts again. The checks are functions that list what is wrong, so that the
last tests here can spoil the page and see each of them speak.
"""

import base64
import itertools
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from warehouse.connection import Home, open_published
from warehouse.generation import SIMULATED_NOTICE, Generation, unit_of
from warehouse.models import mart_files
from warehouse.publication import report
from warehouse.publication.charts import CHARTS, LINKS
from warehouse.publication.report.chain import SECTIONS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
# A page has no idle moment, in which it would draw what is out of sight (11 CPU s), unless its address says so.
NO_IDLE = "if (location.hash !== '#idle') window.requestIdleCallback = () => 0"
LAPTOP, SMALL_LAPTOP, TABLET, PHONE, SMALL_PHONE = (1440, 900), (1100, 800), (768, 1024), (390, 844), (360, 740)


def open_browser(*flags: str) -> webdriver.Chrome:
    """A Chromium without a window; skips the test where there is none, unless one is required."""
    if CHROMIUM is None or DRIVER is None:
        message = "no chromium with chromedriver on this machine: nothing is opened in a browser"
        if os.environ.get("LIQUIDITY_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    options = Options()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(120)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NO_IDLE})
    return driver


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    driver = open_browser("--host-resolver-rules=MAP * ~NOTFOUND")
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(refreshed: Home) -> Path:
    return refreshed.current.resolve() / "report" / "index.html"


@pytest.fixture
def con(refreshed: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(refreshed) as connection:
        yield connection


def look_at(
    driver: webdriver.Chrome, path: Path, size: tuple[int, int] = LAPTOP, *, dark: bool = False, draw: bool = False
) -> None:
    """Open the page afresh in a window of a size; ``draw`` all of its charts, else those that come near."""
    emulate = driver.execute_cdp_cmd
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600}
    emulate("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    emulate("Emulation.setEmulatedMedia", {"features": [scheme, {"name": "prefers-reduced-motion", "value": "reduce"}]})
    driver.get("about:blank")
    driver.get_log("browser"), driver.get_log("performance")
    driver.get(path.as_uri())
    if draw:
        driver.execute_async_script("const done = arguments[0]; drawAll().then(done, done)")


def _slow(size: tuple[int, int]) -> Any:
    """All charts in one more window take 13 CPU s."""
    return pytest.param(size, marks=pytest.mark.slow)


SIZES = [_slow(SMALL_PHONE), PHONE, _slow(TABLET), _slow(SMALL_LAPTOP), LAPTOP]


@pytest.fixture(scope="module", params=SIZES, ids=str)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Of the module, so that all tests of one size follow each other, after the test that scrolls through the first and
    before the one that prints the last."""
    return request.param


def show(driver: webdriver.Chrome, path: Path, size: tuple[int, int]) -> None:
    """The page with all of its charts; what is shown like that already is not opened again (13 CPU s)."""
    if driver.execute_script("return window.shown") != f"{path} {size}":
        look_at(driver, path, size, draw=True)
        is_shown(driver, path, size)


def is_shown(driver: webdriver.Chrome, path: Path, size: tuple[int, int]) -> None:
    """Mark the page, whose charts are all drawn, for `show`."""
    driver.execute_script("window.shown = arguments[0]", f"{path} {size}")


# ---- what may be wrong with a page


def console(driver: webdriver.Chrome) -> list[str]:
    """Errors and warnings of the console."""
    return [line["message"] for line in driver.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]


def requests(driver: webdriver.Chrome, path: Path) -> list[str]:
    """Addresses that were asked for, other than the page itself and what it carries in itself."""
    events = [json.loads(line["message"])["message"] for line in driver.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    own = (path.as_uri(), "data:", "blob:file:", "blob:null")
    assert any(url.startswith(path.as_uri()) for url in asked), "the log of requests must hold the page itself"
    return [url for url in asked if not url.startswith(own)]


def undrawn(driver: webdriver.Chrome) -> list[str]:
    """Charts without a picture that has a size and something in it, and that fits its place or scrolls in it."""
    return driver.execute_script("""
        const empty = (c) => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                               return !d.some((value) => value !== 0); };
        return [...document.querySelectorAll('figure[data-chart]')].filter((figure) => {
          if (!figure.querySelector('script.spec')) return true;
          const drawn = figure.querySelector('.canvas canvas, .canvas svg');
          const place = figure.querySelector('.canvas');
          const wide = drawn ? drawn.getBoundingClientRect().width : 0;
          return wide < 100 || (wide > place.clientWidth + 1 && getComputedStyle(place).overflowX !== 'auto')
            || drawn.getBoundingClientRect().height < 60
            || (drawn.tagName === 'CANVAS' ? empty(drawn) : !drawn.querySelector('path'));
        }).map((figure) => figure.dataset.chart);
        """)


def as_raw(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def same(value: object, raw: str) -> bool:
    """A value of the database is what the page carries; sums of fractions may differ in their last bits."""
    if isinstance(value, (float, Decimal)):
        return raw != "" and abs(float(raw) - float(value)) <= 1e-9 * max(1.0, abs(value))
    return as_raw(value) == raw


def says(text: str, raw: str, sql: str) -> bool:
    """A printed text is its raw value, in the unit that the queried column's name ends in, rounded as printed."""
    if raw == "":
        return text == "–"
    if raw in ("true", "false"):
        return text == {"true": "yes", "false": "no"}[raw]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", raw):
        return datetime.strptime(text, "%d %b %Y").date() == date.fromisoformat(raw)  # noqa: DTZ007
    if re.match(r"\d{4}-\d\d-\d\dT", raw):
        moment = datetime.fromisoformat(raw).replace(second=0, microsecond=0)
        return datetime.strptime(text, "%d %b %Y, %H:%M") == moment  # noqa: DTZ007
    found = re.fullmatch(r"([−+]?)(\$?)([\d,]+(?:\.(\d+))?)(%| bp| bn| mn| days| pp)?", text)
    if not found:
        return text == raw
    sign, dollar, figure, decimals, after = found.groups(default="")
    number = float(figure.replace(",", "")) * (-1 if sign == "−" else 1) * (0.001 if after == " mn" else 1)
    step = 10 ** -len(decimals) * (0.001 if after == " mn" else 1)
    column = re.match(r"SELECT (?:round|abs|max|sum|arg_max)?\(*(?:\w\.)?(\w+)", sql)
    wanted = {"usd_bn": (" bn", " mn"), "bp": (" bp",), "pct": (" bp",) if "* 100" in sql else ("%",)}
    for unit, endings in wanted.items():
        if column and column[1].endswith(f"_{unit}") and (after not in endings or (unit == "usd_bn") != bool(dollar)):
            return False
    return abs(number - float(raw)) <= step / 2 + 1e-9


def wrong_numbers(driver: webdriver.Chrome, con: duckdb.DuckDBPyConnection) -> tuple[int, list[str]]:
    """How many values carry a query, and those that are not what it gives, or are printed as something else."""
    single = driver.execute_script("""
        return [...document.querySelectorAll('data.n, .t[data-sql]')].map((e) =>
          [e.dataset.sql, e.tagName === 'DATA' ? e.getAttribute('value') : null, e.textContent.trim()])""")
    tables = driver.execute_script("""
        return [...document.querySelectorAll('tbody[data-sql]')].map((body) => [body.dataset.sql,
          [...body.rows].map((row) => [...row.cells].map((c) => [c.dataset.value ?? c.textContent, c.textContent]))
        ])""")
    wrong = []
    for sql, raw, text in single:
        if not re.search(r"\bmarts\.", sql) or re.search(r"\b(history|meta|raw|staging|intermediate)\.", sql):
            wrong.append(f"not from a mart: {sql}")
            continue
        rows = con.execute(sql).fetchall()
        value = rows[0][0] if rows else None
        raw = text if raw is None else raw
        if not same(value, raw) or not (isinstance(value, str) or says(text, raw, sql)):
            wrong.append(f"{text!r} ({raw}) is {value!r}: {sql}")
    count = len(single)
    for sql, shown in tables:
        held = con.execute(sql).fetchall()
        if len(held) != len(shown):
            wrong.append(f"{len(shown)} rows for {len(held)}: {sql}")
        for row, cells in zip(held, shown, strict=False):
            for value, (raw, text) in zip(row, cells, strict=True):
                count += 1
                raw = "" if value is None and raw == "–" else raw
                if not same(value, raw) or not (isinstance(value, str) or says(text, raw, "")):
                    wrong.append(f"{text!r} ({raw}) is {value!r} in {row}: {sql}")
    return count, wrong


def stray_digits(driver: webdriver.Chrome) -> list[str]:
    """Digits in the text of the page that neither carry a query nor say where they come from."""
    return driver.execute_script("""
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
        const known = 'data.n, .t[data-sql], tbody[data-sql], [data-static], code, script, style, .canvas, .years';
        for (let node = walk.nextNode(); node; node = walk.nextNode())
          if (/\\d/.test(node.textContent) && !node.parentElement.closest(known)) found.push(node.textContent.trim());
        return found;""")


def wrong_static(driver: webdriver.Chrome, con: duckdb.DuckDBPyConnection, generation: Generation) -> list[str]:
    """Texts that say where their digits come from, and do not come from there."""
    marked = driver.execute_script("""
        return [...document.querySelectorAll('[data-static]')].map((e) => [e.dataset.static, e.dataset.mart ?? null,
          e.closest('figure')?.dataset.chart ?? null, e.textContent.replace(/\\s+/g, ' ').trim(),
          e.rows ? [...e.rows].map((row) => [...row.cells].map((cell) => cell.textContent)) : null])""")
    prose = _authored()
    dictionary = {
        mart: comment.removeprefix(SIMULATED_NOTICE).strip()
        for mart, comment in con.execute(
            "SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'marts'"
        ).fetchall()
    }
    columns: dict[str, list[list[str]]] = {}
    for mart, name, dtype, comment in con.execute(
        "SELECT table_name, column_name, lower(data_type), comment FROM duckdb_columns() WHERE schema_name = 'marts' "
        "ORDER BY table_name, column_index"
    ).fetchall():
        columns.setdefault(mart, []).append([name, dtype, unit_of(name) or "", comment])
    charts = {chart.id: chart for chart in CHARTS}
    squeeze = lambda text: " ".join(str(text).split())  # noqa: E731
    wrong = []
    for kind, mart, chart_id, text, rows in marked:
        if kind == "prose":
            is_right = squeeze(text) in prose
        elif kind == "generation":
            is_right = re.findall(r"\d[\w:-]*", text)[:3] == [
                generation.id, f"{generation.built_at:%Y-%m-%d}", f"{generation.built_at:%H:%M}"
            ]  # fmt: skip
        elif kind == "description":
            is_right = text == dictionary.get(mart) or rows == columns.get(mart)
        elif kind in ("chart", "query") and chart_id in charts:
            chart = charts[chart_id]
            try:
                data = con.sql(chart.query).pl()
            except duckdb.CatalogException:
                wrong.append(f"{chart_id} cannot be asked: {text[:120]}")
                continue
            newest = f"Data to {chart.as_of(data)}." if not data.is_empty() else ""
            is_right = text in (squeeze(chart.title(data)), squeeze(chart.alt(data)), squeeze(chart.query)) or (
                newest in text and "Knowledge times: " in text and SIMULATED_NOTICE in text
            )
        else:
            is_right = False
        if not is_right:
            wrong.append(f"{kind} {mart or chart_id or ''}: {text[:120]}")
    return wrong


def _authored() -> str:
    """All prose that people wrote for the page, without markup."""
    folder = Path(report.__file__).parent
    templates = " ".join(path.read_text("utf-8") for path in sorted(folder.glob("*.j2")))

    def words(node: Any) -> Iterator[str]:
        if isinstance(node, str):
            yield node
        elif isinstance(node, tuple):
            for item in node:
                yield from words(item)
        elif is_dataclass(node):
            for field in fields(node):
                yield from words(getattr(node, field.name))

    sections = " ".join(
        f"{' '.join(words(section))} What it cannot show. {section.cannot}" for section in SECTIONS.values()
    )
    return " ".join(f"{unescape(re.sub(r'<[^>]+>', '', templates))} {sections}".split())


def generation_of(con: duckdb.DuckDBPyConnection) -> Generation:
    name, built_at, as_of, is_simulated = con.execute(
        "SELECT id, built_at, as_of, is_simulated FROM meta.generation"
    ).fetchone()  # type: ignore[misc]
    return Generation(name, built_at, is_simulated, as_of)


# ---- the page


@pytest.mark.slow
def test_charts_are_drawn_as_they_are_scrolled_to(browser, page):
    look_at(browser, page, SMALL_PHONE)
    for figure in browser.find_elements("css selector", "figure[data-chart]"):
        browser.execute_script("arguments[0].scrollIntoView()", figure)
        wait_until_drawn(browser, figure)
    is_shown(browser, page, SMALL_PHONE)


def test_opens_without_network_or_complaint_and_draws_every_chart(browser, page, size):
    show(browser, page, size)
    assert undrawn(browser) == []
    drawn = [f.get_attribute("data-chart") for f in browser.find_elements("css selector", "figure[data-chart]")]
    assert sorted(drawn) == sorted(chart.id for chart in CHARTS)
    assert console(browser) == []
    assert requests(browser, page) == []


def test_every_chart_fits_its_place(browser, page, size):
    """A chart that scrolls would show its older half, and a phone nothing that says there is more."""
    show(browser, page, size)
    assert browser.execute_script("""
        return [...document.querySelectorAll('figure[data-chart] .canvas')].map((place) =>
          [place.closest('figure').dataset.chart, place.querySelector('canvas').getBoundingClientRect().width,
           place.clientWidth]).filter(([, wide, room]) => wide > room + 1 || wide < 0.8 * room)""") == []  # fmt: skip


CUT = """
    const ink = document.createElement('canvas').getContext('2d'), cut = [];
    const walk = (item, id) => {
      if (item.marktype === 'text') for (const text of item.items) {
        ink.font = `${text.fontWeight ?? ''} ${text.fontSize ?? 11}px ${text.font ?? 'sans-serif'}`;
        const lines = [text.text].flat().map(String);
        const wide = Math.max(...lines.map((line) => ink.measureText(line).width));
        if (text.limit > 0 && wide > text.limit + 1) cut.push([id, lines.join(' '), Math.round(wide), text.limit]);
      }
      for (const inner of item.items ?? []) if (inner.items) walk(inner, id);
    };
    const figures = [...document.querySelectorAll('figure[data-chart]')];
    for (const figure of figures)
      walk(figure.querySelector('.canvas').vegaView.scenegraph().root, figure.dataset.chart);
    return [figures.length, cut];"""


def test_no_name_or_title_in_a_chart_is_cut(browser, page, size):
    show(browser, page, size)
    drawn, cut = browser.execute_script(CUT)
    assert drawn == len(CHARTS)
    assert cut == []


OVER_EACH_OTHER = """
    const over = [], least = 4; // pixels in both directions
    const meets = (a, b) => Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1) > least
      && Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1) > least;
    for (const place of document.querySelectorAll('figure[data-chart] .canvas')) {
      const texts = [], id = place.closest('figure').dataset.chart;
      const walk = (mark, x, y) => {
        if (mark.marktype === 'text') for (const { text, opacity, bounds } of mark.items)
          if (opacity !== 0 && `${text ?? ''}`.trim()) texts.push([`${text}`,
            { x1: bounds.x1 + x, x2: bounds.x2 + x, y1: bounds.y1 + y, y2: bounds.y2 + y }]);
        if (mark.marktype === 'group') for (const group of mark.items)
          for (const inner of group.items) walk(inner, x + (group.x || 0), y + (group.y || 0));
      };
      walk(place.vegaView.scenegraph().root, 0, 0);
      texts.forEach(([text, box], n) => texts.slice(n + 1).forEach(([other, its]) => {
        if (meets(box, its)) over.push([id, text, other]);
      }));
    }
    return over;"""


def test_no_text_of_a_chart_is_over_another(browser, page, size):
    show(browser, page, size)
    assert browser.execute_script(OVER_EACH_OTHER) == []


def test_print_is_dense_and_its_notice_is_the_head_of_each_sheet(browser, page):
    """A head of a table is repeated on each sheet, and has its own room there; what is fixed covers the text."""
    show(browser, page, LAPTOP)
    printed = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    # 64 sheets for 31 charts with a sheet each; 36 for 49 in rows that waited for their taller chart, 32 in columns.
    assert 15 < len(re.findall(rb"/Type /Page\b", printed)) < 0.7 * len(CHARTS)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 718, "height": 1050, "deviceScaleFactor": 1, "mobile": False}
    )
    body, head, banner_bottom, title_top = browser.execute_script("""
        const banner = document.getElementById('banner');
        return [getComputedStyle(document.body).display, getComputedStyle(banner).display,
          banner.getBoundingClientRect().bottom, document.querySelector('h1').getBoundingClientRect().top]""")
    too_wide = browser.execute_script("""
        return [...document.querySelectorAll('figure canvas')].filter((canvas) =>
          canvas.getBoundingClientRect().right > canvas.closest('figure').getBoundingClientRect().right + 1
        ).map((canvas) => canvas.closest('figure').id)""")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert (body, head) == ("table", "table-header-group")
    assert banner_bottom <= title_top
    assert too_wide == []


@pytest.mark.parametrize("size", [_slow((1400, 900)), (390, 844)])
def test_a_link_leads_to_its_section_while_charts_above_are_drawn(browser, page, size):
    """A smooth scroll ended where the section was before they were drawn, one or two screens off."""
    look_at(browser, page, size)
    any_motion = {"features": [{"name": "prefers-reduced-motion", "value": "no-preference"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", any_motion)
    browser.get("about:blank")
    browser.get(f"{page.as_uri()}#idle")
    time.sleep(1)  # the first charts are drawn
    browser.execute_script("document.querySelector(`a[href='#alerts']`).click()")
    time.sleep(4)
    assert 0 <= browser.execute_script("return document.getElementById('alerts').getBoundingClientRect().top") < 200


@pytest.mark.slow
def test_every_number_is_what_its_mart_says(browser, page, con):
    look_at(browser, page)
    count, wrong = wrong_numbers(browser, con)
    assert wrong == []
    assert count > 500
    assert stray_digits(browser) == []
    assert wrong_static(browser, con, generation_of(con)) == []
    assert browser.execute_script("return document.querySelectorAll('.none').length") == 0


def test_first_screen_holds_the_state_of_today(browser, page):
    look_at(browser, page)
    bottom = browser.execute_script("return document.querySelector('.cards').getBoundingClientRect().bottom")
    assert bottom <= LAPTOP[1]
    cards = [title.text for title in browser.find_elements("css selector", ".card h3")]
    assert cards == [
        "The corridor", "Stress", "Standing repo facility", "Treasury's cash against its target", "Bank reserves",
        "Net liquidity", "Late, new and revised",
    ]  # fmt: skip


def test_a_change_says_since_when_and_a_list_of_contributions_what_they_add_to(browser, page):
    look_at(browser, page)
    labels = [term.text for term in browser.find_elements("css selector", ".card .delta dt")]
    assert len(labels) >= 10
    assert [label for label in labels if not re.fullmatch(r"Since \d+ [A-Z][a-z]{2} \d{4}", label)] == []
    reserves = browser.find_element("css selector", "[aria-labelledby=card-reserves]")
    terms = [term.text for term in reserves.find_elements("css selector", ".facts dt")]
    assert terms
    assert all(term.startswith("by ") for term in terms)
    assert "Added to reserves this week" in reserves.text


def test_banner_is_in_view_everywhere(browser, page, size):
    show(browser, page, size)
    assert "SIMULATED" in browser.title
    height = browser.execute_script("return document.documentElement.scrollHeight")
    for part in (0, 0.1, 0.35, 0.6, 0.85, 1):
        browser.execute_script("scrollTo(0, arguments[0])", part * height)
        seen = browser.execute_script("""
            const box = document.getElementById('banner').getBoundingClientRect();
            const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            return [box.top >= 0 && box.bottom <= innerHeight, top.id, top.textContent];""")
        assert seen == [True, "banner", SIMULATED_NOTICE], part


def test_nothing_is_wider_than_its_window(browser, page, size):
    show(browser, page, size)
    browser.execute_script("""
        window.folded = [...document.querySelectorAll('details:not([open])')];
        for (const d of folded) d.open = true""")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    assert (
        browser.execute_script("""
        return [...document.querySelectorAll('main *, header *, footer *')].filter((e) => {
          const box = e.getBoundingClientRect();
          return box.width > 0 && box.right > innerWidth + 1
            && !e.closest('.scroll, pre, .hidden, .skip, .canvas, svg');
        }).map((e) => e.outerHTML.slice(0, 90))""")
        == []
    )
    browser.execute_script("for (const d of folded) d.open = false")


def test_headings_tables_and_charts_are_there_for_a_screen_reader(browser, page, size):
    show(browser, page, size)
    levels = browser.execute_script(
        "return [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((h) => Number(h.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    problems = browser.execute_script("""
        const found = [], all = (s) => [...document.querySelectorAll(s)];
        for (const t of all('table')) {
          if (!t.caption || !t.caption.textContent.trim()) found.push('no caption: ' + t.outerHTML.slice(0, 80));
          for (const th of t.querySelectorAll('th')) if (!th.scope) found.push('no scope: ' + th.textContent);
        }
        for (const c of all('figure[data-chart] .canvas')) {
          const labelled = c.matches('[aria-label]') ? c : c.querySelector('[aria-label]');
          const text = c.closest('figure').querySelector('.about p').textContent;
          if (!labelled || labelled.getAttribute('aria-label') !== text || text.length < 40)
            found.push('no alternative text: ' + c.closest('figure').id);
        }
        for (const i of all('img:not([alt])')) found.push('no alt: ' + i.outerHTML);
        for (const s of all('svg'))
          if (!s.closest('.canvas') && s.getAttribute('aria-hidden') !== 'true') found.push('svg');
        for (const s of all('select, input')) if (!s.closest('label')) found.push('no label: ' + s.outerHTML);
        for (const b of all('button, a[href]')) if (!b.textContent.trim()) found.push('empty: ' + b.outerHTML);
        for (const a of all('a[href^="#"]'))
          if (!a.closest('.canvas') && !document.getElementById(a.hash.slice(1))) found.push('nowhere: ' + a.hash);
        const ids = all('[id]').map((e) => e.id), twice = ids.filter((id, place) => ids.indexOf(id) !== place);
        if (twice.length) found.push('twice: ' + twice);
        if (document.documentElement.lang !== 'en' || !document.querySelector('main')) found.push('lang, main');
        return found;""")
    assert problems == []


CONTRAST = """
    const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
    const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
    const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const light = (c) => c.slice(0, 3).map((v) => linear(v / 255))
      .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const behind = (e) => { const stack = [];
      for (let n = e; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor);
        if (c[3] > 0) stack.push(c); if (c[3] === 1) break; }
      return stack.reverse().reduce((b, c) => over(c, b), [255, 255, 255, 1]); };
    const low = new Map(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let pairs = 0;
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const e = node.parentElement;
      if (!node.textContent.trim() || e.closest('script, style, noscript, .canvas')) continue;
      if (!e.getClientRects().length) continue;
      const style = getComputedStyle(e), ground = behind(e), ink = over(parse(style.color), ground);
      const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
      const size = parseFloat(style.fontSize), isBold = Number(style.fontWeight) >= 700;
      const big = size >= 24 || (size >= 18.66 && isBold);
      pairs += 1;
      if (ratio < (big ? 3 : 4.5))
        low.set(`${style.color} on ${ground}`, `${ratio.toFixed(2)}: ${node.textContent.trim().slice(0, 40)}`);
    }
    return [pairs, [...low.entries()]];"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(browser, page, dark):
    look_at(browser, page, dark=dark)
    browser.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")
    pairs, low = browser.execute_script(CONTRAST)
    assert pairs > 500
    assert low == []


def test_theme_follows_the_system_and_the_switch(browser, page):
    ground = "return getComputedStyle(document.body).backgroundColor"
    look_at(browser, page, dark=True)
    dark = browser.execute_script(ground)
    look_at(browser, page)
    light = browser.execute_script(ground)
    assert light != dark
    browser.find_element("id", "theme").click()
    assert browser.execute_script(ground) == dark
    browser.find_element("id", "theme").click()
    assert browser.execute_script(ground) == light
    browser.execute_script("try { localStorage.clear() } catch {}")
    assert console(browser) == []


def test_keyboard_reaches_everything_and_sees_where_it_is(browser, page):
    look_at(browser, page)
    active = "return document.activeElement"
    body = browser.find_element("tag name", "body")
    body.send_keys(Keys.TAB)
    first = browser.execute_script(active)
    assert first.get_attribute("class") == "skip"
    assert first.location["x"] >= 0
    assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    first.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#today")
    # The queries of a panel open with Enter, and stand there for every number of it.
    card = browser.find_element("css selector", ".card")
    summary = card.find_element("css selector", "details.origin summary")
    browser.execute_script("arguments[0].focus()", summary)
    browser.execute_script(active).send_keys(Keys.ENTER)
    browser.execute_async_script("setTimeout(arguments[0], 100)")
    listed = card.find_elements("css selector", ".queries code")
    assert listed
    assert all(line.text.startswith("SELECT") for line in listed)
    shown = browser.execute_script("return [...arguments[0].querySelectorAll('.queries p data')].length", card)
    assert shown == len(listed)
    # A click on a number says its query; Escape puts it away.
    number = browser.find_element("css selector", ".card .big data, .card data.n")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", number)
    number.click()
    dialog = browser.find_element("id", "query")
    assert dialog.is_displayed()
    assert dialog.find_element("css selector", "code").text == number.get_attribute("data-sql")
    body.send_keys(Keys.ESCAPE)
    assert not dialog.is_displayed()
    # A cell says the query of its table, the title of a chart that of the chart.
    cell = browser.find_element("css selector", "tbody[data-sql] td.number")
    title = browser.find_element("css selector", "figure[data-chart] h3")
    figure = browser.find_element("css selector", "figure[data-chart]")
    wanted = {
        cell: cell.find_element("xpath", "ancestor::tbody").get_attribute("data-sql"),
        title: figure.find_element("css selector", ".about code").get_attribute("textContent"),
    }
    for place, query in wanted.items():
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", place)
        place.click()
        assert dialog.find_element("css selector", "code").get_attribute("textContent") == query
        assert "marts." in query
        body.send_keys(Keys.ESCAPE)
    stops = browser.execute_script("""
        return [...document.querySelectorAll('a[href], button, select, summary, [tabindex]')]
          .filter((e) => e.tabIndex >= 0 && e.checkVisibility()).length""")  # what is folded is no stop
    assert stops < 100 + 9 * len(CHARTS)  # five a chart; the search is the short way


def test_queries_of_the_scorecard_are_reached_by_keyboard(browser, page):
    """Every number of it is listed with its query under a fold that a key opens, inside the fold of its claim."""
    look_at(browser, page)
    for fold in ("#claim-F05 .why details", "#claim-F05 details.origin"):
        browser.execute_script("document.querySelector(arguments[0] + ' > summary').focus()", fold)
        browser.switch_to.active_element.send_keys(Keys.ENTER)
        assert browser.execute_script("return document.querySelector(arguments[0]).open", fold)
    left = browser.execute_async_script("""
        const done = arguments[0], card = document.getElementById('scorecard');
        card.querySelectorAll('details').forEach((fold) => { fold.open = true; });
        setTimeout(() => {
          const listed = new Set([...card.querySelectorAll('.queries code')].map((code) => code.textContent));
          const queries = [...card.querySelectorAll('data.n')].map((number) => number.dataset.sql);
          done(queries.filter((sql) => !listed.has(sql)));
        }, 300)""")
    assert left == []


@pytest.mark.slow
def test_scorecard_filter_leaves_what_matches(browser, page, con):
    look_at(browser, page)
    verdicts = browser.execute_script("return [...document.querySelectorAll('.claim')].map((c) => c.dataset.verdict)")
    held = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'thesis_scorecard'").fetchone()
    if held == (0,):
        pytest.skip("no thesis_scorecard in this generation")
    assert len(verdicts) == con.execute("SELECT count(DISTINCT claim_id) FROM marts.thesis_scorecard").fetchone()[0]
    wanted = max(set(verdicts), key=verdicts.count)
    browser.execute_script("""
        const select = document.getElementById('filter-verdict'); select.value = arguments[0];
        select.dispatchEvent(new Event('change', {bubbles: true}))""", wanted)  # fmt: skip
    left = browser.execute_script(
        "return [...document.querySelectorAll('.claim')].filter((c) => !c.hidden).map((c) => c.dataset.verdict)"
    )
    assert left == [wanted] * verdicts.count(wanted)


def test_files_beside_the_charts_are_there(page):
    html = page.read_text("utf-8")
    links = set(re.findall(r'href="(\.\./charts/[^"]+)"', html))
    assert len(links) == 4 * len(CHARTS)
    assert [link for link in sorted(links) if not (page.parent / link).is_file()] == []


def chart(driver: webdriver.Chrome, chart_id: str) -> WebElement:
    """The figure of a chart, in view and drawn."""
    figure = driver.find_element("id", f"chart-{chart_id}")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", figure)
    wait_until_drawn(driver, figure)
    return figure


def wait_until_drawn(driver: webdriver.Chrome, figure: WebElement) -> None:
    driver.execute_async_script("""
        const [figure, done] = arguments, until = Date.now() + 20000;
        (function wait() {
          if (figure.dataset.state === 'drawn' || Date.now() > until) done(); else setTimeout(wait, 50);
        })()""", figure)  # fmt: skip
    assert figure.get_attribute("data-state") == "drawn", figure.get_attribute("data-chart")


# Days that the zoomed panels of a chart span, from the first to the last that is drawn.
SPAN = """
    const view = arguments[0].querySelector('.canvas').vegaView;
    const {data} = view.getState({data: (name) => /^(source|data)_/.test(name)});
    const days = Object.values(data).flat().flatMap((row) => [row?.effective_date, row?.from_date, row?.to_date])
      .filter(Boolean).map((day) => new Date(day).getTime());
    return [Math.min(...days), Math.max(...days)].map((day) => new Date(day).getFullYear());"""


def test_years_of_a_long_chart_are_chosen_by_keyboard(browser, page):
    look_at(browser, page, TABLET)  # a wide window also draws, while idle, what is out of sight
    figure = chart(browser, "sofr_against_ceiling_and_srf")
    first, last = browser.execute_script(SPAN, figure)
    assert last - first >= 5
    choices = figure.find_elements("css selector", ".years input")
    assert [choice.is_selected() for choice in choices] == [False] * (len(choices) - 1) + [True]
    choices[-1].send_keys(Keys.ARROW_RIGHT)  # round to the shortest
    wait_until_drawn(browser, figure)
    assert choices[0].is_selected()
    assert browser.execute_script(SPAN, figure) == [last - 1, last]  # stretches of policy are cut there too
    assert console(browser) == []
    choices[0].send_keys(Keys.ARROW_LEFT)
    wait_until_drawn(browser, figure)
    assert browser.execute_script(SPAN, figure) == [first, last]
    other = chart(browser, "srf_use_by_quarter")
    assert other.find_elements("css selector", ".years") == []  # its axis is of quarters, not of time


def test_a_tooltip_has_a_dash_for_what_has_no_value(browser, page):
    look_at(browser, page, TABLET)
    figure = chart(browser, "treasury_cash_against_assumed")  # the first years have no assumed balance
    shown = browser.execute_script("""
        const canvas = arguments[0].querySelector('canvas'), box = canvas.getBoundingClientRect(), shown = [];
        for (const part of [0.13, 0.5, 0.8]) {
          const at = {bubbles: true, clientX: box.left + part * box.width, clientY: box.top + box.height / 2};
          canvas.dispatchEvent(new PointerEvent('pointermove', at));
          canvas.dispatchEvent(new MouseEvent('mousemove', at));
          shown.push(document.getElementById('vg-tooltip-element')?.textContent ?? '');
        }
        return shown;""", figure)  # fmt: skip
    assert all("Closing balance" in text for text in shown)
    assert any("–" in text for text in shown)
    assert [text for text in shown if re.search("null|undefined|NaN", text)] == []


def test_search_finds_charts_columns_and_series_by_keyboard(browser, page):
    look_at(browser, page, TABLET)
    browser.find_element("tag name", "body").send_keys("/")
    field = browser.switch_to.active_element
    assert field.get_attribute("id") == "search"
    for asked, name, place in (
        ("srf_accepted_usd_bn", "srf_accepted_usd_bn", "column-funding_stress_daily-srf_accepted_usd_bn"),
        ("funding_stress_daily", "funding_stress_daily", "mart-funding_stress_daily"),
        ("fred wtregen", "WTREGEN", "series-fred.observations-WTREGEN"),
    ):
        field.clear()
        field.send_keys(asked, Keys.ARROW_DOWN)
        first = browser.switch_to.active_element
        assert first.find_element("css selector", ".name-found").text == name
        assert first.get_attribute("hash") == f"#{place}"
        first.send_keys(Keys.ENTER)
        browser.execute_async_script("setTimeout(arguments[0], 100)")
        found = browser.find_element("id", place)
        assert found.is_displayed()  # what was folded around it is open
        assert 0 <= browser.execute_script("return arguments[0].getBoundingClientRect().top", found) < TABLET[1]
    field.clear()
    field.send_keys("no such thing")
    assert browser.find_element("css selector", "#found p").text == "0 found"
    field.send_keys(Keys.ESCAPE)
    assert not browser.find_element("id", "found").is_displayed()


def test_page_away_from_its_generation_names_files_instead_of_linking_to_them(browser, page, tmp_path):
    look_at(browser, page, TABLET)
    assert not browser.find_element("id", "alone").is_displayed()
    alone = tmp_path / "mailed.html"
    shutil.copy(page, alone)
    look_at(browser, alone, TABLET)
    assert browser.find_element("id", "alone").is_displayed()
    assert browser.find_elements("css selector", "a[href^='../']") == []
    files = browser.find_element("css selector", "#chart-on_rrp_to_zero .files").text
    assert files == "In its generation: " + ", ".join(
        f"charts/on_rrp_to_zero.{ending}" for ending in ("svg", "png", "csv", "parquet")
    )
    assert console(browser) == []


INJECTED = """<footer><script>window.ran = ["script"]</script>
<img alt="" src="data:," onerror="window.ran = ['handler']">
<a id="lure" href="javascript:window.ran = ['address']">x</a>
<style>body { color: rgb(1, 2, 3) }</style>
<p id="styled" style="color: rgb(1, 2, 3)">x</p>"""


def test_policy_runs_and_paints_nothing_that_the_page_did_not_bring(browser, page, tmp_path):
    """Text of a publisher that got past the escaping would still be no code: the policy names what may run."""
    html = page.read_text("utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert "unsafe" not in policy
    look_at(browser, spoilt(page, tmp_path, "<footer>", INJECTED, charts=3), draw=True)
    browser.execute_script("document.getElementById('lure').click()")
    browser.execute_script("""
        const later = document.createElement('script');
        later.textContent = "window.ran = ['late']";
        document.body.append(later);""")
    ran, *colours = browser.execute_async_script("""
        const done = arguments[0], seen = (e) => getComputedStyle(e).color;
        setTimeout("window.ran = ['text']");
        setTimeout(() => done([window.ran ?? null, seen(document.body), seen(document.getElementById('styled'))]), 100)
        """)
    assert ran is None
    assert "rgb(1, 2, 3)" not in colours
    complaints = console(browser)
    for directive in ("script-src", "style-src"):
        assert any(directive in line for line in complaints), directive
    assert len(browser.find_elements("css selector", "figure[data-chart]")) == 3
    assert undrawn(browser) == []


def test_dictionary_is_in_the_order_of_the_chain(page):
    section = page.read_text("utf-8").split('<section id="dictionary"')[1].split("</section>")[0]
    found = re.findall(r'<h3>(.+?)</h3>|<details class="mart" id="mart-(\w+)">', section)
    chain = [name for link, heading in LINKS.items() for name in (heading, *mart_files.of_link(link))]
    assert [unescape(heading) or mart for heading, mart in found] == chain


def test_page_is_written_even_if_marts_are_missing(refreshed, tmp_path):
    """A generation in which only one mart could be built still gets its page, which says what it lacks."""
    published = refreshed.current.resolve() / "liquidity.duckdb"
    with duckdb.connect(str(tmp_path / "poor.duckdb")) as poor:
        poor.execute(f"ATTACH '{published}' AS published (READ_ONLY)")
        poor.execute("CREATE SCHEMA marts; CREATE SCHEMA meta")
        poor.execute("CREATE TABLE marts.funding_stress_daily AS FROM published.marts.funding_stress_daily")
        poor.execute("CREATE TABLE meta.mart AS FROM published.meta.mart WHERE mart = 'funding_stress_daily'")
        row = poor.execute("SELECT id, built_at, is_simulated FROM published.meta.generation").fetchone()
        poor.execute("DETACH published")
        generation = Generation(*row, as_of=datetime(2025, 11, 4, 12))
        html = report.write(poor, tmp_path / "report", generation, [], "").read_text("utf-8")
    assert "not in this generation" in html
    assert "policy_corridor_daily" in html
    assert "Not judged" in html
    assert "2025-11-04 12:00 UTC" in html
    assert "Nothing late" not in html
    assert SIMULATED_NOTICE in html


# ---- the checks themselves: spoil the page, and each must speak


def spoilt(page: Path, folder: Path, pattern: str, replacement: str, charts: int | None = None) -> Path:
    """The page with an error, and with so many of its charts: all of them take 11 CPU s to draw."""
    html = page.read_text("utf-8")
    left = itertools.count()
    html = re.sub(
        r"<figure [^>]*data-chart=.*?</figure>",
        lambda found: found[0] if charts is None or next(left) < charts else "", html, flags=re.DOTALL,
    )  # fmt: skip
    changed, count = re.subn(pattern, lambda _: replacement, html, count=1, flags=re.DOTALL)
    assert count == 1, pattern
    path = folder / "index.html"
    path.write_text(changed, "utf-8")
    return path


NO_POLICY = r'<meta http-equiv="Content-Security-Policy"[^>]*>'


@pytest.mark.parametrize(
    ("pattern", "replacement", "check"),
    [
        (r'(?<=value=")-11\.0(?=")|(?<=<p class="big"><data class="n" value=")[^"]+', "99.0", "numbers"),
        (r'(?<=<p class="big">)(<data class="n"[^>]*>)[^<]*', None, "numbers"),
        ("<footer>", "<footer><p>SOFR will be 9.99%.</p>", "strays"),
        ("<footer>", '<footer><p data-static="prose">SOFR will be 9.99%.</p>', "static"),
        ("<footer>", '<footer><p data-static="anything">SOFR will be 9.99%.</p>', "static"),
        (r'(?<=<h3 data-static="chart">)[^<]*', "SOFR was above the ceiling on 19 of 20 days", "static"),
        ("<footer>", '<footer><img alt="" src="https://example.org/pixel.png">', "console"),
        (NO_POLICY, '<img alt="" src="https://example.org/pixel.png">', "requests"),
        ("<footer>", '<footer><script>console.error("something is wrong")</script>', "console"),
        (r'(?<=class="spec") data-of="\w+">\{.*?(?=</script>)', ' data-of="x">{"mark":"nothing"}', "charts"),
    ],
    ids=["raw", "shown", "stray", "prose", "kind", "title", "blocked-image", "image", "error", "chart"],
)  # fmt: skip
def test_what_is_spoilt_is_seen(browser, page, con, tmp_path, pattern, replacement, check):
    if replacement is None:  # the text of a number, its raw value kept
        found = re.search(pattern, page.read_text("utf-8"))
        assert found
        pattern, replacement = re.escape(found[0]), f"{found[1]}42 bp"
    path = spoilt(page, tmp_path, pattern, replacement, charts=3 if check == "charts" else None)
    look_at(browser, path, draw=check == "charts")
    seen = {
        "numbers": lambda: wrong_numbers(browser, con)[1],
        "strays": lambda: stray_digits(browser),
        "static": lambda: wrong_static(browser, con, generation_of(con)),
        "console": lambda: console(browser),
        "requests": lambda: requests(browser, path),
        "charts": lambda: undrawn(browser),
    }
    assert seen[check]() != []
