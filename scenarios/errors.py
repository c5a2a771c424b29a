"""The root of every error that Tiermix raises on purpose."""


class TiermixError(Exception):
    """A mistake that can be put right: its message names the field, the value and the remedy."""
