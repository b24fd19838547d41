"""On real bodies, whose series begin and end on different days: a claim's measure counts no part as the whole."""

from tests.pipeline.test_claim_windows import compiled, unheld
from warehouse.connection import Home, open_work


def test_a_measure_with_a_value_is_held_at_both_ends_of_its_window(real: Home):
    with open_work(real) as con:
        assert [found for sql in compiled(real) for found in unheld(con, sql)] == []
