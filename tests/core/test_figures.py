"""Figures as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiermix.core.figures import money, number, percent


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (24_000_000, "24,000,000"),
        (-16_900.4, "-16,900"),
        (412.54, "412.5"),
        (0.03125, "0.03125"),
        (0.0000012, "0.0000012"),
        (999.96, "1,000"),
        (0.0, "0"),
        (-0.0, "0"),
        (math.nan, "–"),
        (math.inf, "∞"),
    ],
)
def test_a_number_is_written_as_people_write_it(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(-1e15, 1e15))
def test_no_number_has_an_exponent_and_all_keep_their_size(value: float) -> None:
    text = number(value)
    assert "e" not in text
    assert float(text.replace(",", "")) == pytest.approx(value, rel=1e-3, abs=1e-11)


def test_money_has_its_currency() -> None:
    assert money(6980.2, "CNY") == "¥6,980"
    assert money(-0.35, "USD") == "-$0.35"
    assert money(120, "SEK") == "SEK 120"
    assert money(-1e-13, "CNY") == "¥0"


def test_shares_are_percent() -> None:
    assert percent(2.0) == "200 %"
    assert percent(0.125) == "12.5 %"
