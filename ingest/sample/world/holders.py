"""Who holds the debt in the simulated economy: levels rounded by hand, USD billions, only the shape matters."""

from ingest.sample.world.levels import knots_by_name, knots_of

# Who holds the debt: levels rounded by hand, USD billions, only the shape matters.
BANKS_USD_BN = knots_by_name("banks_usd_bn")
HOLDERS_USD_BN = knots_by_name("holders_usd_bn")  # those that only the financial accounts count
OTHER_HOLDERS_USD_BN = knots_of("other_holders_usd_bn")  # those that they do not show apart
MARKET_TO_FACE = knots_of("market_to_face_ratio")  # of all marketable debt
MONEY_FUNDS_USD_BN = knots_of("money_funds_usd_bn")
# What the holders above had when 1998 began; from there a straight line.
HELD_1998_USD_BN = {name: levels[0][1] for name, levels in knots_by_name("held_1998_usd_bn").items()}
CUSTODY_USD_BN = knots_of("custody_usd_bn")
FOREIGN_CURRENCY_USD_BN = knots_of("fed_foreign_currency_usd_bn")
JAPAN_YIELD_PCT = knots_of("japan_yield_pct")
YEN_PER_USD = knots_of("yen_per_usd")
