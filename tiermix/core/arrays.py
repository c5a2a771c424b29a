"""Types of arrays, one name each."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Keys: TypeAlias = NDArray[np.uint64]
Records: TypeAlias = NDArray[np.void]
"""Rows of named fields: customers, pending events, log rows."""
Codes: TypeAlias = NDArray[np.integer[Any]]
"""Whole numbers of any width: places in a list of names are as short as the list allows."""
Times: TypeAlias = NDArray[np.datetime64]
AnyArray: TypeAlias = NDArray[Any]
"""For what takes arrays of several types; say in the docstring which."""
