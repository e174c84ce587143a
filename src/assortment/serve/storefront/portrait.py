"""A person's habits in words, and what they did."""

from collections.abc import Mapping
from datetime import UTC, datetime

from assortment.portrait.draw import Interest, Prices, Rhythm
from assortment.portrait.drift import Drift
from assortment.serve.storefront.slates import NBSP, capital, count, percent

DAY, HOUR = 86_400_000, 3_600_000

DID: Mapping[str, str] = {
    "view": "looked at",
    "click": "clicked",
    "favourite": "liked",
    "cart": "put in the basket",
    "purchase": "bought",
    "rating": "rated",
    "share": "shared",
    "comment": "commented on",
    "hide": "hid",
    "return": "returned",
}
"""What a person did with a product, by the kind of the event."""


def day(time: int) -> str:
    """The day of a time, milliseconds since 1970.

    >>> day(1_291_161_600_000)
    '1 Dec 2010'
    """
    moment = datetime.fromtimestamp(time / 1000, UTC)
    return f"{moment.day} {moment:%b %Y}"


def part(share: float) -> str:
    """A share that is above nothing, in per cent."""
    return f"under{NBSP}1{NBSP}%" if 0 < share < 0.01 else percent(share)


def trend(interest: Interest) -> str:
    """Whether an interest grew, "" where it hardly did."""
    if abs(interest.late - interest.early) < 0.02:
        return ""
    grew = "more" if interest.late > interest.early else "less"
    return f" · {grew} of late, {part(interest.early)}{NBSP}→{NBSP}{part(interest.late)}"


def paid(prices: Prices, currency: str) -> str:
    """Between which prices the middle half of what they took lies."""
    low, high = f"{currency}{prices.low:.2f}", f"{currency}{prices.high:.2f}"
    return low if prices.low == prices.high else f"{low} – {high}"


def beside(variety: float, usual: float) -> str:
    """How varied they take things, beside what is usual."""
    if abs(variety - usual) < 0.05:
        return "as most here"
    return "more than most here" if variety > usual else "less than most here"


def visits(rhythm: Rhythm) -> str:
    """How often they come.

    >>> visits(Rhythm(3, 0, 1_291_161_600_000, 2 * DAY))
    '3 visits, 2 days apart as a rule; the last on 1 Dec 2010.'
    """
    often = "" if rhythm.between is None else f", {_span(rhythm.between)} apart as a rule"
    return f"{capital(count(rhythm.visits, 'visit'))}{often}; the last on {day(rhythm.last)}."


def _span(milliseconds: int) -> str:
    days = round(milliseconds / DAY)
    return count(days, "day") if days else count(max(1, round(milliseconds / HOUR)), "hour")


def changed(drift: Drift) -> str:
    """Whether their interests changed."""
    if not drift.real:
        return "Your interests change no more than chance would have it."
    return f"Your interests have changed: most towards {drift.towards}, most away from {drift.away}."
