"""Simulated national accounts and money."""

from datetime import date
from functools import cached_property

from ingest.sample.world.chance import Chance
from ingest.sample.world.levels import published_months


class Economy(Chance):
    """Money, saving and output."""

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
        """The same as of before the annual update of 2025-09-25."""
        return self.saving_rate_pct | published_months()["saving_rate_before_2025_update_pct"]

    @cached_property
    def gdp_usd_bn(self) -> dict[date, float]:
        """Gross domestic product at an annual rate by quarter, three decimals."""
        return {q: round(v, 3) for q, v in self.anchors("gdp_saar_usd_bn", 20_080, 60, drift=390, months=3).items()}
