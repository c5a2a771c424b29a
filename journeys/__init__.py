"""What a company sees: touches and conversions of its visitors, as a log and as paths."""

from tiermix.core.faces import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, __file__)
