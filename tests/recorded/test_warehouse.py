"""The one warehouse of all recorded bodies: what is published, published figures, verdicts on the claims."""

import json
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.recorded.bodies import BODIES, LEFT_OUT, files
from tests.recorded.figures import FIGURES, Figure
from warehouse.connection import Home
from warehouse.upkeep.scrub import scrub

# Marts, and columns of the others, that the recordings cannot fill, by the input that nobody recorded. `*` in a column
# stands for anything. A column that is null throughout for another reason fails the test.
WITHOUT_ROWS = {
    "bank_treasury_holdings_quarterly": "fdic.call_report_treasuries: no body with SCUST was recorded",
}
WITHOUT_VALUES = {
    "WLFN after 2017, the others' liabilities: of H.4.1 the lines of some Wednesdays are restated": {
        "stealth_qe_daily": ["other_liabilities_since_*", "currency_since_*", "loans_since_*", "other_assets_since_*",
                             "other_repo_since_*", "foreign_reverse_repo_since_qt_*", "reserves_created_since_qt_*",
                             "tga_since_qt_*"],
        "fed_balance_sheet_weekly": ["term_funding_change_usd_bn"],
    },
    "nyfed.fx_swaps: none was recorded": {"fed_lending_weekly": ["swaps_*_usd_bn"]},
    "fiscaldata.deposits_withdrawals_operating_cash of more than one day": {
        "fiscal_flows_daily": ["*_year_before_*", "year_before_date"],
    },
    "fred.observations of the financial accounts (Z.1) a year apart, and of each sector's quarter before": {
        "treasury_holders_quarterly": ["held_year_change_usd_bn"],
    },
    "operations and holdings of the Fed after 2025-11-24: one purchase of bills was recorded": {
        "fed_purchases_monthly": ["announced_*", "bought_usd_bn", "for_reserve_*", "is_announced_verified",
                                  "operations_count", "other_soma_*", "reinvested_usd_bn", "settled_in_*",
                                  "share_of_*"],
        "stealth_qe_daily": ["bills_since_rmp_usd_bn", "coupons_since_rmp_usd_bn", "rmp_bills_*",
                             "srf_since_rmp_usd_bn"],
    },
    "fiscaldata.mts_table_6, and mts_table_1 of five years": {
        "deficit_bridge_monthly": ["net_borrowing_usd_bn", "other_borrowing_usd_bn", "other_means_usd_bn",
                                   "residual_usd_bn", "stated_financing_usd_bn"],
        "deficit_bridge_fiscal_year": ["*_5y_*", "net_borrowing_*", "other_borrowing_usd_bn", "other_means_usd_bn",
                                       "residual_usd_bn", "restatement_usd_bn"],
        "treasury_issuance_fiscal_year": ["deficit_first_print_usd_bn"],
        "saving_vs_deficit_annual": ["deficit_fiscal_year_first_print_usd_bn"],
    },
    "fiscaldata.public_debt_transactions before 2021-06: five whole fiscal years": {
        "treasury_issuance_fiscal_year": ["*_5y_*"],
    },
    "fred.observations DGS3MO, DGS6MO, DGS1, DGS5, DGS30, TOTBKCR, TOTLL, TOTCI, RELACBW027SBOG, CLSACBW027SBOG": {
        "yield_curve_daily": ["curve_3m_10y_bp", "curve_5y_30y_bp", "yield_1y_pct", "yield_30y_pct", "yield_3m_pct",
                              "yield_5y_pct", "yield_6m_pct"],
        "money_and_banks_weekly": ["all_banks_*loans_*", "all_banks_credit_usd_bn", "loans_to_deposits_pct"],
    },
    "fred.observations A072RC1A156NBEA": {"saving_vs_deficit_annual": ["saving_rate_stated_pct"]},
    "tic.slt_country_flows": {
        "foreign_holdings_monthly": ["*net_purchases_usd_bn", "change_without_purchases_usd_bn",
                                     "valuation_change_usd_bn"],
        "foreign_holdings_total_monthly": ["*net_purchases_usd_bn"],
        "marginal_buyers_quarterly": ["cayman_net_purchases_usd_bn", "foreign_net_purchases_usd_bn"],
    },
    "fred.observations of the financial accounts (Z.1): none was recorded": {
        "marginal_buyers_quarterly": ["*_net_purchases_usd_bn", "unexplained_residual_usd_bn"],
    },
    "fred.observations MORTGAGE30US, DRALACBS, DRCLACBS, DRCCLACBS": {
        "yield_curve_daily": ["mortgage_*"],
        "money_and_banks_weekly": ["*past_due_*"],
    },
    "fdic.call_report_treasuries": {
        "marginal_buyers_quarterly": ["big_four_banks_usd_bn", "other_banks_usd_bn", "residual_usd_bn"],
    },
    "ofr.short_term_funding: ten of its 27 series were recorded": {
        "money_fund_allocation_monthly": ["repo_against_*", "repo_with_others_usd_bn", "repo_with_*_financial_usd_bn"],
        "repo_market_daily": ["dvp_minus_tri_party_without_fed_bp", "dvp_outstanding_usd_bn", "gcf_outstanding_usd_bn",
                              "tri_party_fed_part_usd_bn", "tri_party_without_fed_*"],
    },
    "nyfed.reference_rates TGCR and BGCR": {
        "policy_corridor_daily": ["bgcr_pct", "tgcr_*"],
        "repo_market_daily": ["bgcr_volume_usd_bn", "bilateral_part_of_sofr_usd_bn", "gcf_part_of_bgcr_usd_bn",
                              "tgcr_volume_usd_bn"],
    },
    "fiscaldata.mspd_table_1 of twelve months that avg_interest_rates has, and the cash lines of the daily statement": {
        "interest_cost_monthly": ["coupons_paid_12m_usd_bn", "interest_12m_usd_bn", "interest_to_*",
                                  "public_interest_expense_to_*", "receipts_12m_usd_bn"],
    },
    "fred.observations of H.8 other than DPSACBW027SBOG": {
        "money_and_banks_weekly": ["*_assets_*", "*_mbs_*", "all_banks_securities_*", "foreign_related_*", "large_*",
                                   "securities_to_*", "small_*"],
    },
    "coinbase.daily_candles of the years of CBBTCUSD": {"reconciliation": ["detected_shift_days"]},
    "fred.observations WMTSECL1 of a Wednesday with RESPPLLRF, and of one 13 weeks later": {
        "foreign_custody_weekly": ["custody_*_13w_*", "custody_*_52w_*", "foreign_official_at_fed_usd_bn"],
    },
    "nothing: forecasts that are written now have no outcome yet": {
        "forecast_ledger": ["forecast_error_value", "is_within_interval", "outcome_known_at", "outcome_value"],
    },
    "nothing: standing repo has had no limit since 2025-12-11": {"srf_scenario": ["standing_repo_limit_usd_bn"]},
    "nothing: no load of a recorded body fails": {"source_health": ["last_error", "last_error_at"]},
    "nothing: nobody polled, so no rule is judged": {
        "release_calendar": ["polled_before_at", "punctuality", "rule_hit_pct"],
    },
}  # fmt: skip

# Verdict on each claim on real bodies, as known when the essay appeared and now; `-` is: not testable with these.
# Held against warehouse/docs/claims.md; values of the measures stand in `test_scorecard_of_the_essay`.
VERDICTS = {
    "B01": ("supported", "supported"), "B02": ("supported", "supported"), "B03": ("-", "-"),
    "B04": ("supported", "supported"), "B05": ("supported", "supported"), "B06": ("-", "-"),
    "B07": ("contradicted", "contradicted"), "B08": ("-", "-"), "F01": ("supported", "supported"),
    "F02": ("supported", "supported"), "F03": ("supported", "supported"), "F04": ("mixed", "mixed"),
    "F05": ("supported", "supported"), "F06": ("too early", "-"), "F07": ("too early", "-"),
    "F08": ("supported", "mixed"), "F09": ("supported", "supported"), "F10": ("supported", "supported"),
    "F11": ("supported", "supported"), "F12": ("mixed", "mixed"), "F13": ("-", "-"),
    "M01": ("contradicted", "contradicted"), "M02": ("-", "-"), "M03": ("supported", "supported"),
    "M04": ("supported", "supported"), "M05": ("mixed", "mixed"), "M06": ("too early", "supported"),
    "P01": ("too early", "contradicted"), "P02": ("too early", "-"), "P03": ("too early", "-"),
    "P04": ("too early", "-"), "P05": ("-", "-"), "P06": ("-", "-"), "R01": ("supported", "supported"),
    "R02": ("supported", "supported"), "R03": ("supported", "supported"), "R04": ("supported", "supported"),
    "R05": ("mixed", "mixed"), "R06": ("supported", "supported"), "R07": ("contradicted", "contradicted"),
    "R08": ("-", "-"), "R09": ("mixed", "mixed"), "R10": ("mixed", "mixed"), "R11": ("supported", "supported"),
    "R12": ("supported", "supported"), "R13": ("-", "-"), "R14": ("contradicted", "contradicted"),
    "R15": ("-", "contradicted"), "R16": ("-", "contradicted"), "R17": ("supported", "supported"),
    "R18": ("contradicted", "contradicted"), "R19": ("contradicted", "contradicted"),
    "R20": ("contradicted", "contradicted"), "R21": ("supported", "supported"), "R22": ("supported", "supported"),
    "R23": ("rhetoric", "rhetoric"),
}  # fmt: skip


def test_every_file_of_the_manifest_is_loaded_or_left_out_with_a_reason(recordings: Path):
    listed = [json.loads(line)["file"] for line in (recordings / "MANIFEST.jsonl").read_text("utf-8").splitlines()]
    loaded = {str(path.relative_to(recordings)) for body in BODIES for path in files(recordings, body.pattern)}
    left_out = {str(path.relative_to(recordings)) for pattern in LEFT_OUT for path in recordings.rglob(pattern)}
    left_out |= {name for name in listed for pattern in LEFT_OUT if (recordings / name).match(pattern)}
    assert loaded & left_out == set()
    assert set(listed) - loaded - left_out == set()


def test_no_blocking_check_fails_and_nothing_is_held_back(real: Home):
    said = (real.root / "build.txt").read_text("utf-8")
    assert said.startswith("exit 0"), said


def test_log_journal_and_archive_of_real_bodies_are_whole(real: Home):
    assert scrub(real).problems == []


def test_every_mart_has_rows_but_for_inputs_that_nobody_recorded(con):
    marts = [name for (name,) in con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' ORDER BY 1").fetchall()]  # fmt: skip
    declared = {path.stem for path in (REPOSITORY / "dbt_project/models/marts").rglob("*.sql")}
    assert set(marts) == declared
    assert "thesis_scorecard" in marts
    empty = {name for name in marts if _one(con, f"SELECT count(*) FROM marts.{name}") == 0}
    assert empty == set(WITHOUT_ROWS)


def test_a_column_that_is_null_throughout_lacks_an_input_that_nobody_recorded(con):
    allowed = [
        (mart, pattern) for columns in WITHOUT_VALUES.values() for mart, names in columns.items() for pattern in names
    ]
    rows = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts' ORDER BY 1, 2"
    ).fetchall()
    empty = [
        (mart, column) for mart, column in rows
        if mart not in WITHOUT_ROWS and _one(con, f'SELECT count("{column}") FROM marts.{mart}') == 0
    ]  # fmt: skip
    unexplained = [
        (mart, column) for mart, column in empty
        if not any(mart == name and fnmatch(column, pattern) for name, pattern in allowed)
    ]  # fmt: skip
    assert unexplained == []
    idle = [
        (name, pattern) for name, pattern in allowed
        if not any(mart == name and fnmatch(column, pattern) for mart, column in empty)
    ]  # fmt: skip
    assert idle == []


@pytest.mark.parametrize("figure", FIGURES, ids=str)
def test_published_figure(con, figure: Figure):
    rows = con.execute(f"SELECT {figure.column} FROM marts.{figure.mart} WHERE {figure.where}").fetchall()
    assert rows == [(pytest.approx(figure.value, abs=figure.abs),)], figure.source


def test_there_are_eighty_published_figures_and_more():
    assert len({(figure.mart, figure.column, figure.where) for figure in FIGURES}) == len(FIGURES) >= 80


def _one(con, query: str, *parameters):
    row = con.execute(query, list(parameters)).fetchone()
    assert row is not None, query
    return row if len(row) > 1 else row[0]


def test_reference_rates(con):
    stress = "SELECT sofr_pct, sofr_percentile_99_pct, sofr_minus_ceiling_bp FROM marts.funding_stress_daily"
    assert _one(con, f"{stress} WHERE effective_date = ?", date(2024, 6, 6))[:2] == (5.33, 5.44)
    assert _one(con, f"{stress} WHERE effective_date = ?", date(2025, 10, 31))[2] == pytest.approx(22, abs=1e-9)
    corridor = "SELECT effr_pct FROM marts.policy_corridor_daily WHERE effective_date = ?"
    assert _one(con, corridor, date(2026, 8, 5)) == 3.63


def test_latest_against_latest_errs_by_the_whole_move(con):
    """On the morning of 2025-10-30 the newest SOFR is that of the 29th, the newest ceiling the one cut that day."""
    known = "effective_date <= DATE '2025-10-30'"
    naive = _one(
        con,
        "SELECT 100 * (max_by(sofr_pct, effective_date) FILTER (effective_date < DATE '2025-10-30') "
        f"- max_by(target_ceiling_pct, effective_date)) FROM marts.policy_corridor_daily WHERE {known}",
    )
    spread = "SELECT sofr_minus_ceiling_bp FROM marts.policy_corridor_daily WHERE effective_date = ?"
    effective = _one(con, spread, date(2025, 10, 29))
    assert (naive, effective) == (pytest.approx(27), pytest.approx(2))
    assert naive - effective == pytest.approx(25)  # the cut of 2025-10-30


def test_net_liquidity_nowcast_from_three_publishers(con):
    """WALCL 6,587.034 of 2025-10-29, TGA 983.859 (DTS) and ON RRP 19.504 of the day, all in billions."""
    row = _one(
        con,
        "SELECT nowcast_assets_usd_bn, nowcast_tga_usd_bn, nowcast_on_rrp_usd_bn, net_liquidity_nowcast_usd_bn "
        "FROM marts.dollar_liquidity_daily WHERE effective_date = ?",
        date(2025, 10, 29),
    )
    assert row == tuple(pytest.approx(value) for value in (6587.034, 983.859, 19.504, 5583.671))


def test_regime_of_the_autumn_of_2025(con):
    """SOFR lay 2, 6 and 2 bp over the ceiling on 27, 28 and 29 October: the third day in a row decides."""
    query = "SELECT regime, rule_fired, regime_since_date FROM marts.liquidity_regime_daily WHERE effective_date = ?"
    assert _one(con, query, date(2025, 10, 31)) == ("strained", "sofr_above_ceiling", date(2025, 10, 29))
    assert _one(con, query, date(2025, 10, 28))[0] != "strained"


def test_holdings_of_holiday_weeks_agree_with_the_balance_sheet(con):
    """The portfolio is dated Tuesday 2024-06-18, 12-24 and 12-31; H.4.1 says the same of the Wednesdays."""
    rows = con.execute(
        "SELECT effective_date, difference_value FROM marts.reconciliation WHERE pair = 'soma_treasuries_h41'"
    ).fetchall()
    found = dict(rows)
    assert len(found) >= 200
    assert {date(2024, 6, 19), date(2024, 12, 25), date(2025, 1, 1)} <= set(found)
    assert max(map(abs, found.values())) <= 0.0005  # H.4.1 rounds to millions


def test_standing_repo_both_operations_of_the_day_are_summed(con):
    legs = con.execute(
        "SELECT day_half, accepted_usd_bn FROM marts.srf_operations WHERE operation_date = ? ORDER BY release_time",
        [date(2025, 10, 31)],
    ).fetchall()
    assert legs == [("morning", pytest.approx(20.35)), ("afternoon", pytest.approx(30.0))]
    daily = "SELECT srf_accepted_usd_bn FROM marts.funding_stress_daily WHERE effective_date = ?"
    assert _one(con, daily, date(2025, 10, 31)) == pytest.approx(50.35)
    assert _one(con, daily, date(2025, 6, 30)) == pytest.approx(11.075)
    tight = con.execute(
        "SELECT count(*), count(*) FILTER (sofr_minus_ceiling_bp >= -5) FROM marts.funding_stress_daily "
        "JOIN (SELECT operation_date AS effective_date, sum(accepted_usd_bn) AS taken FROM marts.srf_operations "
        "WHERE NOT is_exercise GROUP BY 1) USING (effective_date) WHERE taken >= 1"
    ).fetchone()
    assert tight[0] >= 15  # 20 since 2022; the SOFR recording with percentiles starts in November 2023


def test_event_study_finds_what_a_count_by_hand_found(con):
    """warehouse/docs/methods.md section 3: 20 days with 1 billion or more in 2022-01 to 2025-11, 18 near the ceiling.

    The recorded SOFR starts in November 2023; no day of take-up lies before it.
    """
    query = (
        "SELECT both_days_count, only_take_up_days_count, recall_ratio, last_date FROM marts.srf_event_study "
        "WHERE sample_window = 'until_2025_11' AND control = 'all_days' "
        "AND sofr_threshold_bp = -5 AND take_up_threshold_usd_bn = 1"
    )
    assert _one(con, query) == (18, 2, pytest.approx(0.9), date(2025, 11, 20))
    by_hand = _one(
        con,
        "SELECT count(DISTINCT operation_date) FROM (SELECT operation_date FROM marts.srf_operations "
        "WHERE NOT is_exercise AND operation_date BETWEEN '2022-01-01' AND '2025-11-30' "
        "GROUP BY operation_date HAVING sum(accepted_usd_bn) >= 1)",
    )
    assert by_hand == 20
    # Claim R21 asks for a recall of 0.8; chance alone does not give it, and the interval does not reach below it.
    low, reaching = _one(con, query.replace("both_days_count, only_take_up_days_count, recall_ratio, last_date",
                                            "recall_low_ratio, placebo_reaching_ratio"))  # fmt: skip
    assert low >= 0.8
    assert reaching == 0
    peak = _one(con, "SELECT max(srf_accepted_usd_bn) FROM marts.funding_stress_daily")
    assert peak == pytest.approx(50.35)  # claim R22, within 1 %


def test_reverse_repo_without_its_exercise(con):
    query = "SELECT on_rrp_usd_bn FROM marts.funding_stress_daily WHERE effective_date = ?"
    assert _one(con, query, date(2024, 10, 16)) == pytest.approx(272.028)
    assert _one(con, query, date(2025, 11, 20)) > 0


def test_iorb_is_dated_ahead_and_known_before_its_day(con):
    newest, known = _one(
        con, "SELECT max(observation_date), max(known_from) FROM history.fred__observations WHERE series_id = 'IORB'"
    )
    assert newest == date(2026, 8, 21)  # of the cache of many series
    assert known.date() < newest


def test_a_download_without_line_numbers_leaves_those_that_are_held(con):
    """The API's row of February 2025 came first; the site's download of twelve months has no such column."""
    lines = con.execute(
        "SELECT src_line_nbr, count(*) FROM history.fiscaldata__mspd_table_1 "
        "WHERE known_to = TIMESTAMP '9999-12-31' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert lines == [("1", 1), (None, 167)]


def test_treasury_cash_across_the_three_eras(con):
    query = "SELECT closing_balance_usd_bn FROM marts.treasury_cash_daily WHERE effective_date = ?"
    assert _one(con, query, date(2018, 1, 2)) == pytest.approx(190.038)
    assert _one(con, query, date(2021, 10, 1)) == pytest.approx(132.452)
    assert _one(con, query, date(2022, 4, 18)) == pytest.approx(841.253)
    assert _one(con, query, date(2025, 10, 31)) == pytest.approx(926.328)


def test_wtregen_billions_in_2023_and_millions_in_2025_are_one_smooth_series(con):
    units = con.execute(
        "SELECT DISTINCT unit, known_from::DATE FROM history.fred__observations "
        "WHERE series_id = 'WTREGEN' AND observation_date = DATE '2023-07-12' ORDER BY 2"
    ).fetchall()
    assert [unit for unit, _ in units] == ["usd_bn", "usd_mn"]
    versions = con.execute(
        "SELECT DISTINCT CASE unit WHEN 'usd_mn' THEN value / 1000 ELSE value END FROM history.fred__observations "
        "WHERE series_id = 'WTREGEN' AND observation_date = DATE '2023-07-12'"
    ).fetchall()
    assert versions == [(pytest.approx(514.337),)]


def test_two_downloads_of_a_series_give_revisions_not_duplicates(con):
    """The saving rate of 2024 before and after the annual update of September 2025."""
    duplicates = con.execute(
        "SELECT series_id, observation_date FROM history.fred__observations "
        "WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted GROUP BY ALL HAVING count(*) > 1"
    ).fetchall()
    assert duplicates == []
    mean = (
        "SELECT avg(value) FROM history.fred__observations WHERE series_id = 'PSAVERT' "
        "AND observation_date BETWEEN '2024-01-01' AND '2024-12-01' AND NOT is_deleted "
        "AND known_from <= ?::TIMESTAMP AND known_to > ?::TIMESTAMP"
    )
    assert _one(con, mean, "2025-06-01", "2025-06-01") == pytest.approx(4.52, abs=0.01)
    assert _one(con, mean, "2026-09-15", "2026-09-15") == pytest.approx(5.5, abs=0.3)


def test_a_number_leads_back_to_its_file(con, real: Home, recordings: Path):
    import hashlib

    payload = _one(
        con,
        "SELECT payload_id FROM history.nyfed__repo_operations WHERE operation_id = 'RP 101624 2' "
        "AND known_to = TIMESTAMP '9999-12-31'",
    )
    file = recordings / "nyfed" / "rp_results_search_2024-10-16.json"
    assert payload == hashlib.sha256(file.read_bytes()).hexdigest()
    source = _one(con, "SELECT source_url FROM meta.load WHERE list_contains(payload_ids, ?) LIMIT 1", payload)
    assert file.name in source


def test_scorecard_of_the_essay(con):
    """Verdicts on real bodies, then and now; figures as in the tests above and in warehouse/docs/methods.md."""
    rows = con.execute(
        "SELECT claim_id, measure_id, then_value, then_verdict, now_value, now_verdict, claim_then_verdict, "
        "claim_now_verdict FROM marts.thesis_scorecard"
    ).fetchall()
    card = {(claim, measure): rest for claim, measure, *rest in rows}
    of_claim = {claim: tuple(rest[-2:]) for claim, _, *rest in rows}

    def now(claim: str, measure: str) -> tuple[float, str]:
        return card[claim, measure][2], card[claim, measure][3]

    # A definition decides: net with accretion, net without, gross; 37 % only with accretion.
    assert now("F05", "net_with_accretion") == (pytest.approx(1986.386, abs=0.001), "supported")
    assert now("F05", "net_without_accretion")[1] == now("F05", "gross_issues")[1] == "contradicted"
    assert now("B02", "with_accretion") == (pytest.approx(36.64, abs=0.01), "supported")
    assert now("B02", "without_accretion") == (pytest.approx(39.67, abs=0.01), "contradicted")
    assert of_claim["B02"] == of_claim["F05"] == ("supported", "supported")  # one definition that matches is enough
    # A vintage decides: the saving rate of 2024 before and after the update of September 2025.
    then_value, then_verdict, now_value, now_verdict, *_ = card["F08", "mean_of_months"]
    assert (then_value, then_verdict) == (pytest.approx(4.52, abs=0.01), "supported")
    assert (now_value, now_verdict) == (pytest.approx(5.43, abs=0.01), "contradicted")
    assert of_claim["F08"] == ("supported", "mixed")
    # The version behind the 4.52 is of 2025-05-15, older than the update, and the sentence says so.
    assert card["F08", "newest_version"][:2] == [-133, "contradicted"]
    words = _one(con, "SELECT max(claim_sentence) FROM marts.thesis_scorecard WHERE claim_id = 'F08'")
    assert words.endswith("days after the annual update of 2025-09-25: −133 days.")
    # A date decides: 150 billion above the goal on one business day, not on the next.
    assert now("M05", "on_2025_10_30") == (pytest.approx(150.632), "supported")
    assert now("M05", "on_2025_10_31") == (pytest.approx(76.328), "contradicted")
    assert card["M05", "on_2025_11_04"][:2] == [None, "too early"]
    # A day or each day, a level or the time that it took: both sides decide. Run-off began a day too late.
    assert (now("R05", "publication_day"), of_claim["R05"]) == ((100, "supported"), ("mixed", "mixed"))
    assert now("F12", "twelve_months") == (pytest.approx(-0.1, abs=0.01), "contradicted")
    assert (now("F12", "to_essay")[1], of_claim["F12"]) == ("supported", ("mixed", "mixed"))
    assert (now("R14", "runoff_start"), of_claim["R14"]) == ((151, "contradicted"), ("contradicted", "contradicted"))
    # The facility: largest day, company of SOFR and use, a limit that still stood.
    assert now("R22", "day") == (pytest.approx(50.35), "supported")
    assert now("R21", "recall")[1] == "supported"
    assert now("R19", "median") == (22, "contradicted")
    assert now("R18", "at_publication") == (0, "contradicted")
    # Who lent in reverse repo on its record day, by the counterparties that the operations' own bodies hold.
    assert now("R09", "money_funds_and_banks") == (pytest.approx(91.67, abs=0.01), "supported")
    assert now("R09", "banks_alone") == (pytest.approx(0.059, abs=0.001), "contradicted")
    # Deficits of FRED's copy, 1,375.9, 1,695.2 and 1,832.8 billion, and of the statement of July 2026, 1,775.4.
    ratios = [now("F04", f"fiscal_year_{year}") for year in (2022, 2023, 2024, 2025)]
    assert [round(ratio, 3) for ratio, _ in ratios] == [1.319, 1.215, 1.077, 1.119]
    assert now("F09", "fiscal_year") == (pytest.approx(6.36, abs=0.01), "supported")
    # Reserves by the average of the week: 1,012 billion less since January 2022, not trillions.
    assert now("R15", "week_average") == (pytest.approx(-1011.71, abs=0.01), "contradicted")
    assert now("R16", "week_average")[1] == "contradicted"
    # What the recordings do not hold is not judged.
    assert of_claim["F06"] == ("too early", "not testable with these sources")


def test_verdict_on_every_claim(con):
    rows = con.execute(
        "SELECT DISTINCT claim_id, claim_then_verdict, claim_now_verdict FROM marts.thesis_scorecard ORDER BY claim_id"
    ).fetchall()
    short = {"not testable with these sources": "-"}
    found = {claim: tuple(short.get(verdict, verdict) for verdict in verdicts) for claim, *verdicts in rows}
    assert len(found) == 56
    assert found == VERDICTS


def test_deficits_of_years_without_a_statement_are_the_published_ones(con):
    """US Treasury: 1,376 billion in 2022, 1,695 in 2023, 1,833 in 2024 and 1,775 in 2025."""
    years = "SELECT deficit_usd_bn, deficit_statement_date FROM marts.treasury_issuance_fiscal_year"
    for year, usd_bn, statement in (
        (2022, 1376, None), (2023, 1695, None), (2024, 1833, None), (2025, 1775, date(2026, 7, 31)),
    ):  # fmt: skip
        deficit, printed_in = _one(con, f"{years} WHERE fiscal_year = ?", year)
        assert (deficit, printed_in) == (pytest.approx(usd_bn, abs=0.5), statement)


def test_the_first_sentence_sets_nothing_beside_another_that_is_months_older(real: Home, con):
    """SOFR is held to August 2026, standing repo to November 2025: the page names the rate alone."""
    sofr = _one(con, "SELECT max(effective_date) FROM marts.policy_corridor_daily WHERE sofr_pct IS NOT NULL")
    lent = _one(con, "SELECT max(effective_date) FROM marts.funding_stress_daily WHERE srf_accepted_usd_bn IS NOT NULL")
    page = (real.current / "report/index.html").read_text("utf-8")
    first = page[page.index('id="today-title"') :].split("</h2>")[0]
    assert (sofr - lent).days > 200
    assert "the ceiling of the target range." in " ".join(first.split())
    assert "facility" not in first
