"""`liquidity mcp`: a client asks, by the library's own client, in the process and over standard input and output."""

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
from warehouse.generation import SIMULATED_NOTICE, marts, sha256_of
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
    for tool in ("describe_mart", "query", "trace", "latest_state"):
        assert "Knowledge times:" in found[tool]["from"]["knowledge"]["funding_stress_daily"], tool
    bases = {row["known_basis"] for row in found["as_known_at"]["rows"]}
    assert bases <= {"observed", "stamped", "vintage", "modelled"}
    assert found["trace"]["units"]["sofr_pct"] == found["latest_state"]["units"]["sofr_pct"] == "percent (4.00 is 4 %)"
    assert all(column["meaning"] for column in found["describe_mart"]["columns"])
    assert {row["known_from"] <= "2025-11-04T14:00:00" for row in found["as_known_at"]["rows"]} == {True}
    (origin,) = found["trace"]["origins"]
    assert origin["values"] == {"rate_pct": 4.22}
    assert found["latest_state"]["newest"]["funding_stress_daily"]["sofr_pct"] is not None


# What is refused, by a part of the words that say why.
HOSTILE = {
    "not a query": [
        "DROP TABLE marts.funding_stress_daily", "DELETE FROM marts.funding_stress_daily", "CREATE TABLE x (n INT)",
        "UPDATE marts.funding_stress_daily SET sofr_pct = 0", "INSERT INTO meta.mart SELECT * FROM meta.mart",
        "ALTER TABLE marts.funding_stress_daily RENAME TO x", "CREATE MACRO f() AS 1", "CREATE SECRET (TYPE s3)",
        "/* a comment */ TRUNCATE marts.funding_stress_daily", "COPY (SELECT 1) TO 'out.csv'",
        "COPY marts.funding_stress_daily FROM '/etc/hostname'", "EXPORT DATABASE 'out'",
        "ATTACH '/tmp/x.duckdb'", "DETACH liquidity", "USE memory", "INSTALL httpfs", "LOAD httpfs", "CHECKPOINT",
        "SET threads = 1", "RESET threads", "SET lock_configuration = false", "SET enable_external_access = true",
        "SET VARIABLE x = 1", "CALL force_checkpoint()", "PREPARE p AS SELECT 1", "EXECUTE p", "BEGIN", "VACUUM",
    ],
    "2 statements": ["SELECT 1; SELECT 2", "SELECT 1; DROP TABLE marts.funding_stress_daily"],
    "reads the published database alone": [
        "FROM read_text('/etc/hostname')", "FROM read_blob('/etc/hostname')", "FROM read_csv('/etc/hostname')",
        "FROM read_json('http://127.0.0.1:1/x')", "FROM read_parquet('s3://desk/x.parquet')", "FROM glob('/etc/*')",
        "IMPORT DATABASE '/tmp'",
        "FROM read_duckdb('/tmp/x.duckdb')", "FROM 'https://127.0.0.1:1/x.parquet'", "FROM sniff_csv('/etc/hostname')",
        "EXPLAIN ANALYZE FROM read_text('/etc/hostname')",
        "SELECT (SELECT content FROM read_text('/etc/hostname')) FROM funding_stress_daily",
        "WITH x AS (FROM read_text('/etc/hostname')) FROM x", "FROM query('FROM read_text(''/etc/hostname'')')",
    ],
    "SQL error": ["FROM nothing_of_the_kind", "SELECT 1); DROP TABLE marts.mart; --", "FROM '/etc/hostname'"],
}  # fmt: skip


@pytest.mark.slow
def test_what_is_no_query_of_the_marts_is_refused_in_words(refreshed: Home):
    before = sha256_of(refreshed.published_database)
    asked = {sql: why for why, statements in HOSTILE.items() for sql in statements}

    async def talk(client: Client) -> dict[str, CallToolResult]:
        return {sql: await client.call_tool("query", {"sql": sql}) for sql in asked}

    told = _talk(machines.server(refreshed), talk)
    assert {sql: str(told[sql].content) for sql, why in asked.items() if why not in str(told[sql].content)} == {}
    assert [sql for sql, answer in told.items() if not answer.is_error] == []
    assert sha256_of(refreshed.published_database) == before
    settings = ("enable_external_access", "lock_configuration", "access_mode")
    chosen = ", ".join(f"current_setting('{name}') AS {name}" for name in settings)
    assert [*_answer(refreshed, "query", sql=f"SELECT {chosen}")["rows"][0].values()] == [False, True, "read_only"]


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
