"""What was understood of the goods: as a file for whoever decides in doubt, and as a page."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from assortment.core.errors import BadInput
from assortment.report.page import templates
from assortment.report.plots import Axis, Column, Plot
from assortment.report.words import day, share
from assortment.understand.account import BINS, Account, Doubt

LISTED = 30
"""Lines of the review list that the page shows."""


@dataclass(frozen=True)
class Shown:
    """One attribute on the page: its account, in words, its shares of the goods (name, share of 100, goods), its histogram."""

    account: Account
    title: str
    said: str
    parts: tuple[tuple[str, float, int], ...]
    histogram: Plot | None


def write_doubts(file: Path, doubts: Sequence[Doubt]) -> None:
    """The review list: one JSON object to a line, what most people like first."""
    lines = "".join(json.dumps(asdict(doubt), ensure_ascii=False) + "\n" for doubt in doubts)
    _write(file, lines)


def write_understanding(file: Path, shop: str, time: int, accounts: Sequence[Account], doubts: Sequence[Doubt]) -> None:
    """Write the page; raises `BadInput` where the file cannot be written."""
    _write(file, render_understanding(shop, time, accounts, doubts))


def render_understanding(shop: str, time: int, accounts: Sequence[Account], doubts: Sequence[Doubt]) -> str:
    """The page as HTML. time: when it was made, milliseconds since 1970 UTC."""
    shown = [_shown(account) for account in accounts]
    goods = accounts[0].goods if accounts else 0
    page = templates().get_template("understanding.html")
    return page.render(shop=shop, made=day(time), goods=goods, shown=shown, doubts=doubts[:LISTED], more=len(doubts) - LISTED)


def _shown(account: Account) -> Shown:
    counts = {
        "said by the shop": account.said,
        "found": account.derived,
        "not certain": account.unsure,
        "not known": account.unknown,
    }
    goods = max(account.goods, 1)
    parts = tuple((name, round(100 * count / goods, 2), count) for name, count in counts.items() if count)
    by = ", ".join(f"{count:,} by {name}" for name, count in account.sources.items())
    said = f"Found for {account.derived:,} goods, {share(account.derived / goods)} of all{f': {by}' if by else ''}."
    return Shown(account, _title(account.name), said, parts, _histogram(account) if account.derived else None)


def _title(name: str) -> str:
    """A column's name as one says it.

    >>> _title("sentiment_quality"), _title("price_band")
    ('Sentiment: quality', 'Price band')
    """
    name = name.replace("sentiment_", "sentiment: ").replace("_", " ")
    return name[:1].upper() + name[1:]


def _histogram(account: Account) -> Plot:
    most = max(account.histogram)
    x = Axis("confidence", 0, 1, ((0.0, "0"), (0.5, "0.5"), (1.0, "1")))
    y = Axis("goods", 0, most, ((0.0, "0"), (float(most), f"{most:,}")))
    columns = tuple(
        Column(place / BINS, (place + 0.9) / BINS, count, f"{place / BINS:.1f} to {(place + 1) / BINS:.1f}: {count:,} goods")
        for place, count in enumerate(account.histogram)
        if count
    )
    return Plot(f"How sure it is of {_title(account.name).lower()}", x, y, height=120, columns=columns)


def _write(file: Path, text: str) -> None:
    try:
        file.write_bytes(text.encode("utf-8", "xmlcharrefreplace"))
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}") from error
