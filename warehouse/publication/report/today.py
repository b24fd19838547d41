"""The first screen: today, compared with yesterday and last week.

All that is printed comes from queries on marts (`numbers.py`). What must not be here: layout, links of the chain.
"""

from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from warehouse.publication.report.numbers import Numbers, Reading, date_literal, days_in_a_year_sql, look

# From the top of the corridor down. Equal rates keep this order.
_RATES = (
    ("Target ceiling", "target_ceiling_pct", "bound"),
    ("Standing repo bid", "srf_minimum_bid_pct", "policy"),
    ("Interest on reserves", "iorb_pct", "policy"),
    ("SOFR", "sofr_pct", "market"),
    ("Fed funds (EFFR)", "effr_pct", "market"),
    ("ON RRP award", "on_rrp_award_pct", "policy"),
    ("Target floor", "target_floor_pct", "bound"),
)
_SPARK_DAYS, _SPARK_WEEKS = 125, 52
_STRESS = "funding_stress_daily"
_DAY_DAYS = 5  # the value before counts as the day before's up to a long weekend
_HELD_DAYS = 20  # business days of the window behind "largest of the last twenty"


def today(numbers: Numbers, now: datetime) -> dict[str, Any]:
    """Everything the first screen prints; ``now`` is the moment up to which the generation knows things (UTC)."""
    return {
        "corridor": _corridor(numbers),
        "stress": _stress(numbers),
        "srf": _srf(numbers),
        "tga": _tga(numbers),
        "reserves": look(numbers, Reading("fed_balance_sheet_weekly", "reserves_usd_bn", "usd_bn", "wednesday_date"),
                         longer_days=28, spark_rows=_SPARK_WEEKS),
        "channels": _channels(numbers),
        "net": _net(numbers),
        "news": _news(numbers, now),
    }  # fmt: skip


def _corridor(numbers: Numbers) -> dict[str, Any]:
    """All rates in force on the newest day with SOFR, sorted by height, with their place between floor and ceiling."""
    mart = "policy_corridor_daily"
    spread = look(numbers, Reading(mart, "sofr_minus_ceiling_bp", "bp"), spark_rows=_SPARK_DAYS, zero=0.0)
    if spread.day is None:
        return {"spread": spread, "rates": [], "announced": None}
    held = []
    for label, column, kind in _RATES:
        reading = Reading(mart, column, "pct")
        value = numbers.ask(reading.value_sql(spread.day))
        if value is not None:
            held.append((value, label, kind, look(numbers, reading, on=spread.day, before_days=_DAY_DAYS)))
    if not held:  # a mart held back from before it had these columns
        return {"spread": spread, "rates": [], "announced": None}
    held.sort(key=lambda rate: -rate[0])
    low, high = held[-1][0] - 0.03, held[0][0] + 0.03
    floor, ceiling = (
        numbers.ask(Reading(mart, column, "pct").value_sql(spread.day))
        for column in ("target_floor_pct", "target_ceiling_pct")
    )

    def place(value: float | None) -> float:
        return round(100 * ((value if value is not None else low) - low) / (high - low), 2)

    # A decision that is announced, or newer than SOFR's last day.
    changed = (
        f"SELECT {{}} FROM marts.{mart} WHERE effective_date > {date_literal(spread.day)} "
        f"AND target_ceiling_pct <> (SELECT target_ceiling_pct FROM marts.{mart} "
        f"WHERE effective_date = {date_literal(spread.day)}) ORDER BY effective_date LIMIT 1"
    )
    announced = numbers.ask(changed.format("effective_date")) is not None
    return {
        "spread": spread,
        "rates": [
            {"label": label, "kind": kind, "shown": shown, "place": place(value)} for value, label, kind, shown in held
        ],
        "band": (place(floor), place(ceiling)),
        "announced": {
            "day": numbers.show(changed.format("effective_date")),
            "floor": numbers.show(changed.format("target_floor_pct"), "pct"),
            "ceiling": numbers.show(changed.format("target_ceiling_pct"), "pct"),
        }
        if announced
        else None,
    }


def _stress(numbers: Numbers) -> dict[str, Any]:
    tight = Reading(_STRESS, "is_cash_tight", "")
    day = tight.newest(numbers)
    if day is None:
        return {"day": None}
    before = numbers.ask(tight.earlier_sql(day, 1, _DAY_DAYS))
    week = numbers.ask(tight.earlier_sql(day, 7, 14))
    at = f"marts.liquidity_regime_daily WHERE effective_date = {date_literal(day)}"
    # A rule measures a spread of SOFR, or an amount (seed regime_thresholds).
    rule_unit = "bp" if str(numbers.ask(f"SELECT rule_fired FROM {at}")).startswith("sofr") else "usd_bn"
    return {
        "day": day,
        "is_tight": numbers.ask(tight.value_sql(day)),
        "as_of": numbers.show(tight.newest_sql()),
        "tight": numbers.show(tight.value_sql(day)),
        "tight_before": numbers.show(tight.value_sql(before)) if before else None,
        "tight_week": numbers.show(tight.value_sql(week)) if week else None,
        "days_tight": numbers.show(days_in_a_year_sql(_STRESS, "is_cash_tight", "is_cash_tight"), "count"),
        "regime": numbers.show(f"SELECT regime FROM {at}"),
        "since": numbers.show(f"SELECT regime_since_date FROM {at}"),
        "rule": numbers.show(f"SELECT replace(rule_fired, '_', ' ') FROM {at}"),
        "has_rule": numbers.ask(f"SELECT rule_measured_value FROM {at}") is not None,
        "measured": numbers.show(f"SELECT rule_measured_value FROM {at}", rule_unit),
        "threshold": numbers.show(f"SELECT rule_threshold_value FROM {at}", rule_unit),
        "decision": numbers.show(f"SELECT decision FROM {at}"),
        "tail": look(numbers, Reading(_STRESS, "sofr_percentile_99_pct", "pct")),
        "tail_spread": look(
            numbers,
            Reading(_STRESS, "sofr_percentile_99_minus_ceiling_bp", "bp"),
            spark_rows=_SPARK_DAYS,
            zero=0.0,
            before_days=_DAY_DAYS,
        ),
    }


def _srf(numbers: Numbers) -> dict[str, Any]:
    reading = Reading(_STRESS, "srf_accepted_usd_bn", "usd_bn")
    take_up = look(numbers, reading, spark_rows=_SPARK_DAYS, zero=0.0)
    if take_up.day is None:
        return {"take_up": take_up}
    last = (
        f"(SELECT effective_date, srf_accepted_usd_bn FROM marts.{_STRESS} WHERE srf_accepted_usd_bn IS NOT NULL "
        f"ORDER BY effective_date DESC LIMIT {_HELD_DAYS})"
    )
    big = f"FROM marts.{_STRESS} WHERE is_srf_take_up"
    operations = f"FROM marts.srf_operations WHERE operation_date = {date_literal(take_up.day)} AND NOT is_exercise"
    return {
        "take_up": take_up,
        "largest": numbers.show(f"SELECT max(srf_accepted_usd_bn) FROM {last}", "usd_bn"),
        "largest_day": numbers.show(f"SELECT arg_max(effective_date, srf_accepted_usd_bn) FROM {last}"),
        "big_day": numbers.show(f"SELECT max(effective_date) {big}"),
        "big": numbers.show(f"SELECT arg_max(srf_accepted_usd_bn, effective_date) {big}", "usd_bn"),
        "operations": [
            (half, numbers.show(f"SELECT sum(accepted_usd_bn) {operations} AND day_half = '{half}'", "usd_bn"))
            for (half,) in numbers.rows(f"SELECT DISTINCT day_half {operations} ORDER BY day_half DESC")
        ],
    }


def _tga(numbers: Numbers) -> dict[str, Any]:
    mart = "treasury_cash_daily"
    balance = look(numbers, Reading(mart, "closing_balance_usd_bn", "usd_bn"), spark_rows=_SPARK_DAYS)
    if balance.day is None:
        return {"balance": balance}
    at = f"FROM marts.{mart} WHERE effective_date = {date_literal(balance.day)}"
    held = numbers.ask(f"SELECT assumed_cash_balance_usd_bn {at}") is not None
    last = f"FROM marts.{mart} WHERE assumed_cash_balance_usd_bn IS NOT NULL"
    return {
        "balance": balance,
        "has_target": held,
        "target": numbers.show(f"SELECT assumed_cash_balance_usd_bn {at}", "usd_bn")
        if held
        else numbers.show(f"SELECT arg_max(assumed_cash_balance_usd_bn, effective_date) {last}", "usd_bn"),
        "target_published": numbers.show(
            f"SELECT assumed_cash_balance_published_date {at}"
            if held
            else f"SELECT max(assumed_cash_balance_published_date) {last}"
        ),
        "target_until": None if held else numbers.show(f"SELECT max(effective_date) {last}"),
        "excess": numbers.show(f"SELECT excess_over_assumed_usd_bn {at}", "usd_bn", signed=True),
        "is_shutdown": numbers.ask(f"SELECT is_government_shutdown {at}"),
        "is_limit": numbers.ask(f"SELECT is_debt_limit_binding {at}"),
    }


def _channels(numbers: Numbers) -> list[tuple[str, Markup]]:
    """What the newest week of the balance sheet added to reserves, by its largest channels."""
    named = {
        "srf_contribution_usd_bn": "by standing repo", "loans_contribution_usd_bn": "by loans to banks",
        "bills_contribution_usd_bn": "by Treasury bills",
        "coupons_contribution_usd_bn": "by other Treasuries", "mbs_contribution_usd_bn": "by mortgage bonds",
        "tga_contribution_usd_bn": "by the Treasury's account", "on_rrp_contribution_usd_bn": "by ON RRP",
        "foreign_reverse_repo_contribution_usd_bn": "by foreign reverse repo",
        "currency_contribution_usd_bn": "by currency",
    }  # fmt: skip
    mart = "marts.stealth_qe_daily"
    newest = f"FROM {mart} WHERE effective_date = (SELECT max(effective_date) FROM {mart} WHERE is_balance_sheet_day)"
    rows = numbers.rows(f"SELECT {', '.join(named)} {newest}")
    if not rows:
        return []
    by_size = sorted(zip(named.items(), rows[0], strict=True), key=lambda pair: -abs(float(pair[1] or 0)))
    return [
        (label, numbers.show(f"SELECT {column} {newest}", "usd_bn", signed=True))
        for (column, label), value in by_size[:3]
        if value
    ]


def _net(numbers: Numbers) -> dict[str, Any]:
    mart = "dollar_liquidity_daily"
    score = (
        "SELECT score_sentence FROM marts.balance_sheet_forecasts "
        "WHERE forecast_target = 'net_liquidity' AND forecast_model = 'daily_nowcast'"
    )
    said = numbers.ask(score)
    return {
        "score": numbers.as_html(said, score) if said else None,
        "wednesday": look(
            numbers, Reading(mart, "net_liquidity_wednesday_usd_bn", "usd_bn"), longer_days=28, spark_rows=_SPARK_WEEKS
        ),
        "nowcast": look(numbers, Reading(mart, "net_liquidity_nowcast_usd_bn", "usd_bn")),
    }


def _news(numbers: Numbers, now: datetime) -> dict[str, Any]:
    """What is late or failing, and what has come in or was revised lately."""

    def since(days: int) -> str:
        return f"TIMESTAMP '{now - timedelta(days=days):%Y-%m-%d %H:%M:%S}'"

    health, log = "FROM marts.source_health", "FROM marts.revision_log"
    bad = f"{health} WHERE health IN ('late', 'failing')"
    return {
        "is_judged": numbers.ask(f"SELECT max(checked_at) {health}") is not None,
        "bad": bool(numbers.ask(f"SELECT count(*) {bad}")),
        "late_count": numbers.show(f"SELECT count(*) {health} WHERE health = 'late'", "count"),
        "failing_count": numbers.show(f"SELECT count(*) {health} WHERE health = 'failing'", "count"),
        "series_count": numbers.show(f"SELECT count(*) {health}", "count"),
        "checked": numbers.show(f"SELECT max(checked_at) {health}"),
        # A provider that is down is one line.
        "bad_rows": numbers.table(
            "SELECT CASE WHEN count(*) = 1 THEN any_value(title) WHEN count(DISTINCT dataset) > 1 "
            "THEN provider_title || ' (' || count(DISTINCT dataset) || ' datasets)' ELSE provider_title END AS whose, "
            f"count(*), min(due_at), health {bad} GROUP BY provider_title, health, if(health = 'late', due_at, NULL) "
            "ORDER BY health DESC, min(due_at), whose LIMIT 6"
        ),
        "new_day": numbers.show(f"SELECT count(*) {health} WHERE newest_known_from > {since(1)}", "count"),
        "new_week": numbers.show(f"SELECT count(*) {health} WHERE newest_known_from > {since(7)}", "count"),
        "revised_day": numbers.show(f"SELECT count(*) {log} WHERE known_from > {since(1)}", "count"),
        "revised_week": numbers.show(f"SELECT count(*) {log} WHERE known_from > {since(7)}", "count"),
        "has_revisions": bool(numbers.ask(f"SELECT count(*) {log} WHERE known_from > {since(7)}")),
        "revisions": numbers.table(
            "SELECT series, effective_date, CASE unit WHEN 'usd_bn' THEN '$ bn' WHEN 'pct' THEN '%' ELSE unit END, "
            f"old_value, new_value, revision_kind, known_from {log} WHERE known_from > {since(7)} "
            "ORDER BY known_from DESC, series, effective_date DESC LIMIT 25"
        ),
    }
