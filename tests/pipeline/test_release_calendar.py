"""The calendar of a real generation: mart, page and file say the same releases."""

from datetime import UTC

import vobject

from ingest.providers import DATASETS
from warehouse.connection import Home, open_published


def test_file_page_and_mart_say_the_same_releases(refreshed: Home):
    folder = refreshed.current.resolve()
    with open_published(refreshed) as con:
        (built_at,) = con.execute("SELECT built_at FROM meta.generation").fetchone()
        wanted = con.execute(
            "SELECT DISTINCT expected_at, dataset FROM marts.release_calendar "
            "WHERE state IN ('expected', 'suspended') AND expected_at > ?",
            [built_at],
        ).fetchall()
        states = dict(con.execute("SELECT state, count(*) FROM marts.release_calendar GROUP BY state").fetchall())
        (over,) = con.execute(
            "SELECT count(*) FROM meta.catalog JOIN meta.freshness USING (dataset, series) "
            "WHERE is_discontinued AND rows_held > 0"
        ).fetchone()
        datasets = {name for (name,) in con.execute("SELECT DISTINCT dataset FROM marts.release_calendar").fetchall()}
    events = vobject.readOne((folder / "calendar.ics").read_text("utf-8")).vevent_list
    found = {(event.dtstart.value.astimezone(UTC).replace(tzinfo=None), event.uid.value) for event in events}
    assert len(found) == len(events) >= 20
    assert found == {(at, f"{dataset}-{at:%Y%m%dT%H%M}@dollar-liquidity") for at, dataset in wanted}
    assert datasets == set(DATASETS)
    assert states["came"] > 500
    assert states["expected"] > 500
    assert states["withdrawn"] == over >= 1
    assert "late" not in states
    page = (folder / "report" / "index.html").read_text("utf-8")
    assert "Release calendar" in page
    section = page.partition("Release calendar</h3>")[2].partition("Every series")[0]
    assert [dataset for dataset in DATASETS if f"<td>{dataset}</td>" not in section] == []
