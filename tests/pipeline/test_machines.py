"""`liquidity mcp`: a client asks, by the library's own client, in the process and over standard input and output."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from orchestration import machines
from tests.conftest import REPOSITORY
from warehouse.connection import Home, open_published
from warehouse.generation import SIMULATED_NOTICE, marts
from warehouse.publication import query


def _talk(server: Any, talk: Callable[[Client], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Client(server) as client:
            return await talk(client)

    return asyncio.run(run())


def _asked(home: Home, tool: str, **arguments: Any) -> CallToolResult:
    return _talk(machines.server(home), lambda client: client.call_tool(tool, arguments))


def _answer(home: Home, tool: str, **arguments: Any) -> dict[str, Any]:
    result = _asked(home, tool, **arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


def test_every_answer_says_where_it_comes_from(refreshed: Home):
    generation = refreshed.current.resolve().name
    sofr = "SELECT effective_date, sofr_pct FROM funding_stress_daily WHERE effective_date = '2025-10-31'"
    answers = {
        "list_marts": {},
        "describe_mart": {"mart": "funding_stress_daily"},
        "query": {"sql": sofr},
        "as_known_at": {"dataset": "fred.observations", "moment": "2025-11-04T14:00:00"},
        "trace": {"mart": "funding_stress_daily", "where": "effective_date = '2025-10-31'", "column": "sofr_pct"},
        "latest_state": {},
    }
    found = {tool: _answer(refreshed, tool, **arguments) for tool, arguments in answers.items()}
    for tool, answer in found.items():
        assert (answer["from"]["generation"], answer["from"]["data"]) == (generation, SIMULATED_NOTICE), tool
        json.dumps(answer, allow_nan=False)
    with open_published(refreshed) as con:
        assert [line["mart"] for line in found["list_marts"]["marts"]] == marts(con)
    assert found["query"]["rows"] == [{"effective_date": "2025-10-31", "sofr_pct": 4.22}]
    assert found["query"]["units"] == {"sofr_pct": "percent (4.00 is 4 %)"}
    assert "Knowledge times:" in found["query"]["from"]["knowledge"]["funding_stress_daily"]
    assert all(column["meaning"] for column in found["describe_mart"]["columns"])
    assert {row["known_from"] <= "2025-11-04T14:00:00" for row in found["as_known_at"]["rows"]} == {True}
    (origin,) = found["trace"]["origins"]
    assert origin["values"] == {"rate_pct": 4.22}
    assert found["latest_state"]["newest"]["funding_stress_daily"]["sofr_pct"] is not None


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("COPY (SELECT 1) TO 'out.csv'", "not a query"), ("SELECT 1; SELECT 2", "2 statements"),
        ("FROM read_text('/etc/hostname')", "reads the published database alone"),
        ("ATTACH '/tmp/x.duckdb'", "not a query"), ("SET threads = 1", "not a query"),
        ("INSTALL httpfs", "not a query"),
        ("DROP TABLE marts.funding_stress_daily", "not a query"), ("FROM nothing_of_the_kind", "SQL error"),
    ],
)  # fmt: skip
def test_what_is_no_query_of_the_marts_is_refused_in_words(refreshed: Home, sql: str, why: str):
    refused = _asked(refreshed, "query", sql=sql)
    assert refused.is_error
    assert why in str(refused.content)


def test_a_query_without_end_is_stopped_and_rows_are_bounded(refreshed: Home, monkeypatch: pytest.MonkeyPatch):
    assert len(_answer(refreshed, "query", sql="FROM range(5000)", limit=10**9)["rows"]) == 1000
    monkeypatch.setattr("warehouse.publication.answers.MOST_SECONDS", 0.2)
    endless = "SELECT count(*) FROM range(10000000) AS a, range(10000000) AS b WHERE hash(a.range + b.range) % 7 = 3"
    stopped = _asked(refreshed, "query", sql=endless)
    assert stopped.is_error
    assert "longer than 0.2 s" in str(stopped.content)
    assert query.first_rows(refreshed, "SELECT 1", 1) is not None


def test_a_client_starts_it_as_a_command_and_is_told_its_tools(refreshed: Home):
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "orchestration.cli", "mcp", "--sample"], cwd=str(REPOSITORY),
        env=os.environ | {"LIQUIDITY_HOME": str(refreshed.root.parent)},
    )  # fmt: skip

    async def talk(client: Client) -> tuple[list[str], CallToolResult]:
        tools = await client.list_tools()
        return [tool.name for tool in tools.tools], await client.call_tool("query", {"sql": "SELECT 42 AS n"})

    names, answer = _talk(command, talk)
    assert names == ["list_marts", "describe_mart", "query", "as_known_at", "trace", "latest_state"]
    assert answer.structured_content["rows"] == [{"n": 42}]
