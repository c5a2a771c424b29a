"""The root of every error that Tiermix raises on purpose."""


class TiermixError(Exception):
    """A mistake that can be put right: its message names the field, the value and the remedy.

    Whoever calls Tiermix catches this one. What is our own fault is a RuntimeError and no part of
    it: that is to be reported, not to be put right.
    """


class ScenarioError(TiermixError):
    """A scenario that cannot be used: the message names file, field, value and remedy."""
