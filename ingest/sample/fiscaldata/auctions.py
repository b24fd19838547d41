"""Simulated auctions, announced and held."""

from collections.abc import Iterator
from datetime import date, datetime, time

from ingest.calendars import new_york_to_utc
from ingest.sample import debt
from ingest.sample.fiscaldata.common import DATE, MONEY, NUMBER, TEXT, Row, Table
from ingest.sample.world import World

_AUCTION_FIELDS = {
    "record_date": ("Record Date", *DATE),
    "cusip": ("CUSIP", *TEXT),
    "security_type": ("Security Type", *TEXT),
    "security_term": ("Security Term", *TEXT),
    "auction_date": ("Auction Date", *DATE),
    "issue_date": ("Issue Date", *DATE),
    "maturity_date": ("Maturity Date", *DATE),
    "announcemt_date": ("Announcement Date", *DATE),
    "cash_management_bill_cmb": ("Cash Management Bill (CMB)", *TEXT),
    "floating_rate": ("Floating Rate", *TEXT),
    "inflation_index_security": ("Inflation Index Security", *TEXT),
    "reopening": ("Reopening", *TEXT),
    "original_security_term": ("Original Security Term", *TEXT),
    "offering_amt": ("Offering Amount", *MONEY),
    "est_pub_held_mat_by_type_amt": ("Estimated Amount of Publicly Held Maturing Securities by Type", *NUMBER),
    "int_rate": ("Interest Rate", *NUMBER),
    "total_tendered": ("Total Tendered", *NUMBER),  # from here on null until the auction
    "total_accepted": ("Total Accepted", *NUMBER),
    "soma_accepted": ("SOMA Accepted", *NUMBER),
    "primary_dealer_accepted": ("Primary Dealer Accepted", *NUMBER),
    "direct_bidder_accepted": ("Direct Bidder Accepted", *NUMBER),
    "indirect_bidder_accepted": ("Indirect Bidder Accepted", *NUMBER),
    "noncomp_accepted": ("Noncompetitive Accepted", *NUMBER),
    "fima_noncomp_accepted": ("FIMA Noncompetitive Accepted", *NUMBER),
    "bid_to_cover_ratio": ("Bid-to-Cover Ratio", *NUMBER),
    "high_discnt_rate": ("High Discount Rate", *NUMBER),
    "high_investment_rate": ("High Investment Rate", *NUMBER),
    "high_yield": ("High Yield", *NUMBER),
    "avg_med_yield": ("Average/Median Yield", *NUMBER),
    "high_discnt_margin": ("High Discount Margin", *NUMBER),
    "allocation_pctage": ("Allocation Percentage", *NUMBER),
}
_KINDS = {"Bill": "Bill", "Note": "Note", "Bond": "Bond", "TIPS": "Note", "FRN": "Note"}  # as the table calls them
_FIRST_RESULT = list(_AUCTION_FIELDS).index("total_tendered")


def _six(value: float | None) -> str:
    return "null" if value is None else f"{value:.6f}"


def _auction_rows(world: World) -> Iterator[Row]:
    """Rows after the auction, in the order of the auctions."""
    for auction in debt.auctions(world):
        kind, is_bill = auction.kind, auction.kind == "Bill"
        is_yield = kind not in ("Bill", "FRN")
        noncompetitive, foreign = (auction.accepted_usd // n * 100 for n in (5_000, 10_000))
        bid_for = auction.accepted_usd - auction.soma_usd - noncompetitive - foreign
        parts = world.rng("bidders", auction.cusip, auction.held)
        dealers, direct = (int(bid_for * parts.uniform(*span)) // 100 * 100 for span in ((0.1, 0.35), (0.08, 0.25)))
        bids = round(auction.cover * (auction.accepted_usd - auction.soma_usd)) + auction.soma_usd
        draw = world.rng("allotment", auction.cusip, auction.held)
        _, matured = world.debt_cash_usd_mn(auction.issued)
        yield (
            str(auction.issued), auction.cusip, _KINDS[kind], auction.term,
            str(auction.held), str(auction.issued), str(auction.maturity), str(auction.announced),
            *("Yes" if flag else "No" for flag in (
                auction.is_cash_management, kind == "FRN", kind == "TIPS", auction.is_reopening
            )),
            "26-Week" if is_bill and auction.is_reopening else auction.term,
            str(auction.offering_usd), str(matured * 1_000_000),
            _six(debt.coupon_pct(world, kind, auction.maturity)),
            *map(str, (bids, auction.accepted_usd, auction.soma_usd, dealers, direct, bid_for - dealers - direct)),
            str(noncompetitive), str(foreign), _six(auction.cover),
            _six(auction.yield_pct if is_bill else None), _six(auction.yield_pct * 1.02 if is_bill else None),
            _six(auction.yield_pct if is_yield else None),
            _six(auction.yield_pct - 0.03 if is_yield else None),
            _six(0.12 if kind == "FRN" else None),
            _six(draw.uniform(5, 95)),
        )  # fmt: skip


def _auction_as_of(row: Row, now: datetime) -> Row | None:
    """Not there before 11:00 of the announcement, without results until 13:05 of the auction."""
    named = dict(zip(_AUCTION_FIELDS, row, strict=True))
    if new_york_to_utc(date.fromisoformat(named["announcemt_date"]), time(11)) > now:
        return None
    if new_york_to_utc(date.fromisoformat(named["auction_date"]), time(13, 5)) > now:
        return (*row[:_FIRST_RESULT], *("null",) * (len(row) - _FIRST_RESULT))
    return row


TABLES = {
    "v1/accounting/od/auctions_query": Table(_AUCTION_FIELDS, _auction_rows, _auction_as_of, is_ahead=True),
}
