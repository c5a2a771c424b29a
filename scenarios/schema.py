"""Scenario: everything that is true of a market, and what is asked of its annual plan."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from scenarios.checks.doubts import doubts_of
from scenarios.checks.every import problems_of
from scenarios.data import ScenarioData
from tiermix.core.notebook import html_table, paragraph


class Scenario(ScenarioData):
    """A market and its planning problem; frozen, checked at the door.

    Money is in `currency`; the planned year begins at `start` and has twelve months; the history
    year is the twelve months before it.
    """

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if problems := problems_of(self):
            raise ValueError("; ".join(problems))
        return self

    @property
    def doubts(self) -> list[str]:
        """What is allowed and seldom meant, in sentences."""
        return doubts_of(self)

    def without(self, channel: str) -> Scenario:
        """The scenario as if `channel` did not exist; raises when a rule needs it.

        What is about the channel goes with it: its shocks, its tests, the content made for it.
        """
        data = self.model_dump(mode="json")
        data["channels"] = [c for c in data["channels"] if c["name"] != channel]
        for other in data["channels"]:
            other["hand_offs"].pop(channel, None)
        data["history"]["spend"].pop(channel, None)
        _forget(data, channel)
        return Scenario.model_validate(data)

    def __repr__(self) -> str:
        return (
            f"Scenario({self.name}: {len(self.channels)} channels, {len(self.personas)} personas, "
            f"{self.budget:,.0f} {self.currency}, {self.months[0]} to {self.months[-1]})"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        last = self.last_year.by_channel
        head = ("tier", "channel", "", "delivery", "ownership", f"last year ({self.currency})")
        rows = [
            (c.tier, c.name, c.name_zh, c.delivery, c.ownership, round(last.get(c.name, 0.0)))
            for c in sorted(self.channels, key=lambda c: c.tier)
        ]
        size = (
            f"{self.market_size:,.0f} people; budget {self.budget:,.0f} {self.currency}, last year "
            f"{self.last_year.total:,.0f}."
        )
        table = html_table(head, rows, caption=f"{self.title} {self.title_zh}", rest=".channels")
        return paragraph(self.about) + paragraph(size) + table


def _forget(data: dict[str, Any], channel: str) -> None:
    """Take out what was made for a channel, hits it, changes it, or is told of it."""
    content, rules = data["content"], data["automation"]["rules"]
    content["assets"] = [a for a in content["assets"] if a["made_for"] != channel]
    for asset in content["assets"]:
        asset["adapted_to"] = [name for name in asset["adapted_to"] if name != channel]
    gone = {rule["name"] for rule in rules if rule["channel"] == channel}
    data["automation"]["rules"] = [rule for rule in rules if rule["name"] not in gone]
    data["shocks"] = [shock for shock in data["shocks"] if shock["channel"] != channel]
    data["variants"] = [
        v for v in data["variants"] if v["channel"] != channel and v["rule"] not in gone
    ]
    about = (channel, f"channel:{channel}")
    data["beliefs"] = [b for b in data["beliefs"] if b["figure"].rpartition("@")[2] not in about]
    for part in ("desk", "word_of_mouth"):
        if data[part]["channel"] == channel:
            data[part]["channel"] = ""
            if part == "word_of_mouth":
                data[part].update(mentions=0.0, referrals=0.0, complaints=0.0)
