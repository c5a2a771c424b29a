"""The ways in which a channel comes to people: one row each, and everybody who asks reads it.

Checks, the compiled market and experiments ask what is so of a delivery, never which one it is. A
new one is a row here, a kernel where it does what none did before, and a channel in the scene that
every delivery is lived in. The description of the model takes its words from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DeliveryName = Literal[
    "broadcast", "field", "search", "retargeted", "triggered", "direct", "earned", "desk"
]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is so of every channel that is delivered in this way."""

    name: DeliveryName
    meets: str
    """Who gets it, in the words of the model's description."""
    paid: str
    """What is paid for it, likewise."""
    is_media: bool = True
    """Money buys it: it can be planned, and the ad that came last may be one of its."""
    billed: Literal["", "click", "impression", "message"] = ""
    """What money is paid for, so that the plan is a cap; '' is spent as planned."""
    has_fixed_price: bool = False
    """Whether that price is fixed, where others bid in an auction."""
    chooses_people: bool = False
    """It reaches out to people by itself, and can choose a niche."""
    calls_back: bool = False
    """It reaches out to those who engaged lately."""
    has_dates: bool = False
    """It takes place on dates, for whoever passes by, and is over with its day."""
    on_result_page: bool = False
    """It is a slot of the result page, met by who searches; its click is the engagement."""
    sends_messages: bool = False
    """Rules of automation send it, and what is sent may be opened."""
    carries_assets: bool = False
    """Content can be made for it."""
    takes_hand_offs: bool = False
    """Other channels can lead on to it."""
    engages: bool = True
    """Who is met by it may engage; else it only says where something is booked."""
    books: Literal["", "visits", "talk", "requests"] = ""
    """What a market books on it that no media brought; '' is nothing."""

    @property
    def stands_alone(self) -> bool:
        """Whether a market has one such channel at most, since what it books is booked once."""
        return bool(self.books)


_ROWS = (
    Delivery(
        "broadcast",
        meets="anyone, by `affinity` and the season of attention",
        paid="spent as planned",
        chooses_people=True,
        carries_assets=True,
        takes_hand_offs=True,
    ),
    Delivery(
        "field",
        meets="whoever it meets on its `dates`",
        paid="spent as planned, on those dates",
        chooses_people=True,
        carries_assets=True,
        has_dates=True,
    ),
    Delivery(
        "search",
        meets="whoever searches: one result page, one choice",
        paid="`slot: paid` per click, plan is a cap; `slot: organic` content stock",
        billed="click",
        on_result_page=True,
    ),
    Delivery(
        "retargeted",
        meets="recognised people who engaged within `window` days (`selection` 1) or as many of "
        "anyone (0)",
        paid="per impression, plan is a cap",
        billed="impression",
        chooses_people=True,
        calls_back=True,
        carries_assets=True,
    ),
    Delivery(
        "triggered",
        meets="by an automation rule",
        paid="per message, plan is a cap",
        billed="message",
        has_fixed_price=True,
        sends_messages=True,
        carries_assets=True,
    ),
    Delivery(
        "direct",
        meets="comes by itself",
        paid="free",
        is_media=False,
        engages=False,
        books="visits",
    ),
    Delivery("earned", meets="whom a customer tells", paid="free", is_media=False, books="talk"),
    Delivery(
        "desk",
        meets="who asked, and was answered",
        paid="wages, beside media",
        is_media=False,
        engages=False,
        books="requests",
    ),
)
DELIVERIES: dict[str, Delivery] = {row.name: row for row in _ROWS}
