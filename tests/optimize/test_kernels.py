"""The kernels against a day-by-day simulation and against their closed forms."""

import numpy as np
import pytest

from optimize.curves import carry_over

DAYS = np.array([31, 28, 31, 30])


@pytest.mark.parametrize("retention", [0.0, 0.3, 0.9, 0.99])
def test_daily_stock_is_the_sum_over_days_of_the_recursion(retention: float) -> None:
    spend = np.array([310.0, 0.0, 620.0, 90.0])
    stock, sums = 0.0, np.zeros(4)
    for month, days in enumerate(DAYS):
        for _ in range(days):
            stock = retention * stock + (1 - retention) * spend[month] / days
            sums[month] += stock
    assert carry_over.daily_stock(retention, DAYS) @ spend == pytest.approx(sums)


def test_equal_months_give_the_closed_form() -> None:
    rho, n = 0.9, 30
    weights = carry_over.daily_stock(rho, np.full(4, n))[:, 0]
    decay = rho**n
    first = 1 - rho * (1 - decay) / (n * (1 - rho))
    later = [rho ** (n * (j - 1) + 1) * (1 - decay) ** 2 / (n * (1 - rho)) for j in (1, 2, 3)]
    assert weights == pytest.approx([first, *later])


def test_monthly_stock_has_geometric_weights() -> None:
    assert carry_over.monthly_stock(0.5, 3)[:, 0] == pytest.approx([0.5, 0.25, 0.125])


def test_lag_loses_nothing_and_puts_the_rest_after_the_year() -> None:
    spread = carry_over.lag(carry_over.monthly_stock(0.5, 8), months=3, history=2)
    assert spread[:, 2:5].sum(axis=0) == pytest.approx(1.0)
    assert spread[:, 2] == pytest.approx([0.5, 0.25, 0.125, 0.125])
    assert spread[-1, 5:] == pytest.approx(1.0)


def test_lag_carries_last_year_in() -> None:
    spread = carry_over.lag(carry_over.monthly_stock(0.5, 5), months=3, history=2)
    assert spread[:, 1] == pytest.approx([0.25, 0.125, 0.0625, 0.0])
