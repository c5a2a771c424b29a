"""What is counted by persona, under the names that KPIs are made of.

A count is added here, in one line at the end; its name is that of its constant.
"""

from __future__ import annotations

from itertools import count

_number = count()
NEEDS = next(_number)
ELSEWHERE = next(_number)
ORDERS = next(_number)
REVENUE = next(_number)  # hundredths of the currency
MARGIN = next(_number)  # hundredths of the currency
NEW_CUSTOMERS = next(_number)
SIGNUPS = next(_number)
LEADS = next(_number)
CARTS = next(_number)
LOOKS = next(_number)
SEARCHES = next(_number)
LOST_HAND_OFFS = next(_number)
REPEAT_NEEDS = next(_number)
REPEATS = next(_number)
ANSWERS = next(_number)
PROMOTERS = next(_number)
DETRACTORS = next(_number)
SATISFACTION = next(_number)  # hundredths of a point
MENTIONS = next(_number)
REFERRALS = next(_number)
DOWNLOADS = next(_number)
OPPORTUNITIES = next(_number)
REQUESTS = next(_number)
REQUESTS_LOST = next(_number)
STOCK_OUTS = next(_number)
NEW_IDS = next(_number)
FALSE_IDS = next(_number)

NAMES = tuple(name.lower() for name in list(globals()) if name.isupper())
