"""What holds for every test: long ones only run when they are asked for."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Leave `long` tests out, unless a marker expression or a single test was named."""
    named = any("::" in argument for argument in config.args)
    if not config.option.markexpr and not named:
        config.option.markexpr = "not long"
