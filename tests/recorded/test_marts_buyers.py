"""Marts of the buyers from real bodies: futures of leveraged funds, foreign holdings, gold."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.recorded.bodies import auction_results


def _one(con, query: str, *parameters):
    row = con.execute(query, list(parameters)).fetchone()
    assert row is not None, query
    return row if len(row) > 1 else row[0]


@pytest.mark.parametrize(("day", "gross_short_usd_bn"), [(date(2019, 7, 30), 839), (date(2025, 4, 29), 1252)])
def test_gross_short_of_leveraged_funds(con, day: date, gross_short_usd_bn: int):
    """839 is in line with Figure 1 of the Fed's note of 2025-10-15 (about 800); 1,252 lies past its range."""
    total = "SELECT short_usd_bn, net_usd_bn, contracts_count FROM marts.basis_trade_total_weekly WHERE report_date = ?"
    short, net, contracts = _one(con, total, day)
    assert (round(short), contracts) == (gross_short_usd_bn, 6)
    assert -short < net < 0
    parts = "SELECT sum(short_usd_bn), sum(net_usd_bn) FROM marts.basis_trade_weekly WHERE report_date = ?"
    assert _one(con, parts, day) == pytest.approx((short, net), abs=1e-5)


def test_foreign_holders_come_from_the_current_table_where_it_is_whole(con):
    """Of the current table four rows were recorded: it speaks for the months that the history has not."""
    holder = (
        "SELECT holdings_usd_bn, source_table FROM marts.foreign_holdings_monthly WHERE country = ? AND month_date = ?"
    )
    assert _one(con, holder, "United Kingdom", date(2025, 12, 31)) == (866.0, "mfhhis01")
    assert _one(con, holder, "Japan", date(2026, 2, 28)) == (1239.3, "slt_table5")
    assert _one(con, holder, "Grand Total", date(2025, 12, 31)) == (9271.0, "mfhhis01")
    assert _one(con, holder, "Grand Total", date(2001, 7, 31)) == (975.9, "mfhhis01")
    # February 2025 is the first month of the current table: its change comes out of the history, not of both files.
    change = "SELECT change_usd_bn FROM marts.foreign_holdings_monthly WHERE country = ? AND month_date = ?"
    history = "SELECT holdings_usd_bn FROM history.tic__major_foreign_holders WHERE source_table = 'mfhhis01' AND {}"
    before, after = (
        _one(con, history.format("country = 'Japan' AND month_date = ?"), day)
        for day in (date(2025, 1, 31), date(2025, 2, 28))
    )
    assert _one(con, change, "Japan", date(2025, 2, 28)) == pytest.approx(after - before)


def test_foreign_totals_over_26_years(con):
    months, first, last, off = _one(
        con,
        "SELECT count(*), min(month_date), max(month_date), max(abs(countries_minus_total_usd_bn)) "
        "FROM marts.foreign_holdings_total_monthly",
    )
    assert (months, first, last) == (312, date(2000, 3, 31), date(2026, 2, 28))
    assert off <= 3
    total = (
        "SELECT official_share_pct, cayman_usd_bn, private_without_cayman_usd_bn, total_usd_bn, official_usd_bn, "
        "net_purchases_usd_bn, is_flow_comparable FROM marts.foreign_holdings_total_monthly WHERE month_date = ?"
    )
    share, cayman, private, whole, official, purchases, comparable = _one(con, total, date(2024, 12, 31))
    assert round(cayman) == 423  # against 1,850 in Form PF: what TIC does not see
    assert official + cayman + private == pytest.approx(whole)
    assert 40 < share < 50
    assert (purchases, comparable) == (None, True)  # no recording of the flows
    assert _one(con, total, date(2011, 12, 31))[1] is None  # a group of Caribbean centres stood there then


def test_gold_beside_the_holders(con):
    """F12 of the claims: gold, +20 % in the twelve months after February 2022 would be a surge; it was not."""
    gold = "SELECT gold_usd_per_ozt FROM marts.foreign_holdings_total_monthly WHERE month_date = ?"
    start, later = _one(con, gold, date(2022, 2, 28)), _one(con, gold, date(2023, 2, 28))
    assert start == pytest.approx(1856.3, abs=0.05)
    assert later == pytest.approx(1854.5, abs=0.05)
    assert _one(con, gold, date(2025, 4, 30)) == pytest.approx(3217.6, abs=0.05)


def test_auctions_are_what_the_treasury_adds_up(con, recordings: Path):
    """Competitive sales and the tenders of an auction are numbers of the bodies that no column of ours is read from."""
    body = json.loads((recordings / "fiscaldata/auctions_query_bills_2026-01.json").read_bytes())["data"]
    export = (recordings / "treasurydirect/TA_WS_securities_search_export_dharmatech.csv").read_bytes()
    sold = {row["cusip"] + row["auction_date"]: int(row["comp_accepted"]) for row in body} | {
        row["cusip"] + row["auctionDate"][:10]: int(row["competitiveAccepted"])
        for row in auction_results(export)
        if row["primaryDealerAccepted"]
    }
    held = con.execute(
        "SELECT cusip || auction_date, round(1e9 * (primary_dealer_usd_bn + direct_bidder_usd_bn + "
        "indirect_bidder_usd_bn)), abs(unattributed_usd_bn), abs(bid_to_cover_ratio - (tendered_usd_bn - soma_usd_bn) "
        "/ (total_accepted_usd_bn - soma_usd_bn)) FROM marts.treasury_auctions WHERE primary_dealer_usd_bn IS NOT NULL"
    ).fetchall()
    assert len(held) == len(sold) > 25
    assert {name: sum_of_bidders for name, sum_of_bidders, *_ in held} == sold
    assert max(left for *_, left, _ in held) < 1e-9
    assert max(off for *_, off in held) < 0.0051
