"""The best annual plan under the rules: curves in, a plan with certificate and prices out."""

from tiermix.core.faces import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, __file__)
