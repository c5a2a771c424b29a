"""What reports call things."""

from experiments.wording import counted, in_unit, kpi_name
from scenarios.kpis import KPIS


def test_each_kpi_is_written_in_its_own_unit() -> None:
    assert in_unit("conversion_rate", 0.0312, "CNY") == "3.12\u00a0%"
    assert in_unit("conversion_rate", -0.002, "CNY", signed=True) == "−0.200\u00a0pp"
    assert in_unit("cac", 168.4, "CNY") == "¥168"
    assert in_unit("conversions", 12_345, "CNY") == "12.3k"
    assert in_unit("spend", 1e6, "USD") == "$1.00M"


def test_every_kpi_can_be_written() -> None:
    assert all(in_unit(kpi, 0.5, "CNY") and kpi_name(kpi) for kpi in KPIS)


def test_what_is_counted_has_its_plural() -> None:
    assert counted(1, "world") == "1 world"
    assert counted(8, "world") == "8 worlds"
