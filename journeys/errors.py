"""What goes wrong with journeys, said in sentences."""


class JourneyError(ValueError):
    """A log, table or setting that cannot be used: names table, row, field, value and remedy."""
