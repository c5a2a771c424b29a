"""What goes wrong with journeys, said in sentences."""

from tiermix.core.errors import TiermixError


class JourneyError(TiermixError, ValueError):
    """A log, table or setting that cannot be used: names table, row, field, value and remedy."""
