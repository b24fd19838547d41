"""What the reading of SQL makes of single queries: which series of a table may reach a column."""

from pathlib import Path

import pytest

from ingest import kept
from ingest.providers import DATASETS
from warehouse.models import lineage

FRED = DATASETS["fred.observations"]
SOURCE = '"liquidity"."history"."fred__observations"'
STAGED = f"with source as (select * from {SOURCE}), final as (select * from source where value > 0) select * from final"
STG = '"liquidity"."staging"."stg_fred"'
ALL = {series.id for series in FRED.series}


def _series(query: str, column: str = "x", **models: str) -> set[str]:
    """Series whose values reach ``column`` of a mart made by ``query``."""
    traced = lineage.trace({"stg_fred": STAGED, **models, "mart": query}, ["mart"], DATASETS.values())
    assert traced.failures == {}
    values = [flow for flow in traced.marts["mart"][column].flows if flow.column == "value"]
    return {series for flow in values for series in flow.series or ()}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"select value as x from {STG}", ALL),
        (f"select value as x from {STG} where series_id = 'WALCL'", {"WALCL"}),
        (f"select value as x from {STG} where series_id in ('WALCL', 'SOFR') and value > 0", {"WALCL", "SOFR"}),
        (f"select value as x from {STG} where series_id = 'WALCL' or series_id = 'SOFR'", {"WALCL", "SOFR"}),
        (f"select value as x from {STG} where series_id = 'WALCL' or value > 0", ALL),
        (f"select value as x from {STG} where series_id <> 'WALCL'", ALL - {"WALCL"}),
        (f"select value as x from {STG} where not (series_id not in ('WALCL'))", {"WALCL"}),
        (f"select value as x from {STG} where series_id like 'DFEDTAR_'", {"DFEDTARL", "DFEDTARU"}),
        (f"select max(value) filter (where series_id = 'WALCL') as x from {STG}", {"WALCL"}),
        (f"select max(case when series_id = 'WALCL' then value end) as x from {STG}", {"WALCL"}),
        (f"select case series_id when 'WALCL' then value when 'SOFR' then 0 end as x from {STG}", {"WALCL"}),
        (f"select case when series_id = 'WALCL' then 1 else value end as x from {STG}", ALL),
        # The outer join narrows the table that it adds, not the one it keeps.
        (f"select a.value as x from {STG} a left join {STG} b on a.series_id = 'WALCL' and b.value = 1", ALL),
        (f"select b.value as x from {STG} a left join {STG} b on b.series_id = 'WALCL'", {"WALCL"}),
        (f"select a.value as x from {STG} a join {STG} b on a.series_id = 'WALCL' and b.series_id = 'SOFR'", {"WALCL"}),
        (f"select a.value + b.value as x from {STG} a join {STG} b on a.series_id = 'WALCL' and b.series_id = 'SOFR'",
         {"WALCL", "SOFR"}),
        # A label is no series; what a condition on it lets through is not known.
        (f"with l as (select case series_id when 'WALCL' then 'a' end as label, value from {STG}) "
         "select value as x from l where label = 'a'", ALL),
        # Both tables of one row: the condition is about the first only.
        (f"with two as (select a.series_id, a.value as v1, b.value as v2 from {STG} a join {STG} b on a.unit = b.unit "
         "where b.series_id = 'SOFR') select v2 as x from two where series_id = 'WALCL'", {"SOFR"}),
        (f"with two as (select a.series_id, a.value as v1, b.value as v2 from {STG} a join {STG} b on a.unit = b.unit "
         "where b.series_id = 'SOFR') select v1 as x from two where series_id = 'WALCL'", {"WALCL"}),
        # A window over all series mixes them; one for each series does not.
        (f"with w as (select series_id, lag(value) over (order by observation_date) as v from {STG}) "
         "select v as x from w where series_id = 'WALCL'", ALL),
        (f"with w as (select series_id, max(value) over (partition by series_id) as v from {STG}) "
         "select v as x from w where series_id = 'WALCL'", {"WALCL"}),
        (f"select value as x from {STG} where series_id = 'WALCL' "
         f"union all select value from {STG} where series_id = 'SOFR'", {"WALCL", "SOFR"}),
        (f"with u as (select series_id, value from {STG} union all select 'own', 1) "
         "select value as x from u where series_id = 'WALCL'", {"WALCL"}),
        (f"select (select max(value) from {STG} where series_id = 'WALCL') as x", {"WALCL"}),
        (f"select sum(n.value) as x from (select * from {STG} where series_id = 'WALCL') as n", {"WALCL"}),
        (f"select a.value as x from {STG} a asof left join {STG} b on a.observation_date >= b.observation_date "
         "where a.series_id = 'WALCL'", {"WALCL"}),
    ],
)  # fmt: skip
def test_series_that_may_reach_a_column(query: str, expected: set[str]):
    assert _series(query) == expected


def test_a_series_read_through_another_model():
    middle = f"select observation_date, series_id, value from {STG} where series_id in ('WALCL', 'SOFR')"
    query = 'select m.value as x from "liquidity"."intermediate"."int_m" as m where m.series_id = \'SOFR\''
    assert _series(query, int_m=middle) == {"SOFR"}


def test_a_column_from_nowhere_is_no_empty_lineage():
    traced = lineage.trace(
        {"mart": f"with f as (select value from {SOURCE}) select f.valu as x from f"}, ["mart"], DATASETS.values()
    )
    assert traced.marts == {}
    assert "f.valu" in traced.failures["mart"]


def test_keys_and_dates_alone_are_no_use_of_a_series():
    date_only = lineage.trace({"mart": f"select max(observation_date) as x from {SOURCE}"}, ["mart"], [FRED])
    assert {flow.column for flow in date_only.marts["mart"]["x"].flows} == {"observation_date"}
    assert lineage.by_series(date_only.marts, [FRED]) == []
    value = lineage.trace({"mart": f"select value as x from {SOURCE} where series_id = 'SOFR'"}, ["mart"], [FRED])
    assert lineage.by_series(value.marts, [FRED]) == [("fred.observations", "SOFR", "mart")]


def test_lineage_is_worked_out_again_when_a_model_or_a_series_changes():
    before = lineage.key_of({"a": "select 1"}, [FRED])
    assert lineage.key_of({"a": "select 1"}, [FRED]) == before
    assert lineage.key_of({"a": "select 1"}, [DATASETS["frb.h41"]]) != before
    assert lineage.key_of({"a": "select 2"}, [FRED]) != before
    assert lineage.key_of({"b": "select 1"}, [FRED]) != before


def test_a_kept_trace_is_the_same_and_belongs_to_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path))
    query = f"select observation_date, value as assets from {STG} where series_id = 'WALCL'"
    asked = {"stg_fred": STAGED, "mart": query}, ["mart"], list(DATASETS.values())
    traced = lineage.kept_trace(*asked, "this SQL")
    assert traced.marts["mart"]["assets"].flows
    monkeypatch.setattr(lineage, "trace", lambda *_: pytest.fail("traced again"))
    assert lineage.kept_trace(*asked, "this SQL") == traced
    with pytest.raises(pytest.fail.Exception, match="traced again"):
        lineage.kept_trace(*asked, "other SQL")
