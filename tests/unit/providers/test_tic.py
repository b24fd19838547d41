"""TIC's two tables of major holders and its long table, on small bodies with figures of our own."""

from datetime import date, datetime
from itertools import pairwise

import httpx
import polars as pl
import pytest

from ingest.catalog import Parsed, Plan, Request
from ingest.errors import (
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnitError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform
from ingest.providers.tic import MAJOR_FOREIGN_HOLDERS as HOLDERS
from ingest.providers.tic import SLT_COUNTRY_FLOWS as FLOWS
from ingest.sample import tic as sample
from ingest.sample.world import World

JAN, FEB = date(2024, 1, 31), date(2024, 2, 29)

TABLE_5 = """Table 5: Major Foreign Holders
Holdings at end of time period
Billions of dollars

Country\t2024-02\t2024-01
Japan\t1000.5\t990
China, Mainland\t800\t810.1
Cayman Islands\t300\tn.a.
All Other\t4000\t4200
Grand Total\t6100.4\t6000.1
Of Which: Foreign Official\t3500\t3400
Of Which: Foreign Official Treasury Bills\t300\t310
Of Which: Foreign Official T-Bonds & Notes\t3200\t3090

Notes:
"Estimated\tby custodians, see FAQ
"""

HISTORY = """\t\tMAJOR FOREIGN HOLDERS\t\t
\t\t(in billions of dollars)\t\t
\t\t\t\t
\tDec\tNov\t\t
Country\t2012\t2012\t\t
\t------\t------\t\t
Japan\t1100\t1105.5\t\t
Cayman Islands\t130\t120\t\t
All Other\t4000\t3900\t\t
Grand Total\t5230\t5125.5\t\t
\t\t\t\t
Of which:\t\t\t\t
  For. Official\t4000\t3950\t\t
    Treasury Bills\t350\t340\t\t
    T-Bonds & Notes\t3650\t3610\t\t
\t\t\t\t
\tSeries 16/\tSeries\t\t
\tJun\tJun\tMay
Country\t2011\t2011\t2011
\t------\t------\t------
"China, Mainland"\t1300\t1160\t1150
United Kingdom 2/\t135\t347\t344
Carib Bnkng Ctrs 4/\t196\t147\t154
Belgium  5/\tn.a.\t30\t*
All Other\t3000\t3000\t2900
Grand Total\t4631\t4684\t4548
\t\t\t
Of which:\t\t\t
  For. Official\t3300\t3250\t3240
    Treasury Bills\t400\t410\t420
    T-Bonds & Notes\t2900\t2840\t2820
\t\t\t
*     Less than $50 million.\t\t\t
"16/   Denotes series break, see ""Aggregate Holdings"".\t\t\t
"""

FIELDS = (
    "country\tcountry_code\tdate\tfor_treas_pos\tfor_treas_net\tfor_lt_treas_pos\tfor_lt_treas_net"
    "\tfor_lt_treas_valchg\tfor_st_treas_pos\tfor_st_treas_net"
)
TABLE_3 = f"""Table 3: Treasury Securities Held by Foreign Residents 1/
Millions of dollars

Country\tCountry Code\tDate\tHoldings\tNet U.S. Sales
{FIELDS}
Japan\t42609\t2024-02\t1000500\t9000\t900500\t8000\t-500\t100000\t1000
Japan\t42609\t2023-01\t990000\tn.a.\t890000\tn.a.\tn.a.\t100000\tn.a.
Poland\t12505\t2024-02\tn.a.\tn.a.\t60500\t-320\t-95\tn.a.\tn.a.
Nowhere\t99999\t2024-02\tn.a.\tn.a.\tn.a.\tn.a.\tn.a.\tn.a.\tn.a.
Grand Total\t99996\t2024-02\t8000000\t50000\t6900000\t40000\t-3000\t1100000\t10000

1/ Held by "foreign residents".
"""


def holders(text: str, scope: str | None = None) -> Parsed:
    body = text.replace("\n", "\r\n").encode()
    return conform(HOLDERS, HOLDERS.parse(HOLDERS, body, Request("u", scope=scope)))


def flows(text: str) -> Parsed:
    return conform(FLOWS, FLOWS.parse(FLOWS, text.encode(), Request("u")))


def values(parsed: Parsed, country: str) -> dict[date, float]:
    rows = parsed.frame.filter(pl.col("country") == country)
    return dict(rows.select("month_date", "holdings_usd_bn").rows())


# --- table 5 --------------------------------------------------------------------------------------------------------


def test_the_current_table_by_month_end() -> None:
    parsed = holders(TABLE_5, "slt_table5")
    assert values(parsed, "Japan") == {FEB: 1000.5, JAN: 990}
    assert values(parsed, "China, Mainland") == {FEB: 800, JAN: 810.1}
    assert values(parsed, "Cayman Islands") == {FEB: 300}
    kinds = dict(parsed.frame.select("country", "row_kind").unique().rows())
    assert kinds == {
        "Japan": "country",
        "China, Mainland": "country",
        "Cayman Islands": "country",
        "All Other": "group",
        "Grand Total": "total",
        "Foreign Official": "official",
        "Foreign Official Treasury Bills": "official",
        "Foreign Official T-Bonds & Notes": "official",
    }
    assert set(parsed.frame["source_table"]) == {"slt_table5"}


# --- history --------------------------------------------------------------------------------------------------------


def test_the_history_reads_the_months_of_every_block() -> None:
    parsed = holders(HISTORY, "mfhhis01")
    assert values(parsed, "Japan") == {date(2012, 12, 31): 1100, date(2012, 11, 30): 1105.5}
    assert values(parsed, "China, Mainland") == {date(2011, 6, 30): 1300, date(2011, 5, 31): 1150}
    assert values(parsed, "Foreign Official T-Bonds & Notes")[date(2011, 5, 31)] == 2820
    assert set(parsed.frame["source_table"]) == {"mfhhis01"}


def test_of_two_junes_the_first_counts_and_a_note_says_so() -> None:
    parsed = holders(HISTORY)
    assert values(parsed, "United Kingdom") == {date(2011, 6, 30): 135, date(2011, 5, 31): 344}
    assert parsed.notes == ("1 columns of older series, printed for comparison only, left out",)


def test_footnote_marks_go_and_the_two_caribbeans_stay_apart() -> None:
    parsed = holders(HISTORY)
    assert set(values(parsed, "Cayman Islands")) == {date(2012, 12, 31), date(2012, 11, 30)}
    assert values(parsed, "Carib Bnkng Ctrs") == {date(2011, 6, 30): 196, date(2011, 5, 31): 154}
    assert not parsed.frame.filter(pl.col("country").str.contains(r"\d+/")).height
    kinds = dict(parsed.frame.select("country", "row_kind").unique().rows())
    assert (kinds["Carib Bnkng Ctrs"], kinds["Cayman Islands"]) == ("group", "country")


def test_not_available_is_left_out_and_a_star_is_nothing() -> None:
    assert values(holders(HISTORY), "Belgium") == {date(2011, 5, 31): 0}


@pytest.mark.parametrize(
    ("was", "now", "error", "says"),
    [
        ("Billions of dollars", "Millions of dollars", UnitError, "does not name billions"),
        ("Country\t", "Holder\t", LayoutError, "no line begins with Country"),
        (
            "Country\t2024-02\t2024-01\nJapan\t1000.5\t990\n",
            "Japan\t1000.5\t990\nCountry\t2024-02\t2024-01\n",
            LayoutError,
            "figures without a heading or a name",
        ),
        ("Japan\t", "\t", LayoutError, "figures without a heading or a name"),
        ("2024-02\t2024-01", "2024-02\tJan 2024", LayoutError, "are not months"),
        ("2024-02\t2024-01", "Feb-24\tJan-24", LayoutError, "no month and year"),
        ("Japan\t1000.5", "Japan\tabout 1000", ValueFormatError, "Japan 2024-02: 'about 1000'"),
        ("Japan\t1000.5\t990", "Japan\t1000.5\t990\t980", LayoutError, "Japan: 3 values under 2 months"),
        ("Japan\t1000.5", "Japan\t1100.5", ValueFormatError, "2024-02: the countries add up to 6200.5"),
        ("Japan\t1000.5\t990", "Japan\t990\t1000.5", ValueFormatError, "add up"),
        ("Grand Total\t6100.4\t6000.1", "Grand Total\t6100400\t6000100", UnitError, "cannot be billions"),
        ("Grand Total\t6100.4\t6000.1", "Grand Total\t6.1\t6.0", UnitError, "cannot be billions"),
        ("Grand Total\t6100.4\t6000.1", "Grand Total\t6100.4", LayoutError, "without its Grand Total"),
        ("Cayman Islands\t300\tn.a.", "Japan\t300\tn.a.", DuplicateKeyError, "share a key"),
        ("Japan\t1000.5", "Japan\t-1000.5", ValueFormatError, "add up"),
        ("Official\t3500", "Official\t-3500", ImplausibleValueError, "outside"),
    ],
)
def test_bad_tables(was: str, now: str, error: type[Exception], says: str) -> None:
    assert was in TABLE_5
    with pytest.raises(error, match=says):
        holders(TABLE_5.replace(was, now, 1))


@pytest.mark.parametrize(
    ("was", "now", "error", "says"),
    [
        ("(in billions of dollars)", "", UnitError, "does not name billions"),
        ("\tDec\tNov", "\tDez\tNov", LayoutError, "'Dez' '2012' is no month"),
        ("\t2011\t2011\t2011", "\t2011\t2011\t11p", LayoutError, "'May' '11p'"),
        ("\tJun\tJun\tMay\n", "\n", LayoutError, "no month and year"),
        ("\tJun\tJun\tMay\n", "\tJun\tJun\n", LayoutError, "'' '2011' is no month"),
        ("Grand Total\t4631\t4684\t4548\n", "", LayoutError, "without its Grand Total"),
        ("Grand Total\t4631", "Grand Total\t4731", ValueFormatError, "2011-06"),
        ("Country\t2012\t2012", "Holder\t2012\t2012", LayoutError, "figures without a heading"),  # was lost in silence
        ("\tDec\tNov\t\t\nCountry\t2012\t2012\t\t\n", "", LayoutError, "figures without a heading"),
        ("Country\t2011", "Holder\t2011", LayoutError, "values under 2 months"),
        ("\nCountry\t2012", "\n\tp\tp\nCountry\t2012", LayoutError, "'p' '2012' is no month"),
        ("\tDec\tNov", "\t\tDec\tNov", LayoutError, "no month and year"),
    ],
)
def test_bad_histories(was: str, now: str, error: type[Exception], says: str) -> None:
    assert was in HISTORY
    with pytest.raises(error, match=says):
        holders(HISTORY.replace(was, now, 1))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("\tDec\tNov", "\tRevised\tRevised\n\tDec\tNov"),  # a third heading row above the months
        ("Country\t2012\t2012\t\t\n", "Country\t2012\t2012\t\t\n\t1/\t\t\n"),  # and below the years
        ("Country\t2012", " Country\t2012"),
    ],
)
def test_more_heading_rows_give_the_same_rows(was: str, now: str) -> None:
    assert was in HISTORY
    assert holders(HISTORY.replace(was, now, 1)).frame.equals(holders(HISTORY).frame)


def test_the_other_file_than_asked_for_and_none_at_all() -> None:
    with pytest.raises(LayoutError, match="this is mfhhis01, asked was slt_table5"):
        holders(HISTORY, "slt_table5")
    for body, says in ((b"", "empty"), (b"<html>", "HTML"), (b"\xff\xfe\x00T", "UTF-8")):
        with pytest.raises(UnreadableBodyError, match=says):
            HOLDERS.parse(HOLDERS, body, Request("u"))
        with pytest.raises(UnreadableBodyError, match=says):
            FLOWS.parse(FLOWS, body, Request("u"))


# --- table 3 --------------------------------------------------------------------------------------------------------


def test_positions_and_flows() -> None:
    frame = flows(TABLE_3).frame
    japan = frame.filter((pl.col("country_code") == "42609") & (pl.col("month_date") == FEB)).row(0, named=True)
    assert japan == {
        "country_code": "42609",
        "country": "Japan",
        "month_date": FEB,
        "treasury_position_usd_mn": 1_000_500,
        "net_purchases_usd_mn": 9_000,
        "long_term_position_usd_mn": 900_500,
        "long_term_net_purchases_usd_mn": 8_000,
        "long_term_valuation_change_usd_mn": -500,
        "short_term_position_usd_mn": 100_000,
        "short_term_net_purchases_usd_mn": 1_000,
    }


def test_suppressed_cells_are_empty_and_a_row_of_them_is_left_out() -> None:
    frame = flows(TABLE_3).frame
    poland = frame.filter(pl.col("country") == "Poland").row(0, named=True)
    assert poland["treasury_position_usd_mn"] is None
    assert poland["long_term_net_purchases_usd_mn"] == -320
    before = frame.filter(pl.col("month_date") == date(2023, 1, 31))
    assert before["net_purchases_usd_mn"].to_list() == [None]
    assert "Nowhere" not in frame["country"].to_list()
    assert frame.height == 4


@pytest.mark.parametrize(
    ("was", "now", "error", "says"),
    [
        ("Millions of dollars", "Billions of dollars", UnitError, "does not name millions"),
        ("country\tcountry_code\tdate", "country\tcode\tdate", LayoutError, "no line of fields"),
        (
            TABLE_3[TABLE_3.index(FIELDS) : TABLE_3.index("Poland")],
            TABLE_3[TABLE_3.index("Japan") : TABLE_3.index("Poland")] + FIELDS + "\n",
            LayoutError,
            "figures without a heading",
        ),
        ("\tfor_lt_treas_valchg", "", LayoutError, "expected"),
        ("\tfor_st_treas_net\n", "\tfor_st_treas_net\tfor_x\n", LayoutError, "for_x"),
        ("\tfor_treas_pos\tfor_treas_net", "\tfor_treas_net\tfor_treas_pos", UnitError, "cannot be millions"),
        ("\t100000\t1000\n", "\t100000\n", ValueFormatError, "line 6"),
        ("\t100000\t1000\n", "\t100000\t1000\t7\n", ValueFormatError, "line 6"),
        ("42609\t2024-02", "42609\t2024-2", ValueFormatError, "seven figures"),
        ("42609\t2024-02", "JP\t2024-02", ValueFormatError, "seven figures"),
        ("\t1000500\t", "\t1,000,500\t", ValueFormatError, "line 6 for_treas_pos: '1,000,500'"),
        ("\t8000000\t", "\t8000\t", UnitError, "cannot be millions"),
        ("\t8000000\t", "\tn.a.\t", UnitError, "cannot be millions"),
        ("\t1000500\t", "\t1000500000\t", ImplausibleValueError, "outside"),
        ("Poland\t12505\t2024-02", "Japan\t42609\t2024-02", DuplicateKeyError, "share a key"),
    ],
)
def test_bad_long_tables(was: str, now: str, error: type[Exception], says: str) -> None:
    assert was in TABLE_3
    with pytest.raises(error, match=says):
        flows(TABLE_3.replace(was, now, 1))


NOTES = "Notes:\tn.a. means not available\n1/\tEuro area\t2024-02\t5\t7\nJapan\t42609\t2024-02\t1\t1\t1\t1\t1\t1\t1\n"


@pytest.mark.parametrize("notes", [NOTES, "\n" + NOTES, NOTES.replace("Notes:", "NOTE")])
def test_remarks_below_a_table_are_no_rows_even_with_tabs(notes: str) -> None:
    assert flows(TABLE_3 + notes).frame.equals(flows(TABLE_3).frame)
    table_5 = TABLE_5.split("\nNotes")[0]
    assert holders(table_5 + notes).frame.equals(holders(table_5).frame)


def test_a_long_table_without_rows() -> None:
    with pytest.raises(EmptyBodyError):
        flows(TABLE_3.split("Japan")[0])


# --- requests -------------------------------------------------------------------------------------------------------


def test_requests_take_everything_every_time() -> None:
    plan = Plan(date(2024, 4, 16), {"slt_table5": FEB, "mfhhis01": date(2023, 12, 31), None: FEB})
    current, history = HOLDERS.requests(HOLDERS, plan)
    assert current.url.endswith("/tic/Documents/slt_table5.txt")
    assert (current.scope, current.covers_from) == ("slt_table5", None)
    assert history.url.endswith("/tic/Documents/mfhhis01.txt")
    assert (history.scope, history.covers_from, history.covers_to) == ("mfhhis01", date(2000, 3, 31), plan.today)
    (flow,) = FLOWS.requests(FLOWS, plan)
    assert (flow.public_url.rsplit("/")[-1], flow.covers_from) == ("slt_table3.txt", date(2020, 1, 31))


def test_the_current_table_is_due_in_the_middle_of_the_second_month() -> None:
    assert HOLDERS.release_of("slt_table5").published_at(FEB).date() == date(2024, 4, 15)
    assert HOLDERS.due_at(date(2023, 12, 31), "mfhhis01").year == 2025


# --- the sample -----------------------------------------------------------------------------------------------------

WORLD = World(date(2024, 5, 1))
IN_APRIL = datetime(2024, 4, 15, 20)  # 16:00 in New York: February is just out


def file_of_sample(name: str, now: datetime = IN_APRIL) -> bytes:
    url = f"https://{sample.HOST}{sample.FOLDER}{name}"
    answer = sample.answer(WORLD, now, httpx.Request("GET", url))
    assert answer.status_code == (404 if name == "mfh.txt" else 200)
    return answer.content


def from_sample(name: str, now: datetime = IN_APRIL) -> pl.DataFrame:
    dataset = FLOWS if name == "slt_table3.txt" else HOLDERS
    request = Request("u", scope=None if dataset is FLOWS else name.removesuffix(".txt"))
    return conform(dataset, dataset.parse(dataset, file_of_sample(name, now), request)).frame


def test_the_sample_has_thirteen_months_and_the_history_whole_years() -> None:
    current, history = from_sample("slt_table5.txt"), from_sample("mfhhis01.txt")
    assert (current["month_date"].min(), current["month_date"].max()) == (date(2023, 2, 28), FEB)
    assert (history["month_date"].min(), history["month_date"].max()) == (date(2012, 1, 31), date(2023, 12, 31))
    assert set(current["country"]) == set(history["country"])
    assert file_of_sample("slt_table5.txt") == file_of_sample("slt_table5.txt")
    assert b"Not Found" in file_of_sample("mfh.txt")


def test_the_sample_s_files_agree() -> None:
    current, history = from_sample("slt_table5.txt"), from_sample("mfhhis01.txt")
    both = current.join(history, on=("country", "month_date"))
    assert both.height == 11 * current["country"].n_unique()
    assert (both["holdings_usd_bn"] - both["holdings_usd_bn_right"]).abs().max() == 0
    positions = from_sample("slt_table3.txt").select("country", "month_date", "treasury_position_usd_mn")
    both = current.join(positions, on=("country", "month_date"))
    assert both["country"].n_unique() == 16  # 15 countries and the total
    assert (both["holdings_usd_bn"] - both["treasury_position_usd_mn"] / 1000).abs().max() <= 0.051


def test_the_sample_s_newest_month_is_revised_with_the_next_release() -> None:
    before, after = (
        from_sample("slt_table5.txt", now).filter(pl.col("month_date") == JAN)
        for now in (datetime(2024, 4, 15, 19, 59), IN_APRIL)
    )
    first, second = (dict(frame.select("country", "holdings_usd_bn").rows()) for frame in (before, after))
    assert all(abs(first[name] / second[name] - 1) < 0.006 for name in first)
    assert sum(first[name] != second[name] for name in first) > 10


def test_the_sample_s_flows_explain_the_positions() -> None:
    frame = from_sample("slt_table3.txt").filter(pl.col("country_code") == "42609").sort("month_date")
    rows = frame.filter(pl.col("month_date") >= date(2023, 1, 31)).rows(named=True)
    assert rows[0]["net_purchases_usd_mn"] is None
    for before, row in pairwise(rows):
        change = row["treasury_position_usd_mn"] - before["treasury_position_usd_mn"]
        assert change == row["net_purchases_usd_mn"] + row["long_term_valuation_change_usd_mn"]
