"""Numbers, times and names as a person writes them."""

import math
import re
from datetime import UTC, datetime

from assortment.core.measure import Measure


def number(value: float) -> str:
    """A number as short as it is.

    >>> number(1500), number(0.25), number(-3)
    ('1,500', '0.25', '−3')
    """
    short = f"{value:,.0f}" if abs(value) >= 1e6 else f"{round(value, 9):,g}" if value % 1 else f"{round(value):,}"
    return short.replace("-", "−")


def written(value: float, digits: int, sign: str = "-") -> str:
    """A number with so many digits, a dash where it is not known. sign: "+" where a plus is to be written, too.

    >>> written(0.05127, 4), written(0.2, 1, "+"), written(float("nan"), 4)
    ('0.0513', '+0.2', '–')
    """
    return f"{value:{sign},.{digits}f}".replace("-", "−") if math.isfinite(value) else "–"


def between(differs: Measure) -> str:
    """A difference with its interval.

    >>> between(Measure("NDCG@10", 0.01, -0.002, 0.022, 90))
    '+0.0100 [−0.0020, +0.0220]'
    """
    mean, low, high = (written(value, 4, "+") for value in (differs.mean, differs.low, differs.high))
    return f"{mean} [{low}, {high}]"


def share(value: float) -> str:
    """A share of 1 in whole per cent.

    >>> share(0.257)
    '26 %'
    """
    return f"{value * 100:.0f} %"


def change(before: float, after: float) -> str:
    """By how much something changed, without its direction.

    >>> change(0.20, 0.15), change(1, 1.0123), change(1, 1), change(0, 2)
    ('25 %', '1.2 %', 'less than 0.1 %', 'from 0')
    """
    if not before:
        return "from 0"
    size = abs(after / before - 1) * 100
    return "less than 0.1 %" if size < 0.1 else f"{size:.1f} %" if size < 9.95 else f"{size:.0f} %"


def moment(time: int) -> datetime:
    """A time, milliseconds since 1970, in UTC."""
    return datetime.fromtimestamp(time / 1000, UTC)


def day(time: int) -> str:
    """The day of a time.

    >>> day(1_291_161_600_000)
    '1 December 2010'
    """
    return f"{moment(time).day} {moment(time):%B %Y}"


def spoken(name: str) -> str:
    """The name of a part as one says it.

    >>> spoken("ItemNeighbours")
    'item neighbours'
    """
    return name if name.isupper() else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
