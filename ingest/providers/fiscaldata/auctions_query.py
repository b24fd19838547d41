"""Auctions of Treasury securities."""

from __future__ import annotations

from datetime import date, time

from ingest.catalog import Cadence, Column, Release, Unit
from ingest.providers.fiscaldata.common import DOWNLOAD, Field, Table, dollars, rate, table_dataset, text_column, word

AUCTIONS_QUERY = table_dataset(
    Table(
        "v1/accounting/od/auctions_query",
        (
            Field("cusip", "CUSIP", text_column("cusip", "CUSIP; comes again when the security is reopened")),
            Field(
                "auction_date",
                "Auction Date",
                Column("auction_date", "date", "Day of the auction, up to two weeks ahead", None, False),
            ),
            Field("security_type", "Security Type", word("security_type", "Bill, Note or Bond")),
            Field("security_term", "Security Term", word("security_term", "Time to run, such as 13-Week")),
            Field(
                "original_security_term",
                "Original Security Term",
                word("original_security_term", "Time to run when it was first issued"),
            ),
            Field("reopening", "Reopening", word("reopening", "Yes when more of an old security is sold")),
            Field(
                "cash_management_bill_cmb",
                "Cash Management Bill (CMB)",
                word("cash_management_bill", "Yes for a cash management bill"),
            ),
            Field("floating_rate", "Floating Rate", word("floating_rate", "Yes for a floating-rate note")),
            Field(
                "inflation_index_security",
                "Inflation Index Security",
                word("inflation_index_security", "Yes for TIPS"),
            ),
            Field(
                "announcemt_date",
                "Announcement Date",
                Column("announcement_date", "date", "Day on which the auction was announced"),
            ),
            Field("issue_date", "Issue Date", Column("issue_date", "date", "Day of settlement")),
            Field("maturity_date", "Maturity Date", Column("maturity_date", "date", "Day on which it falls due")),
            Field("offering_amt", "Offering Amount", dollars("offering_usd", "Offered to the public")),
            Field("total_tendered", "Total Tendered", dollars("total_tendered_usd", "Bids, the Fed's add-on included")),
            Field(
                "total_accepted",
                "Total Accepted",
                dollars("total_accepted_usd", "Sold, the Fed's add-on included; empty until the auction"),
            ),
            Field(
                "soma_accepted",
                "SOMA Accepted",
                dollars("soma_accepted_usd", "Add-on to the Fed for maturing holdings, on top of the offering"),
            ),
            Field(
                "primary_dealer_accepted",
                "Primary Dealer Accepted",
                dollars("primary_dealer_accepted_usd", "Sold to primary dealers; from 2008-04-07"),
            ),
            Field(
                "direct_bidder_accepted",
                "Direct Bidder Accepted",
                dollars("direct_bidder_accepted_usd", "Sold to other direct bidders; from 2008-04-07"),
            ),
            Field(
                "indirect_bidder_accepted",
                "Indirect Bidder Accepted",
                dollars("indirect_bidder_accepted_usd", "Sold to customers of bidders; from 2008-04-07"),
            ),
            Field(
                "noncomp_accepted",
                "Noncompetitive Accepted",
                dollars("noncomp_accepted_usd", "Sold without competition"),
            ),
            Field(
                "fima_noncomp_accepted",
                "FIMA Noncompetitive Accepted",
                dollars("fima_noncomp_accepted_usd", "Sold to foreign official accounts at the Fed"),
            ),
            Field(
                "est_pub_held_mat_by_type_amt",
                "Estimated Amount of Publicly Held Maturing Securities by Type",
                dollars(
                    "est_public_maturing_usd",
                    "Falls due to the public on the day of settlement: the same in all its rows, never add up",
                ),
            ),
            Field(
                "bid_to_cover_ratio",
                "Bid-to-Cover Ratio",
                Column("bid_to_cover_ratio", "double", "Bids over sales", Unit.RATIO, plausible=(0, 100)),
            ),
            Field(
                "high_discnt_rate",
                "High Discount Rate",
                rate("high_discount_rate_pct", "Highest discount rate accepted, bills", (-5, 25)),
            ),
            Field(
                "high_investment_rate",
                "High Investment Rate",
                rate("high_investment_rate_pct", "The same as a coupon equivalent, bills", (-5, 25)),
            ),
            Field(
                "high_yield",
                "High Yield",
                rate("high_yield_pct", "Highest yield accepted, notes and bonds", (-5, 25)),
            ),
            Field(
                "avg_med_yield",
                "Average/Median Yield",
                rate("median_yield_pct", "Median yield of competitive bids, the average before it was", (-5, 25)),
            ),
            Field(
                "high_discnt_margin",
                "High Discount Margin",
                rate("high_discount_margin_pct", "Highest margin accepted, floating-rate notes", (-5, 25)),
            ),
            Field("int_rate", "Interest Rate", rate("interest_rate_pct", "Coupon, a year", (0, 25))),
            Field(
                "allocation_pctage",
                "Allocation Percentage",
                rate("allocation_pct", "Share allotted of bids at the highest rate", (0, 100)),
            ),
        ),
        date="auction_date",
        sort="auction_date,cusip",
        is_selection=True,  # 30 of 115 fields
        looks_ahead=True,
    ),
    name="auctions_query",
    title="Auctions of Treasury securities",
    by_hand=f"{DOWNLOAD}; the first columns hold no amounts, tick what you want",
    description="Announced and held auctions. An announced one is there before it is held, without results; its row is "
    "changed when they are out, so that the history of a row holds both.",
    key=("cusip", "auction_date"),
    cadence=Cadence.WEEKLY,  # not every day has one, every week has
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
