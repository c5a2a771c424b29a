"""What holds for every test: long ones only run when they are asked for; one thread a process."""

import os

# As many processes run as there are cores: threads of linear algebra would only wait for cores.
# Read when NumPy is first imported; workers of xdist and commands in processes inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Leave `long` tests out, unless a marker expression or a single test was named."""
    named = any("::" in argument for argument in config.args)
    if not config.option.markexpr and not named:
        config.option.markexpr = "not long"
