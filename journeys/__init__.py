"""What a company sees: touches and conversions of its visitors, as a log and as paths."""

from journeys.errors import JourneyError
from journeys.log import JourneyLog
from journeys.paths import Paths, concat
from journeys.tables import CONVERSION_KINDS, TOUCH_KINDS

__all__ = ["CONVERSION_KINDS", "TOUCH_KINDS", "JourneyError", "JourneyLog", "Paths", "concat"]
