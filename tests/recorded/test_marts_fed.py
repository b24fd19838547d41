"""Marts of the Fed's operations on recorded bodies, against other publishers' counts of the same thing."""

from __future__ import annotations


def test_agency_securities_of_soma_are_those_of_h41(con):
    """Securities held outright less Treasuries, by FRED, in each month with a portfolio on a Wednesday."""
    months, worst = con.execute(
        "WITH h41 AS (SELECT observation_date, max(value) FILTER (series_id = 'WSHOSHO') AS securities, "
        "max(value) FILTER (series_id = 'TREAST') AS treasuries FROM history.fred__observations "
        "WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted AND unit = 'usd_mn' GROUP BY 1) "
        "SELECT count(*), max(abs(soma_par_usd_bn - (securities - treasuries) / 1e3)) "
        "FROM marts.fed_purchases_monthly JOIN h41 ON observation_date = soma_date "
        "WHERE security_kind = 'agency' AND securities IS NOT NULL AND treasuries IS NOT NULL"
    ).fetchone()
    assert months == 265
    assert worst <= 0.0010001  # each of the two is printed in millions
