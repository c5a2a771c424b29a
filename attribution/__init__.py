"""Who gets the credit: models that see nothing but a journey log."""

import lazy_loader

import tiermix  # noqa: F401 - notices what stands in our way, and knows old names

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
