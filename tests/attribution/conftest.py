"""What several tests of attribution share."""

import pytest

from attribution.samples import sample_log
from journeys import JourneyLog


@pytest.fixture(scope="session")
def sample() -> JourneyLog:
    """A few hundred visitors with orders, touched and untouched."""
    return sample_log()
