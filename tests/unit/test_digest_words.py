"""Lines of the digest that follow from rows alone; the whole of it is tested in tests/pipeline/test_digest.py."""

from datetime import date, timedelta

from warehouse.log.troubles import grouped
from warehouse.publication.alerts.digest import revised, short


def test_a_restated_history_is_one_line_and_hides_no_other_revision():
    first = date(2019, 1, 2)
    restated = [("DGS10", first + timedelta(n), "changed", 2.0, 2.03 + n / 1000, "pct") for n in range(500)]
    single = ("GDP", date(2026, 7, 1), "changed", 32_772.0, 32_766.7, "usd_bn")
    gone = [("SOFR", first + timedelta(n), "withdrawn", 4.0, None, "pct") for n in range(2)]
    assert revised([*restated[:250], single, *gone, *restated[250:]]) == [
        "DGS10: 500 values of 2019-01-02 to 2020-05-15 changed, the most on 2020-05-15: 2 to 2.529 pct",
        "GDP of 2026-07-01 changed: 32,772.0 to 32,766.7 usd_bn",
        "SOFR of 2019-01-02 withdrawn: 4 to none pct",
        "SOFR of 2019-01-03 withdrawn: 4 to none pct",
    ]
    assert revised([]) == []


def test_an_error_is_told_without_the_parameters_of_its_address_and_in_three_lines():
    url = "https://api.example.gov/v1/debt_to_penny"
    assert short(f"HttpStatusError: it answered 503 (busy) to {url}?filter=date:gte:2026&page[size]=1; try again") == (
        f"HttpStatusError: it answered 503 (busy) to {url}; try again"
    )
    assert short(f"to {url}; try again later") == f"to {url}; try again later"
    assert len(short("word " * 500)) <= 243
    assert short("x\x1b[31my") == "xy"


def test_one_trouble_is_one_line_and_another_reason_is_another():
    rows = [
        ("nyfed.a", "X", "NetworkError: host: gone"),
        ("nyfed.a", "Y", "NetworkError: nyfed was given up after: host: gone"),
        ("nyfed.b", None, "NetworkError: nyfed was given up after: host: gone"),
        ("nyfed.b", None, "LayoutError: column x"),
        ("frb.c", None, "HttpStatusError: 503 to https://frb.example/c?d=e; try again"),
        ("tic.e", None, "HttpStatusError: 503 to https://tic.example/e?fields=a,b[c]; try again"),
        ("tic.f", None, "HttpStatusError: 503 to https://tic.example/f; try again"),
        *(("fred.d", f"S{n}", "UnitError: no unit") for n in range(14)),
    ]
    assert [(one.whom, one.reason, one.names) for one in grouped(rows)] == [
        ("nyfed (2 datasets)", "NetworkError: host: gone", "a, b"),
        ("nyfed.b", "LayoutError: column x", ""),
        ("frb.c", "HttpStatusError: 503 to https://frb.example/c?d=e; try again", ""),  # whole: it is the only one
        ("tic (2 datasets)", "HttpStatusError: 503 to https://tic.example; try again", "e, f"),
        ("fred.d (14 series)", "UnitError: no unit", ", ".join(f"S{n}" for n in range(12)) + ", and 2 more"),
    ]
