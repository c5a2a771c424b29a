"""What a company sees: touches and conversions of its visitors, as a log and as paths."""

import lazy_loader

import tiermix  # noqa: F401 - notices what stands in our way, and knows old names

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
