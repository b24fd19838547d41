"""The simulated economy that the sample providers publish. Every value here is SIMULATED, none is a quotation.

What is real are the dates and the dated facts around which the values are drawn: the target range and the administered
rates (`dbt_project/seeds`), the month-end levels of `monthly_levels.csv`, which are hit exactly, and the days of known
episodes (September 2019, March 2020, autumn 2025). Everything between them is noise from `random.Random`, seeded with
the name of the series and the date of the fact it starts from, so that the value of a date never depends on `today`.

Balances are whole millions of US dollars, rates percent, candles US dollars a bitcoin. What must not be here: wire
formats, HTTP, and when a value becomes public; that is what the encoders beside this file are for.
"""

from __future__ import annotations

import csv
import math
import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

from ingest.calendars import Calendar, add_business_days, business_days
from ingest.locations import PROJECT

FIRST = date(2018, 1, 1)  # first published date of everything but SOFR, TGCR, BGCR, bitcoin and what is slow
SLOW_FIRST = date(
    1998, 1, 1
)  # of banks, holders of the debt and deficits; national accounts and the debt go further back
SOFR_START = date(2018, 4, 3)
_ROOT_OF_TWO = math.sqrt(2)
_WARM_UP = date(2017, 10, 1)  # start of fiscal year 2018, so that year-to-date sums and week averages are whole
_DAY = timedelta(days=1)

MONTHLY_LEVELS = Path(__file__).with_name("monthly_levels.csv")
# What the Treasury published. By month: the deficit as the month's own statement printed it (Monthly Treasury
# Statement, FRED MTSDS133FMS), debt on the last day (Debt to the Penny), issues and redemptions (Daily Treasury
# Statement, table III-A). By fiscal year: the deficit of September's statement, as restated a year later, and in the
# budget (FYFSD).
TREASURY_MONTHS = Path(__file__).with_name("treasury_months.csv")
FISCAL_YEARS = Path(__file__).with_name("fiscal_years.csv")
SEEDS = PROJECT / "seeds"

Knots = list[tuple[date, float]]
# Transaction type, marketability, security type, its description ("null" for none).
DebtLine = tuple[str, str, str, str]


def _knots(text: str) -> Knots:
    """Knots from `2018-01 2.5, 2019-06-30 3`; a month alone means its first day."""
    pairs = (item.split() for item in text.split(","))
    return [(date.fromisoformat(day if len(day) > 7 else f"{day}-01"), float(value)) for day, value in pairs]


# Levels in USD billions where monthly_levels.csv has none; rounded by hand, only the shape matters.
_CURRENCY = _knots(
    "2017-10 1580, 2019-01 1705, 2020-01 1800, 2021-01 2090, 2022-01 2230, 2023-01 2300, 2024-01 2340, 2025-01 2355, "
    "2026-01 2430, 2031-01 2700"
)
# Loans of the Fed by kind: the spring of 2020, the ides of March 2023, and the year of the Bank Term Funding Program.
_LOANS = {
    "primary_credit": _knots(
        "2017-10 0.02, 2020-03-04 0.01, 2020-03-25 50, 2020-07-01 6, 2021-06-30 0.6, 2022-12-28 5, 2023-03-08 4.6, "
        "2023-03-15 152.9, 2023-03-22 110.2, 2023-03-29 88.2, 2023-04-26 73.9, 2023-05-10 9.3, 2023-12-27 2.6, "
        "2025-08-06 4.9, 2031-01 7"
    ),
    "term_funding": _knots(
        "2017-10 0, 2023-03-08 0, 2023-03-15 11.9, 2023-03-22 53.7, 2023-03-29 64.4, 2023-05-31 93.6, 2023-10-25 109, "
        "2024-01-24 167.8, 2024-03-27 131, 2024-06-26 106, 2025-01-22 2, 2025-03-12 0, 2031-01 0"
    ),
    "other_credit": _knots(
        "2017-10 0.1, 2020-04-15 0.1, 2020-07-01 68, 2021-06-30 90, 2021-12-29 34, 2023-03-08 10.6, 2023-03-15 153.3, "
        "2023-03-22 190.3, 2023-04-26 179, 2023-05-03 237, 2023-07-26 150, 2023-11-29 4, 2025-06 0.1, 2031-01 0.1"
    ),
}
_FOREIGN_POOL = _knots(
    "2017-10 240, 2019-12 270, 2020-12 215, 2021-12 270, 2022-12 350, 2023-12 355, 2024-12 390, 2025-06 375, "
    "2025-12 355, 2031-01 360"
)
_BILLS_IN_SOMA = _knots(
    "2017-10 0, 2019-10-14 0, 2020-03-15 250, 2020-04-15 326, 2022-06 326, 2023-01 290, 2024-05 195, 2025-12-11 195, "
    "2026-01-14 250, 2026-04-29 440, 2026-07-29 505, 2031-01 1200"
)
_TIPS_IN_SOMA = _knots("2017-10 115, 2020-03 140, 2022-06 385, 2024-06 345, 2025-11 310, 2031-01 290")
_TIPS_COMPENSATION = _knots("2017-10 20, 2020-03 24, 2022-06 80, 2023-06 105, 2025-11 113, 2031-01 125")
_FRN_IN_SOMA = _knots("2017-10 17, 2020-03 20, 2022-06 27, 2024-06 14, 2031-01 14")
# Before the world begins: round published levels of some quarters, USD billions (of PSAVERT some months, percent).
PAST = {
    "GDP": _knots(
        "1947-01 243, 1949-01 275, 1951-01 336, 1953-01 388, 1955-01 413, 1957-01 470, 1959-01 510, 1961-01 545, "
        "1963-01 622, 1965-01 718, 1967-01 844, 1969-01 993, 1971-01 1135, 1973-01 1377, 1975-01 1616, 1977-01 1989, "
        "1979-01 2527, 1981-01 3124, 1983-01 3473, 1985-01 4230, 1987-01 4722, 1989-01 5511, 1991-01 6035, "
        "1993-01 6729, 1995-01 7522, 1997-01 8363, 1999-01 9412, 2001-01 10470, 2003-01 11174, 2005-01 12767, "
        "2007-01 14216, 2009-01 14431, 2011-01 15351, 2013-01 16648, 2015-01 18064, 2017-01 19280"
    ),
    "PSAVERT": _knots(
        "1959-01 11.3, 1962-01 11.3, 1965-01 12.1, 1968-01 11.7, 1971-01 13.3, 1974-01 14.3, 1977-01 10.6, "
        "1980-01 9.9, 1983-01 11.1, 1986-01 8.7, 1989-01 8.5, 1992-01 9.5, 1995-01 7.3, 1998-01 7.0, 2001-01 4.5, "
        "2004-01 4.6, 2007-01 2.4, 2010-01 5.6, 2013-01 4.9, 2016-01 6.1"
    ),
    "GFDEBTN": _knots(
        "1966-01 321, 1968-07 355, 1971-07 412, 1974-07 481, 1977-07 699, 1980-07 908, 1983-07 1377, 1986-07 2125, "
        "1989-07 2857, 1992-07 4065, 1995-07 4974, 1998-07 5526, 2001-07 5807, 2004-07 7379, 2007-07 9008, "
        "2009-01 11127, 2010-07 13562, 2012-01 15607, 2014-01 17601, 2016-07 19573"
    ),
    "FYGFDPUN": _knots(
        "1970-01 281, 1972-07 320, 1975-07 411, 1978-07 604, 1981-07 790, 1984-07 1309, 1987-07 1893, 1990-07 2438, "
        "1993-07 3295, 1996-07 3778, 1999-07 3668, 2002-07 3553, 2005-07 4601, 2008-01 5334, 2009-01 6836, "
        "2010-01 8294, 2011-07 10132, 2014-01 12643, 2016-01 13930"
    ),
    "Fed's Treasuries": _knots(
        "1998-01 431, 2003-01 629, 2007-07 790, 2009-01 475, 2010-10 850, 2011-07 1640, 2012-10 1666, 2014-10 2460"
    ),
    "reserves": _knots("1998-01 20, 2008-07 20, 2009-01 800, 2012-10 1500, 2014-10 2600, 2017-10 2200"),
}
# Who holds the debt: levels rounded by hand, USD billions, only the shape matters.
BANKS_USD_BN = {
    "TNML": _knots("2017-10 430, 2020-03 520, 2021-12 1150, 2023-03 1050, 2025-12 1250, 2031-01 1900"),
    "TNMS": _knots("2017-10 150, 2020-03 190, 2021-12 300, 2023-03 280, 2025-12 330, 2031-01 450"),
    "TNMF": _knots("2017-10 120, 2021-12 180, 2025-12 260, 2031-01 350"),
    "TMB": _knots("2017-10 1800, 2020-03 2050, 2021-12 2900, 2023-03 2600, 2025-12 2650, 2031-01 2900"),
    "TLA": _knots("2017-10 16700, 2019-12 17800, 2020-12 20500, 2022-12 22800, 2025-01 24000, 2031-01 30000"),
    "DPS": _knots("2017-10 12100, 2020-02 13300, 2021-12 18100, 2023-06 17300, 2025-11 18400, 2031-01 22500"),
}
HOLDERS_USD_BN = {
    "HNOTSAQ027S": _knots("2017-10 1500, 2019-12 1700, 2021-09 700, 2023-06 2300, 2026-04 2830, 2031-01 3900"),
    "official": _knots("2017-10 4100, 2021-12 4200, 2022-10 3700, 2026-04 3900, 2031-01 4200"),
    "private": _knots("2017-10 2150, 2021-12 3500, 2022-10 3500, 2026-04 5370, 2031-01 7800"),
    "BOGZ1FL763061100Q": _knots("2017-10 550, 2020-03 750, 2021-12 1650, 2023-03 1500, 2026-04 1800, 2031-01 2500"),
    "BOGZ1FL633061105Q": _knots("2017-10 750, 2019-12 1050, 2020-06 2250, 2022-12 1000, 2026-04 3430, 2031-01 4800"),
    "BOGZ1FL653061105Q": _knots("2017-10 1000, 2021-12 1450, 2026-04 1730, 2031-01 2300"),
    "BOGZ1FL573061105Q": _knots("2017-10 300, 2026-04 570, 2031-01 700"),
    "BOGZ1FL223061143Q": _knots("2017-10 280, 2026-04 560, 2031-01 700"),
    "BOGZ1FL543061105Q": _knots("2017-10 190, 2026-04 219, 2031-01 260"),
    "BOGZ1FL513061105Q": _knots("2017-10 120, 2026-04 405, 2031-01 520"),
    "BOGZ1FL213061103Q": _knots("2017-10 700, 2021-12 1350, 2026-04 1650, 2031-01 2000"),
    "BOGZ1FL623061103Q": _knots("2017-10 90, 2020-02 330, 2021-12 60, 2026-04 120, 2031-01 200"),
    "BOGZ1FL663061105Q": _knots("2017-10 90, 2019-12 190, 2021-09 80, 2026-04 400, 2031-01 550"),
}
MONEY_FUNDS_USD_BN = _knots(
    "1998-01 1142, 2001-01 2035, 2004-01 1993, 2008-07 3420, 2011-01 2727, 2014-01 2637, 2017-10 2850, 2019-12 4000, "
    "2020-06 5100, 2022-09 5100, 2024-01 6300, 2026-04 8000, 2031-01 11500"
)
# What the holders above had when 1998 began; from there a straight line.
HELD_1998_USD_BN = {
    "TNML": 120,
    "TNMS": 60,
    "TNMF": 40,
    "TMB": 700,
    "TLA": 5000,
    "DPS": 3400,
    "HNOTSAQ027S": 850,
    "official": 620,
    "private": 640,
    "BOGZ1FL763061100Q": 270,
    "BOGZ1FL633061105Q": 90,
    "BOGZ1FL653061105Q": 190,
    "BOGZ1FL573061105Q": 220,
    "BOGZ1FL223061143Q": 170,
    "BOGZ1FL543061105Q": 130,
    "BOGZ1FL513061105Q": 60,
    "BOGZ1FL213061103Q": 280,
    "BOGZ1FL623061103Q": 20,
    "BOGZ1FL663061105Q": 20,
}
CUSTODY_USD_BN = _knots(
    "2017-10 3070, 2020-02 2990, 2020-04 2870, 2021-12 3050, 2025-06 2870, 2026-09 2600, 2031-01 2400"
)

COUPON_PURCHASES = (date(2020, 3, 18), date(2022, 3, 9))
_BOUGHT = ("bills", "notesbonds")
NO_FRN = (date(2026, 7, 1), date(2026, 8, 31))  # the real summary printed frn as "" again in July 2026

# Basis points of SOFR above interest on reserves, away from month-ends, and how hard a month-end presses on it.
_SOFR_OVER_IORB_BP = _knots(
    "2018-04 -2, 2018-12 0, 2019-04 5, 2019-08 3, 2019-10 2, 2020-02 -1, 2020-03-20 -8, 2020-06 -3, 2021-01 -5, "
    "2021-04 -9, 2022-12 -10, 2023-12 -8, 2025-01 -8, 2025-08 -5, 2025-09-10 0, 2025-10-10 5, 2025-11-10 6, "
    "2025-12-20 3, 2026-01-20 -1, 2026-04 -2, 2026-05-20 -7, 2026-07 -3, 2031-01 -3"
)
_SCARCITY = _knots(
    "2018-04 1, 2020-02 1, 2020-04 .1, 2022-06 .1, 2023-09 .4, 2024-09 1, 2025-08 1.2, 2025-10 1.8, 2026-02 1"
)
# SOFR of autumn 2025 and its 99th percentile, percent, as the New York Fed published them.
_SOFR_AUTUMN = """
    2025-09-15 4.51 4.68, 2025-09-16 4.39 4.51, 2025-09-17 4.38 4.46, 2025-09-18 4.14 4.39, 2025-09-19 4.14 4.23,
    2025-09-22 4.14 4.23, 2025-09-23 4.12 4.20, 2025-09-24 4.13 4.23, 2025-09-25 4.18 4.28, 2025-09-26 4.16 4.26,
    2025-09-29 4.13 4.24, 2025-09-30 4.24 4.38, 2025-10-01 4.20 4.29, 2025-10-02 4.20 4.28, 2025-10-03 4.18 4.27,
    2025-10-06 4.15 4.24, 2025-10-07 4.14 4.23, 2025-10-08 4.12 4.20, 2025-10-09 4.13 4.21, 2025-10-10 4.15 4.23,
    2025-10-14 4.19 4.30, 2025-10-15 4.29 4.39, 2025-10-16 4.30 4.41, 2025-10-17 4.18 4.30, 2025-10-20 4.16 4.26,
    2025-10-21 4.23 4.33, 2025-10-22 4.21 4.29, 2025-10-23 4.24 4.33, 2025-10-24 4.24 4.33, 2025-10-27 4.27 4.36,
    2025-10-28 4.31 4.42, 2025-10-29 4.27 4.36, 2025-10-30 4.04 4.27, 2025-10-31 4.22 4.35, 2025-11-03 4.13 4.23,
    2025-11-04 4.00 4.14, 2025-11-05 3.91 4.01, 2025-11-06 3.92 4.01, 2025-11-07 3.93 4.01, 2025-11-10 3.95 4.05,
    2025-11-12 3.98 4.07, 2025-11-13 4.00 4.10, 2025-11-14 3.95 4.05, 2025-11-17 4.00 4.08, 2025-11-18 3.94 4.03,
    2025-11-19 3.91 3.98, 2025-11-20 3.91 4.00
"""
_SOFR_EPISODES_PCT = {  # rate, and 99th percentile where it is known
    date(2019, 9, 16): (2.43, None),
    date(2019, 9, 17): (5.25, 9.0),
    date(2019, 9, 18): (2.54, None),
    date(2019, 9, 19): (1.96, None),
    date(2020, 3, 16): (0.26, None),
    date(2020, 3, 17): (0.54, None),
    date(2024, 6, 6): (5.33, 5.44),
    **{
        date.fromisoformat(day): (float(rate), float(top))
        for day, rate, top in (item.split() for item in _SOFR_AUTUMN.split(","))
    },
    date(2025, 12, 1): (4.10, None),
    date(2025, 12, 30): (3.78, None),
    date(2026, 1, 2): (3.74, None),
}
_EFFR_EPISODES = dict(_knots("2019-09-16 2.25, 2019-09-17 2.30"))  # the second is above the range, as it was
_SOFR_VOLUME_USD_BN = _knots(
    "2018-04 800, 2019-01 1000, 2019-12 1150, 2020-12 930, 2021-12 900, 2022-12 1050, 2023-06 1400, 2024-01 1800, "
    "2024-12 2250, 2025-06 2750, 2025-12 3050, 2026-06 3200, 2031-01 4200"
)

# Primary dealers' lines in USD billions, the shape as it is remembered: long coupons, then repo that doubled.
_DEALERS_USD_BN = {
    "PDPOSGS-B": _knots(
        "2018-01 18, 2019-12 40, 2020-07 60, 2021-09 15, 2023-06 70, 2024-06 80, 2026-01 90, 2031-01 110"
    ),
    "PDPOSGS-BFRN": _knots("2018-01 8, 2020-06 15, 2022-01 6, 2026-01 12, 2031-01 14"),
    "PDPOSGSC-L2": _knots("2018-01 25, 2019-06 50, 2021-06 20, 2023-12 45, 2025-06 70, 2031-01 90"),
    "PDPOSGSC-G2L3": _knots("2018-01 5, 2021-06 6, 2025-06 15, 2031-01 20"),
    "PDPOSGSC-G3L6": _knots("2018-01 20, 2020-03 32, 2021-06 15, 2023-06 35, 2025-06 70, 2031-01 85"),
    "PDPOSGSC-G6L7": _knots("2018-01 8, 2021-06 10, 2025-06 20, 2031-01 26"),
    "PDPOSGSC-G7L11": _knots("2018-01 -8, 2019-06 12, 2021-06 4, 2023-06 10, 2025-06 22, 2031-01 28"),
    "PDPOSGSC-G11L21": _knots("2022-01 14, 2023-12 20, 2025-12 26, 2031-01 32"),
    "PDPOSGSC-G21": _knots("2022-01 18, 2023-12 26, 2025-12 32, 2031-01 40"),
    "PDPOSTIPS-L2": _knots("2018-01 3, 2026-01 5, 2031-01 6"),
    "PDPOSTIPS-G2": _knots("2018-01 5, 2026-01 8, 2031-01 9"),
    "PDPOSTIPS-G6L11": _knots("2018-01 4, 2026-01 6, 2031-01 7"),
    "PDPOSTIPS-G11": _knots("2018-01 2, 2026-01 3, 2031-01 4"),
}
_DEALERS_REPO_USD_BN = {
    "PDSORA-UTSETTOT": _knots("2018-01 1150, 2019-12 1500, 2021-06 1150, 2023-06 1750, 2025-06 2900, 2031-01 4300"),
    "PDSORA-UTSTTOT": _knots("2018-01 110, 2025-06 150, 2031-01 190"),
    "PDSIRRA-UTSETTOT": _knots("2018-01 1050, 2019-12 1350, 2021-06 1120, 2023-06 1600, 2025-06 2650, 2031-01 4000"),
    "PDSIRRA-UTSTTOT": _knots("2018-01 105, 2025-06 140, 2031-01 180"),
}
LONG_COUPONS_SPLIT = date(2022, 1, 5)  # until then one line for everything over 11 years
# Dollars out to other central banks in USD billions: a small weekly habit, and the spring of 2020.
_SWAP_LINES_USD_BN = _knots(
    "2018-01 .09, 2020-03-10 .06, 2020-03-25 206, 2020-05-27 446, 2020-07-15 120, 2020-09-30 24, 2021-06 .6, "
    "2022-01 .25, 2023-03-15 .5, 2023-06 .2, 2026-01 .1, 2031-01 .1"
)

_YIELDS_PCT = {
    "DGS2": _knots(
        "2017-10 1.5, 2018-11 2.9, 2019-08 1.5, 2020-02 1.3, 2020-04 .2, 2021-09 .3, 2022-06 3.1, 2022-11 4.6, "
        "2023-10 5.1, 2024-01 4.3, 2024-04 4.9, 2024-09 3.6, 2025-01 4.3, 2025-10 3.5, "
        "2026-05 4.1, 2026-12 3.9, 2027-12 3.9, 2031-01 3.9"
    ),
    "DGS10": _knots(
        "2017-10 2.35, 2018-11 3.2, 2019-08 1.5, 2020-02 1.4, 2020-04 .65, 2020-08 .6, 2021-03 1.7, 2021-12 1.5, "
        "2022-06 3.2, 2022-10 4.1, 2023-04 3.5, 2023-10 4.9, 2024-01 4.0, 2024-04 4.6, 2024-09 3.7, 2025-01 4.7, "
        "2025-10 4.1, 2026-05 4.5, 2026-12 4.4, 2027-12 4.4, 2031-01 4.3"
    ),
}
_BILL_OVER_EFFR_BP = -11  # where the published mean of the month is not held

# Closing prices: round published levels on the days that everybody remembers. Candles reach back to the first real one
# of 2015, because the windows of a full load start there and an empty answer would look like a fault.
_BITCOIN_USD = _knots(
    "2015-07-19 280, 2016-06-01 540, 2017-01-01 1000, 2017-06-10 2900, 2017-12-16 19300, 2018-01-06 17100, "
    "2018-02-05 7000, 2018-03-05 11500, 2018-06-28 5900, 2018-07-24 8400, "
    "2018-11-13 6400, 2018-12-15 3200, 2019-04-01 4150, 2019-06-26 12900, 2019-09-23 9700, 2019-12-17 6600, "
    "2020-02-12 10300, 2020-03-12 4900, 2020-05-07 10000, 2020-10-01 10600, 2020-12-16 21300, 2021-01-08 40700, "
    "2021-02-21 57500, 2021-04-13 63500, 2021-07-20 29800, 2021-09-06 52700, 2021-11-08 67500, 2022-01-22 35000, "
    "2022-03-28 47100, 2022-06-18 19000, 2022-11-09 15900, 2023-01-29 23700, 2023-03-10 20200, 2023-07-13 31400, "
    "2023-09-11 25200, 2023-12-08 44200, 2024-03-13 73000, 2024-08-05 54000, 2024-09-06 54000, 2024-12-17 106000, "
    "2025-04-08 76300, 2025-08-13 123300, 2025-09-27 109700, 2025-10-06 124700, 2025-10-09 121600, 2025-10-10 113200, "
    "2025-11-04 101500, 2025-11-21 85100, 2025-12-31 87600, 2026-05-24 77000, 2026-08-05 64000, "
    "2026-08-10 63911.88, 2026-09-24 84000"
)
# No day between these may close above the day that is known as the high.
_BITCOIN_HIGHS = ((date(2021, 1, 1), date(2021, 11, 8), 67500.0), (date(2024, 12, 18), date(2025, 10, 6), 124700.0))

SRF_START = date(2021, 7, 29)
SRF_MORNING_START = date(2025, 6, 26)
SRF_MORNING_TRIALS = ((date(2024, 12, 30), date(2025, 1, 3)), (date(2025, 3, 27), date(2025, 4, 2)))
FULL_ALLOTMENT_START = date(2025, 12, 11)
NEW_NUMBERING = date(2025, 11, 14)  # from here 25 is the morning SRF, 26 ON RRP, 27 the afternoon SRF
# Every day with a billion or more to 2026-07-22, accepted in the morning and in the afternoon, as published; after
# 2025-11-24 only the sum of the day is, and its parts are made up.
_RP_TAKE_UP_USD_MN: Mapping[date, tuple[int, int]] = {
    date(2024, 9, 30): (0, 2600),
    date(2025, 6, 30): (5075, 6000),
    date(2025, 9, 15): (1500, 0),
    date(2025, 9, 30): (0, 6000),
    date(2025, 10, 15): (6750, 0),
    date(2025, 10, 16): (8350, 0),
    date(2025, 10, 20): (0, 2001),
    date(2025, 10, 21): (3000, 0),
    date(2025, 10, 23): (3003, 0),
    date(2025, 10, 27): (8400, 0),
    date(2025, 10, 28): (7753, 0),
    date(2025, 10, 29): (10233, 78),
    date(2025, 10, 30): (2200, 4000),
    date(2025, 10, 31): (20350, 30000),
    date(2025, 11, 3): (14750, 7250),
    date(2025, 11, 4): (2800, 2002),
    date(2025, 11, 7): (2000, 0),
    date(2025, 11, 12): (6052, 0),
    date(2025, 11, 13): (3900, 0),
    date(2025, 11, 17): (2551, 3022),
    date(2025, 11, 25): (7100, 3500),
    date(2025, 11, 26): (9000, 5000),
    date(2025, 11, 28): (15400, 9000),
    date(2025, 12, 1): (13500, 12500),
    date(2025, 12, 2): (7257, 3000),
    date(2025, 12, 15): (10801, 6000),
    date(2025, 12, 16): (3000, 1000),
    date(2025, 12, 26): (11251, 6000),
    date(2025, 12, 29): (15950, 10000),
    date(2025, 12, 30): (2000, 1000),
    date(2025, 12, 31): (31000, 43600),
    date(2026, 1, 2): (14800, 8000),
    date(2026, 2, 17): (18500, 12000),
    date(2026, 3, 2): (6000, 3000),
    date(2026, 4, 15): (7463, 3000),
}
_RP_KNOWN_UNTIL = date(2026, 7, 22)
# The exercises that were not overnight: calendar days to maturity.
_TERM_DAYS = {date(2023, 3, 8): 4, date(2024, 9, 24): 3, date(2025, 8, 21): 5}
_ODD_NUMBERS = {  # exercises that did not take the next free number
    (date(2022, 11, 17), "ON RRP exercise"): 99,
    (date(2023, 5, 23), "exercise"): 99,
    (date(2025, 1, 24), "exercise"): 26,
    (date(2025, 1, 24), "ON RRP exercise"): 27,
    (date(2025, 10, 8), "exercise"): 99,
    (date(2025, 11, 5), "exercise"): 25,
    (date(2025, 11, 5), "ON RRP exercise"): 26,
}
_LATE_ON_RRP = date(2023, 7, 17)  # a genuine ON RRP at 13:30, and the SRF at 14:30 that day
# Overnight and two-week repo of 2019 and 2020, accepted USD billions an operation.
_OVERNIGHT_2019_USD_BN = _knots(
    "2019-09-17 53, 2019-09-18 75, 2019-10-15 68, 2019-12-31 26, 2020-01-15 55, 2020-02-28 33, 2020-03-12 105, "
    "2020-03-17 135, 2020-03-31 60, 2020-05-01 9, 2020-07-01 0, 2020-12-31 0"
)
_TERM_2019_USD_BN = _knots("2019-09-24 30, 2019-11-30 32, 2019-12-31 45, 2020-02-28 25, 2020-03-31 18, 2020-06-15 0")


@dataclass(frozen=True)
class Rate:
    """One reference rate of one day, percent; volume in USD billions. ``preliminary_pct`` is the first print when the
    rate was revised on the afternoon of its publication, otherwise None."""

    rate_pct: float
    percentiles_pct: tuple[float, float, float, float]  # 1st, 25th, 75th, 99th
    volume_usd_bn: int
    preliminary_pct: float | None = None


@dataclass(frozen=True)
class Operation:
    """One operation of the open market desk. ``kind`` is SRF morning, SRF afternoon, repo, term repo, exercise,
    ON RRP or ON RRP exercise; legs are accepted whole USD millions by security type."""

    kind: str
    number: int
    day: date
    settlement: date
    maturity: date
    release_time: str
    close_time: str
    legs_usd_mn: tuple[tuple[str, int], ...]
    rate_pct: float
    note: str = ""
    is_term: bool = False
    limit_usd_mn: int | None = None

    @property
    def is_reverse(self) -> bool:
        """Whether cash goes to the Fed (ON RRP) instead of from it."""
        return self.kind.startswith("ON RRP")

    @property
    def is_exercise(self) -> bool:
        """Whether it is a small value exercise."""
        return self.kind.endswith("exercise")

    @property
    def accepted_usd_mn(self) -> int:
        """Total accepted."""
        return sum(amount for _, amount in self.legs_usd_mn)


@dataclass(frozen=True)
class Swap:
    """Dollars drawn by another central bank, whole US dollars and percent."""

    counterparty: str
    currency: str
    traded: date
    settles: date
    matures: date
    amount: int
    rate_pct: float
    is_small_value: bool


@dataclass(frozen=True)
class Purchase:
    """One outright purchase of Treasuries, whole USD millions of par."""

    number: int
    kind: str
    day: date
    settles: date
    maturities: tuple[date, date]
    submitted_usd_mn: int
    accepted_usd_mn: int
    note: str = ""


@dataclass(frozen=True)
class BalanceSheet:
    """The Fed's lines on one day, USD millions; ``reserves`` is exactly what the other lines leave over."""

    treasuries: int
    mbs: int
    agencies: int
    repo: int
    primary_credit: int
    term_funding: int
    other_credit: int
    other_assets: int
    foreign_pool: int
    currency: int
    on_rrp: int
    tga: int
    other: int = 0

    @property
    def assets(self) -> int:
        """Total assets."""
        return self.securities + self.repo + self.loans + self.other_assets

    @property
    def loans(self) -> int:
        """Discount window, Bank Term Funding Program, and all other credit (to banks in receivership, of 2020)."""
        return self.primary_credit + self.term_funding + self.other_credit

    @property
    def securities(self) -> int:
        """All securities held outright."""
        return self.treasuries + self.mbs + self.agencies

    @property
    def reverse_repo(self) -> int:
        """Reverse repo with money funds and with foreign official accounts."""
        return self.on_rrp + self.foreign_pool

    @property
    def notes(self) -> int:
        """Federal Reserve notes: currency without the Treasury's coin."""
        return self.currency - 48_000

    @property
    def liabilities(self) -> int:
        """Total liabilities: assets less capital."""
        return self.assets - 43_000

    @property
    def reserves(self) -> int:
        """Reserve balances: assets less reverse repo, Treasury's account, currency and everything else."""
        return self.assets - self.reverse_repo - self.tga - self.currency - self.other


@dataclass(frozen=True)
class Candle:
    """One UTC day of bitcoin, US dollars; volume in bitcoin."""

    low: float
    high: float
    open: float
    close: float
    volume: float


class Steps:
    """A value that changes on given dates and stays until the next."""

    def __init__(self, steps: Iterable[tuple[date, float]]) -> None:
        ordered = sorted(steps)
        self._dates = [day for day, _ in ordered]
        self._values = [value for _, value in ordered]

    def __call__(self, day: date) -> float | None:
        """The value in force on ``day``; None before the first."""
        index = bisect_right(self._dates, day) - 1
        return self._values[index] if index >= 0 else None


def _seed_rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def published_years(column: str) -> dict[int, float]:
    """One column of `fiscal_years.csv` by fiscal year, in the unit that its name says."""
    with FISCAL_YEARS.open(encoding="utf-8", newline="") as file:
        return {int(row["fiscal_year"]): float(row[column]) for row in csv.DictReader(file) if row[column]}


@cache
def published_months(path: Path = MONTHLY_LEVELS) -> dict[str, dict[date, float]]:
    """Figures of months by column, keyed by the first day of the month, in the unit that the column name says."""
    levels: dict[str, dict[date, float]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            month = date.fromisoformat(f"{row.pop('month')}-01")
            for column, text in row.items():
                if text:
                    levels[column][month] = float(text)
    return levels


def month_after(month: date, count: int = 1) -> date:
    """First day of the month ``count`` months after that of ``month``."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def last_day(month: date) -> date:
    """Last calendar day of the month."""
    return month_after(month) - _DAY


@cache
def last_open_day(month: date, calendar: Calendar = Calendar.FED) -> date:
    """Last business day of the month."""
    return add_business_days(month_after(month), -1, calendar)


def last_wednesday(month: date) -> date:
    """Last Wednesday of the month, the last H.4.1 date in it."""
    end = last_day(month)
    return end - timedelta(days=(end.weekday() - 2) % 7)


def is_quarter_end(month: date) -> bool:
    """Whether the month closes a calendar quarter."""
    return month.month % 3 == 0


def with_past(name: str, values: dict[date, float], unit: float = 1, months: int = 3) -> dict[date, float]:
    """``values`` and before them, every so many ``months``, those on the straight lines of `PAST`, times ``unit``."""
    first = min(values)
    knots = [(day, unit * level) for day, level in PAST[name] if day < first] + [(first, values[first])]
    count = ((first.year - knots[0][0].year) * 12 + first.month - knots[0][0].month) // months
    return {
        day: level_at(knots, day) for day in (month_after(first, -months * n) for n in range(count, 0, -1))
    } | values


def level_at(knots: Sequence[tuple[date, float]], day: date) -> float:
    """The straight line through ``knots`` at ``day``; flat before the first and after the last."""
    index = bisect_right(knots, day, key=lambda knot: knot[0])
    if index == 0 or index == len(knots):
        return knots[min(index, len(knots) - 1)][1]
    (day0, value0), (day1, value1) = knots[index - 1], knots[index]
    return value0 + (value1 - value0) * ((day - day0).days / (day1 - day0).days)


def normals(rng: random.Random, count: int) -> list[float]:
    """So many standard normal numbers: those of `rng.gauss`, in half the time: a world has a million."""
    uniform, numbers = rng.random, list[float]()
    for _ in range((count + 1) // 2):
        angle = uniform() * math.tau
        radius = math.sqrt(-2.0 * math.log(1.0 - uniform()))
        numbers += (math.cos(angle) * radius, math.sin(angle) * radius)
    return numbers[:count]


class World:
    """All simulated quantities up to two months after ``today``; each is drawn when first asked for.

    The two months are there because a value between two month-ends needs both of them.
    """

    def __init__(self, today: date, seed: int = 0) -> None:
        self.seed = seed
        self.last = last_day(month_after(today, 2))
        self.days = [_WARM_UP + timedelta(days=n) for n in range((self.last - _WARM_UP).days + 1)]
        self.fed_days = business_days(_WARM_UP, self.last)
        self.desk_days = business_days(_WARM_UP, self.last, Calendar.SIFMA)  # operations, secured rates, yields
        self.months = [month_after(_WARM_UP, n) for n in range((self.last.year - 2017) * 12 + self.last.month - 9)]
        self.wednesdays = [day for day in self.days if day.weekday() == 2 and day >= FIRST]
        self.slow_wednesdays = [SLOW_FIRST + timedelta(days=6 + 7 * n) for n in range(1043)] + self.wednesdays
        self._gauss_by_month: dict[tuple[str, int, int], list[float]] = {}

    # -- chance -------------------------------------------------------------------------------------------------------

    def rng(self, *name: object) -> random.Random:
        """Random numbers that depend on the seed and the name alone."""
        return random.Random("/".join(map(str, (self.seed, *name))))

    def gauss(self, name: str, day: date) -> float:
        """A standard normal number for this name and day."""
        key = (name, day.year, day.month)
        if key not in self._gauss_by_month:
            self._gauss_by_month[key] = normals(self.rng(*key), 31)
        return self._gauss_by_month[key][day.day - 1]

    def share(self, name: str, day: date) -> float:
        """A number between 0 and 1, evenly spread, for this name and day."""
        return 0.5 * (1 + math.erf(self.gauss(name, day) / _ROOT_OF_TWO))

    def path(self, name: str, knots: Knots, sigma: float, *, is_log: bool = False) -> dict[date, float]:
        """Every day's level: straight lines through ``knots`` and noise that is gone where a knot is.

        ``sigma`` is the noise of a day, in the unit of the knots or, with ``is_log``, as a fraction. Flat outside;
        days before the warm-up are there when a knot is.
        """
        levels = {day: knots[0][1] for day in self.days if day < knots[0][0]}
        for (day0, value0), (day1, value1) in pairwise(knots):
            count = (day1 - day0).days
            if day0 > self.last:
                break
            walk = [0.0, *accumulate(number * sigma for number in normals(self.rng(name, day0), count))]
            start, end = (math.log(value0), math.log(value1)) if is_log else (value0, value1)
            first, rise, drift = day0.toordinal(), end - start, walk[count]
            for n, step in enumerate(walk):
                level = start + rise * n / count + step - drift * n / count
                levels[date.fromordinal(first + n)] = math.exp(level) if is_log else level
        last_knot, value = knots[-1]
        levels |= {day: value for day in self.days if day > last_knot}
        return {day: levels[day] for day in sorted(levels) if day <= self.last}

    def anchors(
        self, column: str, before: float, step: float, drift: float = 0.0, months: int = 1
    ) -> dict[date, float]:
        """Month figures of ``column``, continued past the last known one by a random walk.

        ``before`` is the level ahead of 2018, ``step`` and ``drift`` the noise and the trend of a step of ``months``.
        """
        known = published_months()[column]
        levels = {month_after(min(known), -months): before} | known
        month = max(known)
        while month <= self.last:
            previous, month = levels[month], month_after(month, months)
            levels[month] = previous + drift + step * self.rng(column, month).gauss(0, 1)
        return levels

    # -- policy -------------------------------------------------------------------------------------------------------

    @cached_property
    def lower_pct(self) -> Steps:
        """Lower bound of the federal funds target range."""
        return Steps((date.fromisoformat(r["date_effective"]), float(r["lower_pct"])) for r in self._target_rows)

    @cached_property
    def upper_pct(self) -> Steps:
        """Upper bound of the federal funds target range."""
        return Steps((date.fromisoformat(r["date_effective"]), float(r["upper_pct"])) for r in self._target_rows)

    @cached_property
    def _target_rows(self) -> list[dict[str, str]]:
        return _seed_rows("fomc_target_range.csv")

    @cached_property
    def administered_pct(self) -> dict[str, Steps]:
        """IOER, IORB, ON_RRP_AWARD and SRF_MIN_BID by name."""
        steps: dict[str, list[tuple[date, float]]] = defaultdict(list)
        for row in _seed_rows("administered_rates.csv"):
            steps[row["rate"]].append((date.fromisoformat(row["date_effective"]), float(row["value_pct"])))
        return {name: Steps(rows) for name, rows in steps.items()}

    def reserve_rate_pct(self, day: date) -> float:
        """Interest on reserves: IOER to 2021-07-28, IORB after."""
        rate = self.administered_pct["IORB"](day) or self.administered_pct["IOER"](day)
        assert rate is not None, f"no interest on reserves known on {day}"
        return rate

    # -- reference rates ----------------------------------------------------------------------------------------------

    @cached_property
    def rates(self) -> dict[str, dict[date, Rate]]:
        """SOFR, BGCR, TGCR, EFFR and OBFR by name and effective date."""
        effr = self._effr()
        sofr = self._sofr()
        bgcr: dict[date, Rate] = {}
        tgcr: dict[date, Rate] = {}
        for day, rate in sofr.items():
            below = 0.01 if self.share("bgcr", day) < 0.6 else 0.0
            b = round(rate.rate_pct - below, 2)
            t = round(b - (0.01 if self.share("tgcr", day) < 0.4 else 0.0), 2)
            bgcr[day] = Rate(b, self._around(b, 3, 1, 2, 8), round(rate.volume_usd_bn * 0.42))
            tgcr[day] = Rate(t, self._around(t, 3, 1, 2, 7), round(rate.volume_usd_bn * 0.40))
        obfr = {
            day: Rate(o, self._around(o, 6, 1, 1, 7), round(230 + 15 * self.gauss("obfr volume", day)))
            for day, rate in effr.items()
            for o in [round(rate.rate_pct - (0.01 if self.share("obfr", day) < 0.3 else 0.0), 2)]
        }
        return {"SOFR": sofr, "BGCR": bgcr, "TGCR": tgcr, "EFFR": effr, "OBFR": obfr}

    @staticmethod
    def _around(rate_pct: float, *below_and_above_bp: float) -> tuple[float, float, float, float]:
        low, quarter, three_quarters, high = below_and_above_bp
        return (
            round(rate_pct - low / 100, 2),
            round(rate_pct - quarter / 100, 2),
            round(rate_pct + three_quarters / 100, 2),
            round(rate_pct + high / 100, 2),
        )

    def _effr(self) -> dict[date, Rate]:
        # The distance to interest on reserves is that of the month's last day, so that it moves when policy does.
        known = published_months()["effr_pct"]
        distance = Steps((m, round(v - self.reserve_rate_pct(last_open_day(m)), 2)) for m, v in known.items())
        rates = {}
        for day in self.fed_days:
            if day < FIRST:
                continue
            month = day.replace(day=1)
            blip = 0.01 if self.share("effr", day) < 0.06 and day != last_open_day(month) else 0.0
            rate = round(max(self.reserve_rate_pct(day) + (distance(day) or 0.0) - blip, 0.04), 2)
            rate = _EFFR_EPISODES.get(day, rate)
            tail = 3 + round(4 * self.share("effr tail", day))
            volume = round(90 + 12 * self.gauss("effr volume", day))
            rates[day] = Rate(rate, self._around(rate, 2, 1, 0 if tail < 6 else 1, tail), max(volume, 40))
        return rates

    def _sofr(self) -> dict[date, Rate]:
        known = {last_open_day(m, Calendar.SIFMA): v for m, v in published_months()["sofr_pct"].items()}
        rates = {}
        carried_bp = 0.0
        for day in self.desk_days:
            if day < SOFR_START:
                continue
            month = day.replace(day=1)
            scarcity = level_at(_SCARCITY, day)
            base = self.reserve_rate_pct(day) + level_at(_SOFR_OVER_IORB_BP, day) / 100
            is_month_end = day == last_open_day(month, Calendar.SIFMA)
            is_settlement = day == coupon_settlement(month.replace(day=15))
            bump_bp = carried_bp + self.gauss("sofr", day) * (0.4 + 0.8 * scarcity) + 3 * scarcity * is_settlement
            if is_month_end:
                bump_bp += scarcity * (11 if is_quarter_end(month) else 5)
            episode_pct, top_pct = _SOFR_EPISODES_PCT.get(day, (max(base + bump_bp / 100, 0.01), None))
            rate = round(known.get(day, episode_pct), 2)
            over_bp = (rate - base) * 100
            carried_bp = 0.4 * max(over_bp, 0) if is_month_end or day in _SOFR_EPISODES_PCT else carried_bp * 0.3
            stress = max(over_bp - 5, 0)
            above_bp = 8 + 3 * self.share("sofr tail", day) + stress / 3
            if top_pct is not None:
                above_bp = (top_pct - rate) * 100
            spread = self._around(rate, 4 + stress / 8, 1 + stress / 20, min(6 + stress / 5, above_bp), above_bp)
            volume = (
                level_at(_SOFR_VOLUME_USD_BN, day)
                * (1 + 0.02 * self.gauss("sofr volume", day))
                * (1.06 if is_month_end else 1)
            )
            # About one day in forty was first printed two basis points off and corrected the same afternoon.
            is_revised = self.share("sofr revision", day) < 0.025 and day not in known and day not in _SOFR_EPISODES_PCT
            volume = _SOFR_DAYS_USD_BN.get(day, volume)
            rates[day] = Rate(rate, spread, round(volume), round(rate + 0.02, 2) if is_revised else None)
        return rates

    # -- cash ---------------------------------------------------------------------------------------------------------

    @cached_property
    def tga_usd_mn(self) -> dict[date, int]:
        """Closing balance of Treasury's account on every Fed business day.

        Month-ends are known, and so is the week average of reserves that ends each month, which the account drives:
        in those weeks it is moved towards the level at which the Fed's other liabilities stay smooth.
        """
        fixed = {last_open_day(m): v for m, v in self.anchors("tga_usd_bn", before=230, step=60).items()}
        fixed |= _TGA_USD_BN
        path = self.path("tga", sorted(fixed.items()), 11)
        plain = {day: round(1000 * (path[day] + _tax_money_usd_bn(day))) for day in self.fed_days}
        push: Knots = []
        others: list[float] = []
        for week, other in self._other_by_week(self._sheets(plain)):
            others.append(other)
            usual = sum(others[-4:]) / len(others[-4:])
            size = min(max(other - usual, -90_000), 90_000)
            end = add_business_days(last_open_day(week[-1].replace(day=1)), 0)
            push += [(week[0] - timedelta(days=7), 0), (week[0], size), (min(week[-1], end - _DAY), size), (end, 0)]
        balance = {}
        for day, amount in plain.items():
            floor = 18_000 + round(8_000 * self.share("tga floor", day))
            balance[day] = amount if day in fixed else max(amount + round(level_at(push, day)), floor)
        return balance

    @cached_property
    def on_rrp_usd_mn(self) -> dict[date, int]:
        """ON RRP of every day on which the desk operates, exercises left out."""
        known = published_months()["on_rrp_usd_bn"]
        level = {
            date(2017, 9, 1): 90.0,
            date(2017, 10, 1): 80.0,
            date(2017, 11, 1): 70.0,
            date(2017, 12, 1): 250.0,
        } | known
        for month in (month_after(max(known), n) for n in range(1, 2 + len(self.months))):
            level[month] = (18 if is_quarter_end(month) else 5) * math.exp(0.5 * self.rng("on rrp", month).gauss(0, 1))
        knots: Knots = []
        for month in [month_after(date(2017, 10, 1), n) for n in range(len(self.months) + 1)]:
            end, value = last_open_day(month, Calendar.SIFMA), level[month]
            # Money funds flood in on the last day of a quarter; what stays is no more than the months around it hold.
            around = max(level[month_after(month, -1)], level[month_after(month, 1)])
            usual = min(value, around) * 0.94 if is_quarter_end(month) else value * 0.97
            if month >= date(2025, 9, 1):  # the facility is empty but for month-ends
                usual = min(usual, 2 + 3 * self.rng("on rrp usual", month).random())
            reach = 1 if is_quarter_end(month) else 4
            knots.append((add_business_days(end, -reach, Calendar.SIFMA), max(usual, 0.001)))
            knots.append((end, max(value, 0.001)))
            knots.append((add_business_days(end, min(reach, 3), Calendar.SIFMA), max(usual, 0.001)))
        path = self.path("on rrp", knots, 0.025, is_log=True)
        fixed = {last_open_day(m, Calendar.SIFMA): v for m, v in known.items()} | _ON_RRP_USD_BN
        peak = 0.97 * max(known.values())
        return {d: round(1000 * (fixed[d] if d in fixed else min(path[d], peak))) for d in self.desk_days}

    @cached_property
    def cash_flows_usd_mn(self) -> dict[date, tuple[int, int, int]]:
        """Opening balance, deposits and withdrawals of Treasury's account; now and then off by one."""
        flows = {}
        for before, day in pairwise(self.fed_days):
            opening, closing = self.tga_usd_mn[before], self.tga_usd_mn[day]
            issued, matured = self.debt_cash_usd_mn(day)
            withdrawals = (
                round((18_000 + 1_600 * (day.year - 2018)) * (0.6 + 0.8 * self.share("outlays", day))) + matured
            )
            deposits = closing - opening + withdrawals
            floor = issued + (50_000 if is_tax_time(day) else 4_000)
            if deposits < floor:
                withdrawals, deposits = withdrawals + floor - deposits, floor
            draw = self.share("rounding", day)
            flows[day] = (opening, deposits + (draw < 0.06) - (draw > 0.94), withdrawals)
        return flows

    # -- open market operations ---------------------------------------------------------------------------------------

    @cached_property
    def operations(self) -> dict[date, list[Operation]]:
        """Operations of every day on which the securities market is open (none on Good Friday), in time order."""
        exercises: dict[date, list[dict[str, str]]] = defaultdict(list)
        for row in _seed_rows("srf_small_value_exercises.csv"):
            exercises[date.fromisoformat(row["operation_date"])].append(row)
        return {day: self._operations_of(day, exercises.get(day, [])) for day in self.desk_days if day >= FIRST}

    def _operations_of(self, day: date, exercises: Sequence[Mapping[str, str]]) -> list[Operation]:
        found: list[tuple[str, str, str, tuple[tuple[str, int], ...]]] = []  # kind, release, close, legs
        if day >= SRF_START:
            morning, afternoon = self._srf_usd_mn(day)
            if day >= SRF_MORNING_START or any(start <= day <= end for start, end in SRF_MORNING_TRIALS):
                found.append(("SRF morning", "08:15", "08:30", self._legs("am", day, morning)))
            at = ("14:30", "14:45") if day == _LATE_ON_RRP else ("13:30", "13:45")
            found.append(("SRF afternoon", *at, self._legs("pm", day, afternoon)))
        elif _OVERNIGHT_2019_USD_BN[0][0] <= day <= _OVERNIGHT_2019_USD_BN[-1][0]:
            accepted = round(1000 * level_at(_OVERNIGHT_2019_USD_BN, day) * (1 + 0.1 * self.gauss("repo", day)))
            found.append(("repo", "08:15", "08:30", self._legs("repo", day, accepted)))
            if day.weekday() in (1, 3) and _TERM_2019_USD_BN[0][0] <= day < _TERM_2019_USD_BN[-1][0]:
                accepted = round(1000 * level_at(_TERM_2019_USD_BN, day) * (1 + 0.1 * self.gauss("term", day)))
                found.append(("term repo", "08:45", "09:00", self._legs("term", day, accepted)))
        for row in exercises:
            release = row["release_time"] or "10:00"
            accepted = 55 + round(40 * self.share("exercise", day))
            if row["day_accepted_usd_mn"]:  # the day's total: what the standing operations took is part of it
                accepted = int(row["day_accepted_usd_mn"]) - sum(amount for *_, legs in found for _, amount in legs)
            if row["operation_type"] == "Reverse Repo":
                leg = "Mortgage-Backed" if day == date(2024, 10, 16) else "Treasury"
                found.append(("ON RRP exercise", release, _later(release, 30), ((leg, accepted),)))
            else:
                found.append(("exercise", release, _later(release, 15), self._legs("exercise", day, accepted)))
        at = ("13:30", "14:00") if day == _LATE_ON_RRP else ("12:45", "13:15")
        found.append(("ON RRP", *at, (("Treasury", self.on_rrp_usd_mn[day]),)))
        found.sort(key=lambda item: item[1])

        silent = {"exercise"} if any(row["has_exercise_note"] == "false" for row in exercises) else set()
        operations: list[Operation] = []
        for kind, release, close, legs in found:
            fixed = {"SRF morning": 25, "ON RRP": 26, "SRF afternoon": 27} if day >= NEW_NUMBERING else {}
            taken = {operation.number for operation in operations}
            free = next(n for n in range(1, 9) if n not in taken)
            number = _ODD_NUMBERS.get((day, kind), fixed.get(kind, free))
            term_days = {"term repo": 14}.get(kind, _TERM_DAYS.get(day, 0) if kind == "exercise" else 0)
            settlement = (
                add_business_days(day, 1, Calendar.SIFMA) if kind == "exercise" and day == date(2022, 4, 11) else day
            )
            maturity = add_business_days(settlement + timedelta(days=term_days or 1), 0, Calendar.SIFMA)
            limit = None
            if kind.startswith("SRF") and day < FULL_ALLOTMENT_START:
                limit = 500_000 - sum(o.accepted_usd_mn for o in operations if o.kind == "SRF morning")
            operations.append(
                Operation(
                    kind, number, day, settlement, maturity, release, close, legs,
                    rate_pct=self._operation_rate_pct(kind, day),
                    note=self._note(kind, day, limit) if kind not in silent else "",
                    is_term=bool(term_days),
                    limit_usd_mn=limit,
                )
            )  # fmt: skip
        return operations

    def _operation_rate_pct(self, kind: str, day: date) -> float:
        if kind.startswith("ON RRP"):
            return self.administered_pct["ON_RRP_AWARD"](day) or 0.0
        # Before the facility the desk lent at about the reserve rate, five basis points above it.
        return self.administered_pct["SRF_MIN_BID"](day) or round(self.reserve_rate_pct(day) + 0.05, 2)

    @staticmethod
    def _note(kind: str, day: date, limit_usd_mn: int | None) -> str:
        if kind == "ON RRP exercise":
            note = (
                "A Small Value Exercise (SVE) of the reverse repo facility; the regular ON RRP follows at 12:45pm ET."
            )
            return f"<p>{note}</p>" if day >= date(2025, 10, 1) else note
        if kind == "exercise":
            if day < date(2022, 6, 1):
                return "A small value exercise that tests operational readiness."
            return "A Small Value Exercise (SVE); the regular SRF operation takes place at its usual hour."
        if kind == "SRF afternoon" and limit_usd_mn is not None and day >= SRF_MORNING_START:
            note = (
                f"The limit of this afternoon's SRF operation is ${limit_usd_mn / 1000:.3f} billion, "
                "that is $500 billion less what was accepted in the morning."
            )
            return f"<p>{note}</p>" if day >= date(2025, 10, 1) else note
        return ""

    def _srf_usd_mn(self, day: date) -> tuple[int, int]:
        """Accepted in the morning and in the afternoon; one to six million of test bids when nobody needs cash."""
        if day in _RP_TAKE_UP_USD_MN:
            return _RP_TAKE_UP_USD_MN[day]
        month = day.replace(day=1)
        if day > _RP_KNOWN_UNTIL and is_quarter_end(month) and day == last_open_day(month, Calendar.SIFMA):
            rng = self.rng("srf", day)
            return round(rng.uniform(2_000, 9_000)), round(rng.uniform(2_000, 9_000))
        draw = self.share("srf test", day)
        return (0 if self.share("srf idle", day) < 0.6 else 1 + round(draw * 2)), (
            0 if draw < 0.2 else 1 + round(draw * 5)
        )

    def _legs(self, name: str, day: date, total_usd_mn: int) -> tuple[tuple[str, int], ...]:
        """Treasury, Agency and Mortgage-Backed parts that add up to the total."""
        agency = (
            round(total_usd_mn * 0.03 * self.share(f"{name} agency", day)) if total_usd_mn > 100 else total_usd_mn // 5
        )
        mortgage = round(total_usd_mn * (0.2 + 0.3 * self.share(f"{name} mortgage", day)))
        mortgage = min(mortgage, total_usd_mn - agency)
        return (("Treasury", total_usd_mn - agency - mortgage), ("Agency", agency), ("Mortgage-Backed", mortgage))

    @cached_property
    def repo_outstanding_usd_mn(self) -> dict[date, int]:
        """Repo that the Fed has lent, at the end of every calendar day, exercises left out."""
        change: dict[date, int] = defaultdict(int)
        for operations in self.operations.values():
            for operation in operations:
                if not operation.is_reverse and not operation.is_exercise:
                    change[operation.settlement] += operation.accepted_usd_mn
                    change[operation.maturity] -= operation.accepted_usd_mn
        total, outstanding = 0, {}
        for day in self.days:
            total += change[day]
            outstanding[day] = total
        return outstanding

    # -- the Fed's balance sheet --------------------------------------------------------------------------------------

    @cached_property
    def balance_sheets(self) -> dict[date, BalanceSheet]:
        """Every calendar day's lines; H.4.1 publishes the Wednesdays and the averages of the weeks that end on them.

        ``other`` is flat over the last week of every month, at the level that makes the published week average of
        reserves come out exactly, and a straight line between those weeks.
        """
        sheets = self._sheets(self.tga_usd_mn)
        knots: Knots = []
        for week, other in self._other_by_week(sheets):
            knots += [(week[0], other), (week[-1], other)]
        knots.append((knots[-1][0] + timedelta(days=150), 0))  # only seen after the last published average
        return {day: replace(sheet, other=round(level_at(knots, day))) for day, sheet in sheets.items()}

    def _other_by_week(self, sheets: Mapping[date, BalanceSheet]) -> list[tuple[list[date], int]]:
        """The last weeks of the months whose reserves are known, and what is left over in them."""
        weeks = [(_week_until(last_wednesday(m)), v) for m, v in published_months()["reserves_usd_bn"].items()]
        return [
            (week, round(sum(sheets[day].reserves for day in week) / 7 - 1000 * average))
            for week, average in weeks
            if week[-1] <= self.last
        ]

    def _sheets(self, tga_usd_mn: Mapping[date, int]) -> dict[date, BalanceSheet]:
        """The lines of every day with ``other`` at nought."""
        lines, first = self._sheet_lines, self.desk_days[0]
        return {
            day: BalanceSheet(
                **{name: line[day] for name, line in lines.items()},
                on_rrp=_held(self.on_rrp_usd_mn, max(day, first)),
                tga=_held(tga_usd_mn, max(day, first)),
            )
            for day in self.days
        }

    @cached_property
    def _sheet_lines(self) -> dict[str, Mapping[date, int]]:
        """The lines that do not depend on Treasury's account, by name and day."""
        treasury_levels = self.anchors("fed_treasuries_usd_bn", before=2454, step=3, drift=14)
        asset_levels = self.anchors("fed_assets_usd_bn", before=4450, step=4, drift=8)
        treasuries = self._rounded(self.path("treasuries", _on_wednesdays(treasury_levels), 0.8))
        mbs_levels = self.anchors("fed_mbs_usd_bn", before=1766, step=1, drift=-15)
        mbs = self._rounded(self.path("mbs", _on_wednesdays(mbs_levels), 0.9))
        agencies = dict.fromkeys(self.days, 2_347)
        repo = self.repo_outstanding_usd_mn
        loans = {name: self._rounded(self.path(name, knots, 0.0)) for name, knots in _LOANS.items()}
        lent = {day: sum(line[day] for line in loans.values()) for day in self.days}
        rest = [
            (day, level - (treasuries[day] + mbs[day] + agencies[day] + repo[day] + lent[day]) / 1000)
            for day, level in sorted([*_on_wednesdays(asset_levels), *_FED_ASSETS_USD_BN])
            if _WARM_UP <= day <= self.last
        ]
        other_assets = self._rounded(self.path("other assets", rest, 0.3))
        return {
            "treasuries": treasuries,
            "mbs": mbs,
            "agencies": agencies,
            "repo": repo,
            **loans,
            "other_assets": other_assets,
            "foreign_pool": self._rounded(self.path("foreign pool", _FOREIGN_POOL, 2.5)),
            "currency": self._rounded(self.path("currency", _CURRENCY, 0.8)),
        }

    @staticmethod
    def _rounded(path_usd_bn: Mapping[date, float]) -> dict[date, int]:
        return {day: round(1000 * value) for day, value in path_usd_bn.items()}

    def week_average(self, wednesday: date, line: str) -> int:
        """Average of the seven days that end on ``wednesday``, USD millions."""
        if (wednesday, line) not in self._week_averages:
            week = [getattr(self.balance_sheets[day], line) for day in _week_until(wednesday)]
            self._week_averages[wednesday, line] = round(sum(week) / 7)
        return self._week_averages[wednesday, line]

    @cached_property
    def _week_averages(self) -> dict[tuple[date, str], int]:
        """What was asked for: each vintage of a series asks for all of it."""
        return {}

    @cached_property
    def soma_usd_cents(self) -> dict[date, dict[str, int | None]]:
        """Face value of the portfolio on Wednesdays, whole cents; `total` leaves the inflation compensation out."""
        bills = self.path("soma bills", _BILLS_IN_SOMA, 0.0)
        tips = self.path("soma tips", _TIPS_IN_SOMA, 0.1)
        compensation = self.path("soma compensation", _TIPS_COMPENSATION, 0.05)
        frn = self.path("soma frn", _FRN_IN_SOMA, 0.05)
        rows = {}
        for day in self.wednesdays:
            sheet = self.balance_sheets[day]
            cents = self.rng("soma", day).randrange
            parts: dict[str, int | None] = {
                "cmbs": round(7.9 * 1e11) + cents(10_000),
                "tips": round(tips[day] * 1e6) * 100_000,
                "frn": None if NO_FRN[0] <= day <= NO_FRN[1] else round(frn[day] * 1e6) * 100_000,
                "tipsInflationCompensation": round(compensation[day] * 1e11) + cents(10_000),
                "bills": round(bills[day] * 1e6) * 100_000,
                "agencies": sheet.agencies * 100_000_000,
            }
            held = sheet.treasuries * 100_000_000
            rest = held - sum(parts[name] or 0 for name in ("tips", "frn", "tipsInflationCompensation", "bills"))
            parts["notesbonds"] = rest // 100_000 * 100_000
            parts["mbs"] = sheet.mbs * 100_000_000 - (parts["cmbs"] or 0) + cents(50_000_000)
            parts["total"] = sum(
                parts[name] or 0 for name in ("mbs", "cmbs", "tips", "frn", "notesbonds", "bills", "agencies")
            )
            rows[day] = parts
        return rows

    @cached_property
    def purchases(self) -> list[Purchase]:
        """Outright purchases, oldest first: in every week as many bills, and from 2020 to 2022 notes and bonds, as the
        portfolio grew by between two Wednesdays; exercises of a few millions now and then."""
        soma = self.soma_usd_cents
        found: list[Purchase] = []
        for before, day in pairwise(self.wednesdays):
            held = {name: ((soma[day][name] or 0) - (soma[before][name] or 0)) // 100_000_000 for name in _BOUGHT}
            has_coupons = COUPON_PURCHASES[0] <= day <= COUPON_PURCHASES[1]
            wanted = {"Bill": held["bills"]} | ({"Coupon": held["notesbonds"]} if has_coupons else {})
            days = business_days(before + _DAY, day - _DAY, Calendar.SIFMA)
            for what, rise in wanted.items():
                if rise < 500:
                    continue
                shares = split(rise, len(days), self.rng("purchases", what, day))
                found += [self._purchase(what, held_on, share) for held_on, share in zip(days, shares, strict=True)]
            if day.day <= 7 and day.month % 2 == 1 and wanted["Bill"] < 500:
                found.append(self._purchase("Bill", days[0], 25, "A small value exercise."))
        numbers: dict[date, int] = defaultdict(int)
        for n, purchase in enumerate(found):
            numbers[purchase.day] += 1
            found[n] = replace(purchase, number=numbers[purchase.day])
        return found

    def _purchase(self, what: str, day: date, accepted_usd_mn: int, note: str = "") -> Purchase:
        settles = add_business_days(day, 1, Calendar.SIFMA)
        reach = (60, 360) if what == "Bill" else (2_500, 3_600)
        maturities = (settles + timedelta(days=reach[0]), settles + timedelta(days=reach[1]))
        submitted = round(accepted_usd_mn * (2.5 + 4 * self.share(f"{what} offers", day)))
        return Purchase(0, f"Outright {what} Purchase", day, settles, maturities, submitted, accepted_usd_mn, note)

    # -- dealers and swap lines ---------------------------------------------------------------------------------------

    @cached_property
    def dealer_lines_usd_mn(self) -> dict[str, dict[date, int]]:
        """Primary dealers' net positions and repo by line and Wednesday; the positions add up to their total."""
        lines: dict[str, dict[date, int]] = {}
        for key_id, knots in (_DEALERS_USD_BN | _DEALERS_REPO_USD_BN).items():
            path = self.path(key_id, knots, 8 if knots[0][1] > 1000 else 0.4)
            since = LONG_COUPONS_SPLIT if knots[0][0] >= date(2022, 1, 1) else FIRST
            lines[key_id] = {day: round(1000 * path[day]) for day in self.wednesdays if day >= since}
        over_11 = self.path("PDPOSGSC-G11", _knots("2018-01 16, 2020-03 34, 2021-12-29 31"), 0.6)
        lines["PDPOSGSC-G11"] = {d: round(1000 * over_11[d]) for d in self.wednesdays if d < LONG_COUPONS_SPLIT}
        positions = [line for key_id, line in lines.items() if key_id.startswith("PDPOS")]
        lines["PDPOSGST-TOT"] = {day: sum(line.get(day, 0) for line in positions) for day in self.wednesdays}
        return lines

    @cached_property
    def swaps(self) -> list[Swap]:
        """One-week dollar swaps that are out each Wednesday night, oldest first, and an exercise every quarter."""
        found = []
        for day in self.wednesdays:
            settles, matures = add_business_days(day, 1), add_business_days(day + timedelta(days=8), 0)
            rate = round(self.rates["EFFR"][add_business_days(day, 0)].rate_pct + 0.25, 2)
            total = level_at(_SWAP_LINES_USD_BN, day) * (0.8 + 0.4 * self.share("swaps", day))
            parts = (
                {"European Central Bank": 0.4, "Bank of Japan": 0.5} if total > 5 else {"European Central Bank": 0.9}
            )
            parts["Swiss National Bank"] = 1 - sum(parts.values())
            for name, share in parts.items():
                amount = round(1e3 * total * share * 10) * 100_000
                if amount:
                    found.append(Swap(name, "USD", day, settles, matures, amount, rate, False))
            if day.month % 3 == 1 and day.day <= 7:
                found.append(Swap("Bank of Canada", "USD", day, settles, matures, 50_000, rate, True))
                found.append(Swap("Bank of England", "GBP", day, settles, matures, 50_000, rate, True))
        return found

    @cached_property
    def swaps_outstanding_usd_mn(self) -> dict[date, int]:
        """Dollars out to other central banks on Wednesdays, USD millions."""
        return {
            day: round(sum(s.amount for s in self._dollar_swaps_around(day) if s.settles <= day < s.matures) / 1e6)
            for day in self.wednesdays
        }

    def _dollar_swaps_around(self, day: date) -> list[Swap]:
        by_day = self._dollar_swaps_by_day
        return [s for back in (0, 7, 14) for s in by_day.get(day - timedelta(days=back), [])]

    @cached_property
    def _dollar_swaps_by_day(self) -> dict[date, list[Swap]]:
        book: dict[date, list[Swap]] = defaultdict(list)
        for swap in self.swaps:
            if swap.currency == "USD":
                book[swap.traded].append(swap)
        return book

    # -- public debt --------------------------------------------------------------------------------------------------

    @cached_property
    def debt_usd_mn(self) -> dict[date, tuple[int, int]]:
        """Total public debt and its part in federal accounts at the end of each month, by the month's first day."""
        months = [month_after(_WARM_UP, n) for n in range(-1, len(self.months))]
        published, inside = published_months(TREASURY_MONTHS), self._federal_accounts_usd_bn
        cash = self.anchors("tga_usd_bn", before=230, step=60)
        total, found = 0.0, {}
        for before, month in pairwise([month_after(months[0], -1), *months]):
            if month in published["public_debt_usd_bn"]:
                total = published["public_debt_usd_bn"][month]
            else:
                # What the deficit, more cash and federal accounts take; a deficit not known is that of the season.
                usual = _DEFICIT_USD_BN[month.month - 1] + 25 * self.rng("deficit", month).gauss(0, 1)
                total += published["deficit_usd_bn"].get(month, usual) + cash[month] - cash[before]
                total += level_at(inside, month) - level_at(inside, before)
            found[month] = round(1000 * total), round(1000 * level_at(inside, month))
        return found

    @cached_property
    def _federal_accounts_usd_bn(self) -> Knots:
        """Debt in federal accounts: total less what the public holds or, where that is not known, what they bought."""
        months = published_months(TREASURY_MONTHS)
        total, public = months["public_debt_usd_bn"], months["held_by_public_usd_bn"]
        knots: Knots = []
        for month, level in total.items():
            bought = months["government_accounts_net_usd_mn"].get(month, 0) / 1000
            knots.append((month, level - public[month] if month in public else knots[-1][1] + bought))
        last, level = knots[-1]
        return [*knots, (last.replace(year=last.year + 20), level + 20 * 150)]

    @cached_property
    def federal_debt_usd_mn(self) -> dict[date, int]:
        """Total public debt at the end of each quarter as FRED has it, keyed by the quarter's first day."""
        return self._by_quarter("federal_debt_usd_bn", {m: total for m, (total, _) in self.debt_usd_mn.items()})

    @cached_property
    def debt_held_by_public_usd_mn(self) -> dict[date, int]:
        """Federal debt held by the public at the end of each quarter as FRED has it, keyed by the quarter's first day:
        some billions of other agencies' debt are in it."""
        agencies = round(1000 * _AGENCY_DEBT_USD_BN)
        public = {m: total - inside + agencies for m, (total, inside) in self.debt_usd_mn.items()}
        return self._by_quarter("debt_held_by_public_usd_bn", public)

    @staticmethod
    def _by_quarter(column: str, month_ends: Mapping[date, int]) -> dict[date, int]:
        known = {quarter: round(1000 * level) for quarter, level in published_months()[column].items()}
        ends = {month_after(m, -2): amount for m, amount in month_ends.items() if is_quarter_end(m)}
        return ends | {quarter: level for quarter, level in known.items() if quarter in ends}

    @cached_property
    def _debt_by_day(self) -> dict[date, dict[DebtLine, int]]:
        """Issues and redemptions by settlement day and label; those of a month add up to the growth of the debt."""
        book: dict[date, dict[DebtLine, int]] = defaultdict(lambda: defaultdict(int))
        settlements = coupon_settlements(self.months[0], self.last)
        bill_days = {add_business_days(d, 0) for d in _days(_WARM_UP - 4 * _DAY, self.last) if d.weekday() in (1, 3)}
        outstanding_bills = 1_800_000
        for before, month in pairwise(self.debt_usd_mn):
            open_days = business_days(month, last_day(month))
            (old, old_inside), (new, new_inside) = self.debt_usd_mn[before], self.debt_usd_mn[month]
            small = 0
            for day in open_days:
                for label, amount in self._small_debt_lines(day, day in bill_days).items():
                    book[day][label] += amount
                    if label[1] == "Nonmarketable":
                        small += amount if label[0] == "Issues" else -amount
            totals = self._coupon_totals(month)
            in_accounts = new_inside - old_inside - totals["ffb_issued"] + totals["ffb_redeemed"]
            was_public, is_public = (series_held_by_public_usd_mn(last_open_day(end)) for end in (before, month))
            in_accounts += is_public - was_public
            # Bills are what is left over where they are not known; where they are, series for states and cities.
            left = new - old - small - in_accounts
            left -= sum(-amount if name.endswith("redeemed") else amount for name, amount in totals.items())
            if "bills_issued" not in totals:
                weeks = len([day for day in open_days if day in bill_days])
                rolled = round(weeks * outstanding_bills * 0.043 * (1 + 0.03 * self.gauss("bills", month)))
                totals |= {"bills_issued": rolled + max(left, 0)}
                totals |= {"bills_redeemed": totals["bills_issued"] - left}
                left = 0
            outstanding_bills += totals["bills_issued"] - totals["bills_redeemed"]
            self._spread_bills(book, [d for d in open_days if d in bill_days], open_days, totals)
            self._spread_coupons(book, month, {d: settlements[d] for d in open_days if d in settlements}, totals)
            for name, amount in (("Issues", totals["ffb_issued"]), ("Redemptions", totals["ffb_redeemed"])):
                book[open_days[9]][name, "Marketable", "Federal Financing Bank", "null"] += amount
            increments = split(totals["accretion"], len(open_days), self.rng("tips", month), spread=1.5)
            funds = split(in_accounts, len(open_days), self.rng("government account", month), spread=40)
            cities = split(left, len(open_days), self.rng("cities", month), spread=0.3)
            for day, increment, fund, city in zip(open_days, increments, funds, cities, strict=True):
                gross = round(
                    (350_000 + 40_000 * (day.year - 2018)) * (1 + 0.1 * self.gauss("government account", day))
                )
                lines = book[day]
                lines["Issues", "Marketable", "Inflation-Protected Securities Increment", "null"] += increment
                lines["Issues", "Nonmarketable", "Government Account Series", "null"] += gross + fund
                lines["Redemptions", "Nonmarketable", "Government Account Series", "null"] += gross
                lines["Issues", "Nonmarketable", "State and Local Series", "null"] += max(city, 0)
                lines["Redemptions", "Nonmarketable", "State and Local Series", "null"] -= min(city, 0)
        return book

    def _coupon_totals(self, month: date) -> dict[str, int]:
        """Issues, redemptions and accretion of a month, USD millions by the names of `treasury_months.csv`; without
        bills where only the debt is known."""
        names = ("bills", "notes", "bonds", "ffb")
        columns = published_months(TREASURY_MONTHS)
        if month in columns["accretion_usd_mn"]:
            sides = [f"{name}_{side}" for name in names for side in ("issued", "redeemed")]
            return {name: round(columns[f"{name}_usd_mn"][month]) for name in (*sides, "accretion")}
        notes, bonds, accretion = (79_300, 32_000, 2_500) if month.year < 2022 else (95_000, 34_000, 5_000)
        rng = self.rng("coupons", month)
        matured = round(3 * (50_000 + 6_500 * (month.year - 2018)) * rng.uniform(0.92, 1.08))
        old_bonds = round(9_000 + 4_000 * rng.random()) if month.month % 3 == 2 else 0
        return {
            "notes_issued": round(notes * rng.uniform(0.9, 1.1)) + matured,
            "notes_redeemed": matured,
            "bonds_issued": round(bonds * rng.uniform(0.9, 1.1)) + old_bonds,
            "bonds_redeemed": old_bonds,
            "ffb_issued": 0,
            "ffb_redeemed": 0,
            "accretion": round(accretion * rng.uniform(0.5, 1.5)),
        }

    def _spread_bills(
        self,
        book: dict[date, dict[DebtLine, int]],
        bill_days: list[date],
        open_days: list[date],
        totals: dict[str, int],
    ) -> None:
        """A month's bills over its settlement days; now and then some of them are sold to manage cash."""
        label = ("Issues", "Marketable", "Bills", "Regular Series")
        corrections = sum(book[day][label] for day in open_days)
        issues, redemptions = (
            split(total, len(bill_days), self.rng(kind, bill_days[0]), spread=0.15)
            for kind, total in (
                ("bills issued", totals["bills_issued"] - corrections),
                ("bills redeemed", totals["bills_redeemed"]),
            )
        )
        for day, issued, matured in zip(bill_days, issues, redemptions, strict=True):
            cash_management = min(30_000, issued // 3) if self.share("cash management", day) < 0.04 else 0
            book[day][label] += issued - cash_management
            book[day]["Issues", "Marketable", "Bills", "Cash Management Series"] += cash_management
            book[day]["Redemptions", "Marketable", "Bills", "null"] += matured

    def _spread_coupons(
        self,
        book: dict[date, dict[DebtLine, int]],
        month: date,
        days: Mapping[date, Sequence[str]],
        totals: dict[str, int],
    ) -> None:
        """A month's notes and bonds over its settlement days: twice as many notes at the end as in the middle, bonds in
        equal parts, and floating-rate or inflation-protected notes alone on days of their own."""
        notes, bonds = ("Marketable", "Notes", "null"), ("Marketable", "Bonds", "null")
        main = {day: _weight(kinds) for day, kinds in days.items() if _weight(kinds)}
        alone = {d: sum(_OTHER_NOTES_USD_MN[kind] for kind in kinds) for d, kinds in days.items() if d not in main}
        rng = self.rng("coupon settlements", month)
        rest = totals["notes_issued"] - sum(alone.values())
        for day, amount in (alone | _weighted(rest, main, rng)).items():
            book[day]["Issues", *notes] += amount
        for day, amount in _weighted(totals["bonds_issued"], dict.fromkeys(main, 1), rng).items():
            book[day]["Issues", *bonds] += amount
        for day, amount in _weighted(totals["notes_redeemed"], notes_paid(month), rng).items():
            book[day]["Redemptions", *notes] += amount
        book[add_business_days(month.replace(day=15), 0)]["Redemptions", *bonds] += totals["bonds_redeemed"]

    def _small_debt_lines(self, day: date, has_bills: bool) -> dict[DebtLine, int]:
        """The small change of a statement. What falls due under Other was issued on the business day before."""

        def amount(label: DebtLine, on: date) -> int:
            low, high = _SMALL_LINES_USD_MN[label]
            return round(low + (high - low) * self.share("/".join(label), on))

        lines = {label: amount(label, day) for label in _SMALL_LINES_USD_MN}
        lines["Redemptions", "Nonmarketable", "Other", "null"] = amount(_OTHER_ISSUES, add_business_days(day, -1))
        if not has_bills:  # real statements correct a few millions
            lines["Issues", "Marketable", "Bills", "Regular Series"] = -round(4 * self.share("bills correction", day))
        return lines

    def _debt_today(self, day: date) -> dict[DebtLine, int]:
        return self._debt_by_day.get(day, {})

    def debt_issues_usd_mn(self, day: date) -> dict[str, int]:
        """Marketable securities issued on ``day`` by kind; bills by the series of the statement."""
        return {
            label[3] if label[2] == "Bills" else label[2]: amount
            for label, amount in self._debt_today(day).items()
            if label[:2] == ("Issues", "Marketable")
        }

    def notes_matured_usd_mn(self, month: date) -> int:
        """Notes that fall due on a last day of ``month`` on which banks are closed: paid on the next business day."""
        end = last_day(month)
        paid = add_business_days(end, 0)
        return 0 if paid == end else self._debt_today(paid).get(("Redemptions", "Marketable", "Notes", "null"), 0)

    def debt_cash_usd_mn(self, day: date) -> tuple[int, int]:
        """Cash raised and paid for marketable securities on ``day``; accretion is no cash."""
        cash = {"Issues": 0, "Redemptions": 0}
        for (kind, market, security, _), amount in self._debt_today(day).items():
            if market == "Marketable" and "Increment" not in security:
                cash[kind] += amount
        return cash["Issues"], cash["Redemptions"]

    @cached_property
    def debt_transactions_usd_mn(self) -> dict[date, list[tuple[DebtLine, int, int, int]]]:
        """Label, today, month to date and fiscal year to date of every line of the statement, by day.

        The label is transaction type, marketability, security type and its description ("null" where there is none).
        """
        month_to_date: dict[DebtLine, int] = defaultdict(int)
        year_to_date: dict[DebtLine, int] = defaultdict(int)
        rows: dict[date, list[tuple[DebtLine, int, int, int]]] = {}
        for before, day in pairwise([_WARM_UP - _DAY, *self.fed_days]):
            if day.month != before.month:
                month_to_date.clear()
            if (day.month >= 10) != (before.month >= 10) and day.month >= 10:
                year_to_date.clear()
            amounts = self._debt_today(day)
            rows[day] = []
            for label in DEBT_LINES:
                if label[2] == "Hope Bonds" and day > HOPE_BONDS_END:
                    continue
                today = amounts.get(label, 0)
                month_to_date[label] += today
                year_to_date[label] += today
                rows[day].append((label, today, month_to_date[label], year_to_date[label]))
        return rows

    # -- slow figures -------------------------------------------------------------------------------------------------

    @cached_property
    def m2_usd_bn(self) -> dict[date, float]:
        """Money stock M2 by month, one decimal."""
        return {m: round(v, 1) for m, v in self.anchors("m2_usd_bn", 13_870, 45, drift=70).items()}

    @cached_property
    def saving_rate_pct(self) -> dict[date, float]:
        """Personal saving rate by month, one decimal."""
        return {m: round(max(v, 0.5), 1) for m, v in self.anchors("saving_rate_pct", 5.8, 0.2).items()}

    @cached_property
    def saving_rate_before_update_pct(self) -> dict[date, float]:
        """The same as it stood until the annual update of 2025-09-25."""
        return self.saving_rate_pct | published_months()["saving_rate_before_2025_update_pct"]

    @cached_property
    def gdp_usd_bn(self) -> dict[date, float]:
        """Gross domestic product at an annual rate by quarter, three decimals."""
        return {q: round(v, 3) for q, v in self.anchors("gdp_saar_usd_bn", 20_080, 60, drift=390, months=3).items()}

    @cached_property
    def yields_pct(self) -> dict[str, dict[date, float]]:
        """DTB4WK, DGS2 and DGS10 on bond market days."""
        open_days = [day for day in self.desk_days if day >= FIRST]
        paths = {name: self.path(name, knots, 0.035) for name, knots in _YIELDS_PCT.items()}
        yields = {name: {day: round(max(path[day], 0.08), 2) for day in open_days} for name, path in paths.items()}
        known = {month: level for month, level in published_months()["bill_4_week_pct"].items() if month >= FIRST}
        middles = [(month.replace(day=15), level) for month, level in known.items()]
        bill: dict[date, float] = {}
        for month, days in _by_month(open_days).items():
            if month in known:  # the mean of its days is the published one
                raw = [level_at(middles, day) + 0.015 * self.gauss("bill", day) for day in days]
                shift = known[month] - sum(raw) / len(raw)
                bill |= {day: round(max(level + shift, 0), 2) for day, level in zip(days, raw, strict=True)}
                continue
            for day in days:
                over_bp = _BILL_OVER_EFFR_BP + 1.5 * self.gauss("bill", day)
                bill[day] = round(max(self.rates["EFFR"][day].rate_pct + over_bp / 100, 0.01), 2)
        return yields | {"DTB4WK": bill}

    # -- bitcoin ------------------------------------------------------------------------------------------------------

    @cached_property
    def candles(self) -> dict[date, Candle]:
        """Bitcoin by UTC day."""
        knots = list(_BITCOIN_USD)
        month = month_after(knots[-1][0])
        while knots[-1][0] <= self.last:
            knots.append((month, round(knots[-1][1] * math.exp(0.08 * self.rng("bitcoin", month).gauss(0, 1)), -2)))
            month = month_after(month)
        path = self.path("bitcoin", knots, 0.018, is_log=True)
        for start, day_of_high, high in _BITCOIN_HIGHS:
            for n in range(500):
                day = start + timedelta(days=n)
                if day in path and day != day_of_high and day.year in (start.year, day_of_high.year):
                    path[day] = min(path[day], 0.99 * high)
        candles = {}
        for before, day in pairwise(path):
            opening, closing = round(path[before], 2), round(path[day], 2)
            reach = 0.004 + 0.02 * self.share("bitcoin range", day)
            high = round(max(opening, closing) * (1 + reach * self.share("bitcoin up", day)), 2)
            low = round(min(opening, closing) * (1 - reach * self.share("bitcoin down", day)), 2)
            volume = round(9_000 * math.exp(0.5 * self.gauss("bitcoin volume", day)), 8)
            candles[day] = Candle(low, high, opening, closing, volume)
        return candles


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def tax_day(year: int) -> date:
    """When the income taxes of the year before are due."""
    return TAX_DAYS.get(year) or add_business_days(date(year, 4, 15), 0)


def is_tax_time(day: date) -> bool:
    """Whether ``day`` is the tax day or one of the three after it."""
    return tax_day(day.year) <= day <= tax_day(day.year) + 3 * _DAY


def _tax_money_usd_bn(day: date) -> float:
    """What the tax day has brought and is not yet spent: all gone on the last business day of its month."""
    first, end = tax_day(day.year), last_open_day(day.replace(day=1))
    if not first <= day < end or day.month != first.month:
        return 0.0
    return 120 * min(1, ((day - first).days + 1) / 3) * (end - day).days / (end - first).days


def _by_month(days: Iterable[date]) -> dict[date, list[date]]:
    months: dict[date, list[date]] = defaultdict(list)
    for day in days:
        months[day.replace(day=1)].append(day)
    return months


def _week_until(wednesday: date) -> list[date]:
    return _days(wednesday - timedelta(days=6), wednesday)


def _later(at: str, minutes: int) -> str:
    """The wall-clock time ``minutes`` after ``at``, both HH:MM."""
    total = int(at[:2]) * 60 + int(at[3:]) + minutes
    return f"{total // 60:02d}:{total % 60:02d}"


def _held(amounts: Mapping[date, int], day: date) -> int:
    """Amount of ``day``, or of the last business day before it."""
    while day not in amounts:
        day -= _DAY
    return amounts[day]


def _on_wednesdays(levels: Mapping[date, float]) -> Knots:
    """Month figures as knots on the last Wednesdays."""
    return sorted((last_wednesday(month), level) for month, level in levels.items())


def series_held_by_public_usd_mn(day: date) -> int:
    """What the public gained of the Government Account Series since September 2017, so that marketable debt comes out
    as published from 2021 on (25,748.2 billion without the Federal Financing Bank on 2023-09-30)."""
    return round(level_at([(last_open_day(_WARM_UP - _DAY), 0), (date(2021, 6, 30), 128_247)], day))


def coupon_settlement(due: date) -> date:
    """When what is dated ``due`` is paid for: that day or the next on which banks and the securities market open."""
    return add_business_days(add_business_days(due, 0, Calendar.SIFMA), 0)


@cache
def coupon_settlements(first: date, last: date) -> dict[date, tuple[str, ...]]:
    """What is settled by day: `middle` and `end` of a month; in months without a new floating-rate note its reopening
    on the last Friday; and, when the month ends on a holiday, inflation-protected notes on its last business day."""
    days: dict[date, tuple[str, ...]] = defaultdict(tuple)
    month = month_after(first, -1)
    while month <= last:
        end = last_day(month)
        friday = end - timedelta(days=(end.weekday() - 4) % 7)
        days[coupon_settlement(month.replace(day=15))] += ("middle",)
        days[coupon_settlement(end)] += ("end",)
        if month.month % 3 != 1:
            days[coupon_settlement(friday)] += ("floating",)
        if coupon_settlement(end) != end:
            days[last_open_day(month, Calendar.SIFMA)] += ("protected",)
        month = month_after(month)
    return dict(days)


def notes_paid(month: date) -> dict[date, int]:
    """When notes that fall due are paid in ``month``, and how many: those of a weekend on the business day after it."""
    due = {last_day(month_after(month, -1)): 2, month.replace(day=15): 1, last_day(month): 2}
    paid = {add_business_days(day, 0): weight for day, weight in due.items()}
    return {day: weight for day, weight in paid.items() if day.replace(day=1) == month}


def _weight(kinds: Sequence[str]) -> int:
    return kinds.count("middle") + 2 * kinds.count("end")


def _weighted(total: int, weights: Mapping[date, int], rng: random.Random) -> dict[date, int]:
    """``total`` over days by weight, a tenth up or down."""
    raw = {day: weight * rng.uniform(0.9, 1.1) for day, weight in weights.items()}
    parts = {day: round(total * share / sum(raw.values())) for day, share in raw.items()}
    parts[max(parts)] += total - sum(parts.values())
    return parts


def split(total: int, count: int, rng: random.Random, spread: float = 0.5) -> list[int]:
    """``count`` uneven integers that add up to ``total``."""
    share = total / count
    parts = [share * (1 + spread * rng.uniform(-1, 1)) for _ in range(count)]
    offset = (total - sum(parts)) / count
    rounded = [round(part + offset) for part in parts]
    rounded[-1] += total - sum(rounded)
    return rounded


# Closing balances of single days by the Daily Treasury Statement: nearly empty two days before the debt limit was
# suspended, and the days around the essay.
_TGA_USD_BN = dict(
    _knots(
        "2023-06-01 22.892, 2025-10-29 983.859, 2025-10-30 1000.632, 2025-10-31 926.328, 2025-11-03 924.957, "
        "2025-11-04 939.584, 2025-11-12 943.145"
    )
)
# ON RRP of single days, by the New York Fed as reported.
_ON_RRP_USD_BN = dict(_knots("2024-10-16 272.028, 2025-10-29 19.504, 2025-12-26 20.339, 2025-12-29 10.551"))
_SOFR_DAYS_USD_BN = dict(_knots("2018-04-03 825, 2019-09-17 1177, 2024-06-06 2008, 2025-10-31 3211"))
# Assets of single Wednesdays by H.4.1: the highest of all, and one that a published copy has.
_FED_ASSETS_USD_BN = _knots("2022-04-13 8965.487, 2026-04-15 6705.696")
# Tax days that are not 15 April, by the Internal Revenue Service: holidays, and the two postponements of the pandemic.
TAX_DAYS = {
    2018: date(2018, 4, 17),
    2020: date(2020, 7, 15),
    2021: date(2021, 5, 17),
    2022: date(2022, 4, 18),
    2023: date(2023, 4, 18),
}
# Deficits of the months from January, USD billions; about what those of 2025 and 2026 were.
_DEFICIT_USD_BN = (110, 307, 160, -230, 300, 60, 360, 310, -150, 285, 250, 120)
HOPE_BONDS_END = date(2022, 9, 9)
_AGENCY_DEBT_USD_BN = 21  # of other agencies, in FRED's figure of the debt held by the public and in no other
_OTHER_NOTES_USD_MN = {"floating": 22_000, "protected": 20_000}  # what is sold of them on days of their own
_SAVINGS = "United States Savings Securities"
DEBT_LINES: tuple[DebtLine, ...] = (
    ("Issues", "Marketable", "Bills", "Regular Series"),
    ("Issues", "Marketable", "Bills", "Cash Management Series"),
    ("Issues", "Marketable", "Notes", "null"),
    ("Issues", "Marketable", "Bonds", "null"),
    ("Issues", "Marketable", "Inflation-Protected Securities Increment", "null"),
    ("Issues", "Marketable", "Federal Financing Bank", "null"),
    ("Issues", "Nonmarketable", _SAVINGS, "Cash Issue Price"),
    ("Issues", "Nonmarketable", _SAVINGS, "Interest Increment"),
    ("Issues", "Nonmarketable", "Government Account Series", "null"),
    ("Issues", "Nonmarketable", "Hope Bonds", "null"),
    ("Issues", "Nonmarketable", "Domestic Series", "null"),
    ("Issues", "Nonmarketable", "Foreign Series", "null"),
    ("Issues", "Nonmarketable", "State and Local Series", "null"),
    ("Issues", "Nonmarketable", "Other", "null"),
    ("Redemptions", "Marketable", "Bills", "null"),
    ("Redemptions", "Marketable", "Notes", "null"),
    ("Redemptions", "Marketable", "Bonds", "null"),
    ("Redemptions", "Marketable", "Federal Financing Bank", "null"),
    ("Redemptions", "Nonmarketable", _SAVINGS, "null"),
    ("Redemptions", "Nonmarketable", "Government Account Series", "null"),
    ("Redemptions", "Nonmarketable", "Hope Bonds", "null"),
    ("Redemptions", "Nonmarketable", "Domestic Series", "null"),
    ("Redemptions", "Nonmarketable", "Foreign Series", "null"),
    ("Redemptions", "Nonmarketable", "State and Local Series", "null"),
    ("Redemptions", "Nonmarketable", "Other", "null"),
)
_SMALL_LINES_USD_MN = {  # lines that every statement fills with small change: lowest, highest of a day
    ("Issues", "Nonmarketable", _SAVINGS, "Cash Issue Price"): (4, 40),
    ("Issues", "Nonmarketable", _SAVINGS, "Interest Increment"): (0, 25),
    ("Redemptions", "Nonmarketable", _SAVINGS, "null"): (25, 75),
    ("Issues", "Nonmarketable", "State and Local Series", "null"): (20, 1_100),
    ("Redemptions", "Nonmarketable", "State and Local Series", "null"): (20, 1_100),
    ("Issues", "Nonmarketable", "Other", "null"): (1_500, 4_500),
}
_OTHER_ISSUES = ("Issues", "Nonmarketable", "Other", "null")


@lru_cache(maxsize=4)
def world_on(today: date, seed: int = 0) -> World:
    """The world as of ``today``; the same object for the same arguments."""
    return World(today, seed)
