"""Names and numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.wording import counted, in_unit, kpi_name, money, number, percent
from scenarios.kpis import KPIS


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (1_240_000, "¥1.24M"),
        (12e6, "¥12.0M"),
        (-320_400, "−¥320k"),
        (999_700, "¥1,000k"),
        (5_400, "¥5,400"),
        (3.456, "¥3.46"),
        (0, "¥0"),
        (2.5e9, "¥2.50B"),
        (math.nan, "–"),
    ],
)
def test_money_has_three_significant_digits(amount: float, words: str) -> None:
    assert money(amount, "CNY") == words


def test_unknown_currencies_stand_before_the_amount_and_signs_when_asked() -> None:
    assert money(1500, "CHF", signed=True) == "+CHF 1,500"


@given(st.floats(-1e12, 1e12).filter(lambda x: abs(x) >= 0.01))
def test_rounding_keeps_two_significant_digits(amount: float) -> None:
    words = money(amount, "").replace("−", "-").replace(",", "")
    scale = {"B": 1e9, "M": 1e6, "k": 1e3}.get(words[-1], 1)
    assert float(words.rstrip("BMk")) * scale == pytest.approx(amount, rel=6e-3)


def test_each_kpi_is_written_in_its_own_unit() -> None:
    assert in_unit("conversion_rate", 0.0312, "CNY") == "3.12\u00a0%"
    assert in_unit("conversion_rate", -0.002, "CNY", signed=True) == "−0.200\u00a0pp"
    assert in_unit("cac", 168.4, "CNY") == "¥168"
    assert in_unit("conversions", 12_345, "CNY") == "12.3k"
    assert in_unit("spend", 1e6, "USD") == "$1.00M"


def test_every_kpi_can_be_written() -> None:
    assert all(in_unit(kpi, 0.5, "CNY") and kpi_name(kpi) for kpi in KPIS)


def test_percent_and_counts() -> None:
    assert percent(0.125, signed=True) == "+12\u00a0%"
    assert counted(1, "world") == "1 world"
    assert counted(8, "world") == "8 worlds"


@pytest.mark.parametrize(
    ("value", "words"),
    [(-16_900.0, "−16.9k"), (0.00002, "0.0000200"), (9.996, "10.0"), (0.0, "0"), (math.inf, "–")],
)
def test_numbers_are_written_out(value: float, words: str) -> None:
    assert number(value) == words
