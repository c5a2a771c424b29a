"""Figures as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiermix.core.figures import (
    chance,
    money,
    number,
    percent,
    short_money,
    short_number,
    short_percent,
)


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


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (1_240_000, "¥1.24M"),
        (12e6, "¥12.0M"),
        (-320_400, "−¥320k"),
        (999_700, "¥1.00M"),
        (5_400, "¥5,400"),
        (3.456, "¥3.46"),
        (0, "¥0"),
        (2.5e9, "¥2.50B"),
        (math.nan, "–"),
    ],
)
def test_short_money_has_three_significant_digits(amount: float, words: str) -> None:
    assert short_money(amount, "CNY") == words


def test_unknown_currencies_stand_before_the_amount_and_signs_when_asked() -> None:
    assert short_money(1500, "CHF", signed=True) == "+CHF 1,500"


@given(st.floats(-1e12, 1e12).filter(lambda x: abs(x) >= 0.01))
def test_rounding_keeps_two_significant_digits(amount: float) -> None:
    words = short_money(amount, "").replace("−", "-").replace(",", "")
    scale = {"B": 1e9, "M": 1e6, "k": 1e3}.get(words[-1], 1)
    assert float(words.rstrip("BMk")) * scale == pytest.approx(amount, rel=6e-3)


def test_a_chance_is_never_sure() -> None:
    told = [chance(x) for x in (0.0, 0.004, 0.01, 0.5, 0.986, 0.99, 0.9901, 1.0)]
    assert told == ["< 1 %", "< 1 %", "1 %", "50 %", "99 %", "99 %", "> 99 %", "> 99 %"]


def test_short_shares_have_no_decimals() -> None:
    assert short_percent(0.125, signed=True) == "+12\u00a0%"


@pytest.mark.parametrize(
    ("value", "words"),
    [(-16_900.0, "−16.9k"), (0.00002, "0.0000200"), (9.996, "10.0"), (0.0, "0"), (math.inf, "–")],
)
def test_short_numbers_are_written_out(value: float, words: str) -> None:
    assert short_number(value) == words
