"""What goes wrong with attribution, said in sentences."""

from tiermix.core.errors import TiermixError


class AttributionError(TiermixError, ValueError):
    """A model, setting or log that does not fit: names the setting, the value and the remedy."""


def one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    """Raise AttributionError unless `value` is one of `allowed`."""
    if value not in allowed:
        raise AttributionError(
            f"{name}: {value!r} is not known; use one of {', '.join(map(str, allowed))}."
        )


def positive(name: str, value: float) -> None:
    """Raise AttributionError unless `value` is a number above zero."""
    if not value > 0:
        raise AttributionError(f"{name}: {value!r} is not above zero; give a positive number.")
