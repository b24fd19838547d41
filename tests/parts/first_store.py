"""The store that the first version of this project made (2026-11-22), made by code: layout, rows and bodies.

Two datasets of its catalog, five loads by two nights: two full histories, a revision, a withdrawn
row, a file saved by hand. What must not be here: anything that follows today's layout.
"""

from datetime import date, datetime

import duckdb

from ingest.payloads import Archive
from warehouse.connection import Home

_META = """
CREATE SCHEMA raw;
CREATE SCHEMA history;
CREATE SCHEMA meta;
CREATE SEQUENCE meta.load_seq;
CREATE TABLE meta.load (
    load_seq BIGINT, dataset VARCHAR, scopes VARCHAR[], known_at TIMESTAMP, loaded_at TIMESTAMP, run_id VARCHAR,
    origin VARCHAR, is_full BOOLEAN, rows_read BIGINT, rows_new BIGINT, rows_revised BIGINT, rows_deleted BIGINT,
    payload_ids VARCHAR[], source_url VARCHAR, notes VARCHAR[]);
CREATE TABLE meta.fetch (
    run_id VARCHAR, dataset VARCHAR, url VARCHAR, status INTEGER, started_at TIMESTAMP, seconds DOUBLE,
    attempts INTEGER, bytes BIGINT, payload_id VARCHAR, etag VARCHAR, last_modified VARCHAR, error VARCHAR);
CREATE TABLE meta.payload (payload_id VARCHAR, bytes BIGINT, first_seen_at TIMESTAMP, first_url VARCHAR);
CREATE TABLE meta.quarantine (
    run_id VARCHAR, dataset VARCHAR, scope VARCHAR, payload_id VARCHAR, error VARCHAR, message VARCHAR, place VARCHAR,
    url VARCHAR, quarantined_at TIMESTAMP);
CREATE TABLE meta.freshness (
    dataset VARCHAR, series VARCHAR, title VARCHAR, rows_held BIGINT, oldest_date DATE, newest_date DATE,
    due_at TIMESTAMP, is_late BOOLEAN, last_polled_at TIMESTAMP, last_error VARCHAR, last_error_at TIMESTAMP,
    checked_at TIMESTAMP);
"""
_LOG = "known_from TIMESTAMP, known_basis VARCHAR, load_seq BIGINT, is_deleted BOOLEAN, payload_id VARCHAR"
_COLUMNS = {
    "fred__observations": "series_id VARCHAR, observation_date DATE, value DOUBLE, unit VARCHAR",
    "coinbase__daily_candles": "product_id VARCHAR, candle_date DATE, open_usd_per_btc DOUBLE, "
    "high_usd_per_btc DOUBLE, low_usd_per_btc DOUBLE, close_usd_per_btc DOUBLE, volume_btc DOUBLE",
}
_KEYS = {"fred__observations": "series_id, observation_date", "coinbase__daily_candles": "product_id, candle_date"}
_FIRST, _SECOND, _SAVED = datetime(2026, 3, 5, 1), datetime(2026, 3, 6, 1), datetime(2026, 3, 4, 22)
_GRAPH = "https://fred.stlouisfed.org/graph/fredgraph.csv?id=SOFR"
_CANDLES = "https://api.exchange.coinbase.com/products/BTC-USD/candles?granularity=86400"


def make(home: Home) -> None:
    """Write it, with the bodies of its loads in the archive."""
    home.work_database.parent.mkdir(parents=True)
    archive = Archive(home.payloads)
    sofr = archive.put(b"observation_date,SOFR\n2026-03-02,4.31\n2026-03-03,4.30\n2026-03-04,4.29\n")
    revised = archive.put(b"observation_date,SOFR\n2026-03-03,4.33\n2026-03-04,4.29\n")
    saved = archive.put(b"observation_date,SOFR\n2026-03-02,4.32\n")
    candles = archive.put(b"[[1772582400, 66e3, 69e3, 67e3, 68e3, 10.5], [1772496000, 64e3, 68e3, 65e3, 67e3, 9.5]]")
    fewer = archive.put(b"[[1772582400, 66e3, 69e3, 67e3, 68e3, 10.5]]")
    with duckdb.connect(str(home.work_database)) as con:
        con.execute(_META)
        for table, columns in _COLUMNS.items():
            con.execute(f"CREATE TABLE raw.{table} ({columns}, {_LOG})")
            names = ", ".join(column.split()[0] for column in columns.split(", "))
            con.execute(
                f"CREATE VIEW history.{table} AS SELECT {names}, known_from, lead(known_from, 1, "
                f"TIMESTAMP '9999-12-31') OVER (PARTITION BY {_KEYS[table]} ORDER BY known_from, load_seq) "
                f"AS known_to, known_basis, load_seq, is_deleted, payload_id FROM raw.{table}"
            )
        monday, tuesday, wednesday = (datetime(2026, 3, day, 15) for day in (3, 4, 5))
        con.executemany(
            "INSERT INTO raw.fred__observations VALUES ('SOFR', ?, ?, 'pct', ?, ?, ?, false, ?)",
            [
                (date(2026, 3, 2), 4.31, monday, "modelled", 1, sofr),
                (date(2026, 3, 3), 4.30, tuesday, "modelled", 1, sofr),
                (date(2026, 3, 4), 4.29, min(wednesday, _FIRST), "modelled", 1, sofr),
                (date(2026, 3, 3), 4.33, _SECOND, "observed", 3, revised),
                (date(2026, 3, 2), 4.32, _SAVED, "observed", 5, saved),
                (date(2026, 3, 2), 4.31, _FIRST, "observed", 5, sofr),
            ],
        )
        over = [datetime(2026, 3, 4, 5, 5), _FIRST]
        con.executemany(
            "INSERT INTO raw.coinbase__daily_candles VALUES ('BTC-USD', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (date(2026, 3, 3), 65e3, 68e3, 64e3, 67e3, 9.5, over[0], "modelled", 2, False, candles),
                (date(2026, 3, 4), 67e3, 69e3, 66e3, 68e3, 10.5, over[1], "modelled", 2, False, candles),
                (date(2026, 3, 3), 65e3, 68e3, 64e3, 67e3, 9.5, _SECOND, "observed", 4, True, fewer),
            ],
        )
        con.executemany(
            "INSERT INTO meta.load VALUES (nextval('meta.load_seq'), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, [])",
            [
                ("fred.observations", ["SOFR"], _FIRST, _FIRST, "a", "fetch", True, 3, 3, 0, 0, [sofr], _GRAPH),
                ("coinbase.daily_candles", ["BTC-USD"], _FIRST, _FIRST, "a", "fetch", True, 2, 2, 0, 0, [candles],
                 _CANDLES),
                ("fred.observations", ["SOFR"], _SECOND, _SECOND, "b", "fetch", False, 2, 0, 1, 0, [revised],
                 f"{_GRAPH}&cosd=2026-03-03"),
                ("coinbase.daily_candles", ["BTC-USD"], _SECOND, _SECOND, "b", "fetch", False, 1, 0, 0, 1, [fewer],
                 _CANDLES),
                ("fred.observations", ["SOFR"], _SAVED, _SECOND, "c", "file", False, 1, 0, 1, 0, [saved],
                 "file:sofr.csv"),
            ],
        )  # fmt: skip
        con.execute(
            "INSERT INTO meta.fetch SELECT run_id, dataset, source_url, 200, loaded_at, 0.1, 1, 60, payload_ids[1], "
            "NULL, NULL, NULL FROM meta.load WHERE origin = 'fetch' ORDER BY load_seq"
        )
        con.execute(
            "INSERT INTO meta.payload SELECT payload_ids[1], 60, loaded_at, source_url FROM meta.load ORDER BY load_seq"
        )


DETAILS = """{"repo": {"operations": [{"operationId": "RP 030426 1", "auctionStatus": "Results",
"operationDate": "2026-03-04", "settlementDate": "2026-03-04", "maturityDate": "2026-03-05", "operationType": "Repo",
"operationMethod": "Full Allotment", "settlementType": "Same Day", "termCalenderDays": 1, "term": "Overnight",
"releaseTime": "08:15", "closeTime": "08:30", "note": "", "lastUpdated": "2026-03-04 08:30:17",
"totalAmtSubmitted": 1000000, "totalAmtAccepted": 1000000, "details": [{"securityType": "Treasury",
"amtSubmitted": 1000000, "amtAccepted": 1000000, "percentOfferingRate": 4.0}]}]}}"""


def add_operation_details(home: Home) -> None:
    """Add the load of a third dataset, whose moment of publication that version did not read."""
    payload = Archive(home.payloads).put(DETAILS.encode())
    url = "https://markets.newyorkfed.org/api/rp/results/search.json?startDate=2026-03-04&endDate=2026-03-04"
    rates = ("minimum_bid", "high", "low", "stop_out", "weighted_average", "offering", "award")
    with duckdb.connect(str(home.work_database)) as con:
        con.execute(
            "CREATE TABLE raw.nyfed__repo_operation_details (operation_id VARCHAR, security_type VARCHAR, "
            "operation_date DATE, operation_type VARCHAR, submitted_usd BIGINT, accepted_usd BIGINT, "
            f"{', '.join(f'{name}_rate_pct DOUBLE' for name in rates)}, {_LOG})"
        )
        con.execute(
            "INSERT INTO raw.nyfed__repo_operation_details VALUES ('RP 030426 1', 'Treasury', '2026-03-04', 'Repo', "
            "1000000, 1000000, NULL, NULL, NULL, NULL, NULL, 4.0, NULL, '2026-03-04 18:50', 'modelled', 6, false, ?)",
            [payload],
        )
        con.execute(
            "INSERT INTO meta.load VALUES (nextval('meta.load_seq'), 'nyfed.repo_operation_details', [''], $at, $at, "
            "'a', 'fetch', true, 1, 1, 0, 0, [$payload], $url, [])",
            {"at": _FIRST, "payload": payload, "url": url},
        )
