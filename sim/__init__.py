"""A scenario becomes a log and its truth."""

from tiermix.core.faces import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, __file__)
