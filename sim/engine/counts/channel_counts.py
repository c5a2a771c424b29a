"""What is counted by channel, under the names that KPIs are made of.

A count is added here, in one line at the end; its name is that of its constant.
"""

from __future__ import annotations

from itertools import count

_number = count()
# Counted by week too.
IMPRESSIONS = next(_number)
CLICKS = next(_number)
VISITS = next(_number)
CONVERSIONS = next(_number)
REVENUE = next(_number)  # hundredths of the currency
# Counted by month only.
NOTICED = next(_number)
ENGAGED = next(_number)
MARGIN = next(_number)  # hundredths of the currency
NEW_CUSTOMERS = next(_number)
DRIVEN = next(_number)
MESSAGES = next(_number)
OPENS = next(_number)
AGREED = next(_number)
COMPARED = next(_number)
BILLED = next(_number)
SIGNUPS = next(_number)
DOWNLOADS = next(_number)
LEADS = next(_number)

NAMES = tuple(name.lower() for name in list(globals()) if name.isupper())
WEEKLY = REVENUE + 1
"""So many, the first ones, are counted by week too."""
