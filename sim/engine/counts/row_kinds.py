"""Kinds of rows, in the order in which tables have them: touches first, then outcomes.

A kind is added here, in one line; its name is that of its constant.
"""

from __future__ import annotations

from itertools import count

_number = count()
IMPRESSION = next(_number)
CLICK = next(_number)
VISIT = next(_number)
DOWNLOAD = next(_number)
CART = next(_number)
MESSAGE = next(_number)
OPEN = next(_number)
CALL = next(_number)
REFERRAL = next(_number)
MENTION = next(_number)
SIGNUP = next(_number)
LEAD = next(_number)
ORDER = next(_number)

NAMES = tuple(name.lower() for name in list(globals()) if name.isupper())
FIRST_OUTCOME = SIGNUP
