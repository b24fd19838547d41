"""Auctions of Treasury securities."""

from datetime import date, time

from ingest.catalog import Unit
from ingest.providers.fiscaldata.common import DOWNLOAD, Field, dollars, rate, table_dataset, text_column, word
from ingest.releases import Cadence, Release

AUCTIONS_QUERY = table_dataset(
    "v1/accounting/od/auctions_query",
    Cadence.WEEKLY,  # not every day has one, every week has
    text_column("cusip", "CUSIP; comes again when the security is reopened", heading="CUSIP"),
    Field(
        "auction_date",
        "date",
        "Day of the auction, up to two weeks ahead",
        None,
        False,
        wire="auction_date",
        heading="Auction Date",
    ),
    word("security_type", "Bill, Note or Bond", heading="Security Type"),
    word("security_term", "Time to run, such as 13-Week", heading="Security Term"),
    word("original_security_term", "Time to run when it was first issued", heading="Original Security Term"),
    word("reopening", "Yes when more of an old security is sold", heading="Reopening"),
    word(
        "cash_management_bill",
        "Yes for a cash management bill",
        wire="cash_management_bill_cmb",
        heading="Cash Management Bill (CMB)",
    ),
    word("floating_rate", "Yes for a floating-rate note", heading="Floating Rate"),
    word("inflation_index_security", "Yes for TIPS", heading="Inflation Index Security"),
    Field(
        "announcement_date",
        "date",
        "Day on which the auction was announced",
        wire="announcemt_date",
        heading="Announcement Date",
    ),
    Field("issue_date", "date", "Day of settlement", wire="issue_date", heading="Issue Date"),
    Field("maturity_date", "date", "Day on which it falls due", wire="maturity_date", heading="Maturity Date"),
    dollars("offering_usd", "Offered to the public", wire="offering_amt", heading="Offering Amount"),
    dollars("total_tendered_usd", "Bids, the Fed's add-on included", wire="total_tendered", heading="Total Tendered"),
    dollars(
        "total_accepted_usd",
        "Sold, the Fed's add-on included; empty until the auction",
        wire="total_accepted",
        heading="Total Accepted",
    ),
    dollars(
        "soma_accepted_usd",
        "Add-on to the Fed for maturing holdings, on top of the offering",
        wire="soma_accepted",
        heading="SOMA Accepted",
    ),
    dollars(
        "primary_dealer_accepted_usd",
        "Sold to primary dealers; from 2008-04-07",
        wire="primary_dealer_accepted",
        heading="Primary Dealer Accepted",
    ),
    dollars(
        "direct_bidder_accepted_usd",
        "Sold to other direct bidders; from 2008-04-07",
        wire="direct_bidder_accepted",
        heading="Direct Bidder Accepted",
    ),
    dollars(
        "indirect_bidder_accepted_usd",
        "Sold to customers of bidders; from 2008-04-07",
        wire="indirect_bidder_accepted",
        heading="Indirect Bidder Accepted",
    ),
    dollars(
        "noncomp_accepted_usd", "Sold without competition", wire="noncomp_accepted", heading="Noncompetitive Accepted"
    ),
    dollars(
        "fima_noncomp_accepted_usd",
        "Sold to foreign official accounts at the Fed",
        wire="fima_noncomp_accepted",
        heading="FIMA Noncompetitive Accepted",
    ),
    dollars(
        "est_public_maturing_usd",
        "Falls due to the public on the day of settlement: the same in all its rows, never add up",
        wire="est_pub_held_mat_by_type_amt",
        heading="Estimated Amount of Publicly Held Maturing Securities by Type",
    ),
    Field(
        "bid_to_cover_ratio",
        "double",
        "Bids over sales",
        Unit.RATIO,
        plausible=(0, 100),
        wire="bid_to_cover_ratio",
        heading="Bid-to-Cover Ratio",
    ),
    rate(
        "high_discount_rate_pct",
        "Highest discount rate accepted, bills",
        (-5, 25),
        wire="high_discnt_rate",
        heading="High Discount Rate",
    ),
    rate(
        "high_investment_rate_pct",
        "The same as a coupon equivalent, bills",
        (-5, 25),
        wire="high_investment_rate",
        heading="High Investment Rate",
    ),
    rate(
        "high_yield_pct", "Highest yield accepted, notes and bonds", (-5, 25), wire="high_yield", heading="High Yield"
    ),
    rate(
        "median_yield_pct",
        "Median yield of competitive bids, the average before it was",
        (-5, 25),
        wire="avg_med_yield",
        heading="Average/Median Yield",
    ),
    rate(
        "high_discount_margin_pct",
        "Highest margin accepted, floating-rate notes",
        (-5, 25),
        wire="high_discnt_margin",
        heading="High Discount Margin",
    ),
    rate("interest_rate_pct", "Coupon, a year", (0, 25), wire="int_rate", heading="Interest Rate"),
    rate(
        "allocation_pct",
        "Share allotted of bids at the highest rate",
        (0, 100),
        wire="allocation_pctage",
        heading="Allocation Percentage",
    ),
    date="auction_date",
    sort="auction_date,cusip",
    is_selection=True,  # 30 of 115 fields
    looks_ahead=True,
    title="Auctions of Treasury securities",
    by_hand=f"{DOWNLOAD}; the first columns hold no amounts, tick what you want",
    description="Announced and held auctions. An announced one is there before it is held, without results; its row is "
    "changed when they are out, so that the history of a row holds both.",
    key=("cusip", "auction_date"),
    release=Release(
        time(17, 0),
        "results come minutes after bidding closes at 11:30 or 13:00 New York; the hour of this table is remembered",
    ),
    start=date(1979, 1, 1),
    lead_days=14,  # auctions are announced up to a week ahead
    window_days=35,
    ordered=(("auction_date", "issue_date", "maturity_date"),),
    rests_on="recording of 25 bills of January 2026; six columns of the site's download of 1979-10 to 2025-12; an "
    "announced row in a public report of a live answer",
)
