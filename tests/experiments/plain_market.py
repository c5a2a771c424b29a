"""Plain markets under the place that they had before `tests.scenes`."""

from tests.scenes import goodwill_market as goodwill_market
from tests.scenes import plain_market as plain_market
