"""A person's portrait as tables and sentences."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from assortment.cli.show import plain
from assortment.portrait.draw import Part, Portrait
from assortment.portrait.drift import Drift
from assortment.portrait.segments import Segments, level, stability
from assortment.serve.person import Person

MOST = 8
"""How many interests and categories the terminal shows; the JSON has all."""

BAR = 16
"""The length of a bar of everything, in characters."""


def portrait(console: Console, person: Person, currency: str) -> None:
    """A portrait as tables and sentences."""
    drawn = person.portrait
    console.print(f"[bold]{plain(person.user)}[/] {said(drawn, plain(currency))}", highlight=False)
    if drawn.interests:
        console.print(_interests(person))
    for name, parts in (("Categories", drawn.categories), ("Brands", drawn.brands)):
        if parts and drawn.column != name[:-1].lower():
            console.print(f"{name}: {plain(_parts(parts))}.", highlight=False)
    if drawn.query:
        console.print(f"In words: [italic]{plain(drawn.query)}[/]", highlight=False)
    for one in person.muted:
        console.print(f"Muted: {plain(one.column)} [bold]{plain(one.value)}[/], {one.goods:,} goods.", highlight=False)


def segments(console: Console, found: Segments) -> None:
    """The groups of all people, the largest first."""
    if not found.segments:
        console.print("Nobody took anything of which a kind is known; there are no segments.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("segment", "people", "", "takes", "prices", "interests, and how many times as much as in the shop"):
        table.add_column(name, justify="right" if name in ("people", "takes") else "left")
    for one in found.segments:
        traits = ", ".join(f"{trait.label} ×{trait.times:.1f}" for trait in one.traits)
        table.add_row(
            plain(one.name), f"{one.people:,}", f"{one.share:.0%}", f"{one.takes:,.0f}", level(one.level), plain(traits)
        )
    console.print(table)
    console.print(stability(found), highlight=False)


def said(portrait: Portrait, currency: str) -> str:
    """What a portrait says besides interests, in sentences that go on after the name."""
    rhythm, prices = portrait.rhythm, portrait.prices
    if rhythm is None:
        return "is new here."
    times = "once" if rhythm.visits == 1 else f"{rhythm.visits:,} times"
    sentences = [f"came {times}, last on {_day(rhythm.last)}, and took {portrait.takes:,} things"]
    if rhythm.between is not None:
        sentences[0] += f"; usually {_span(rhythm.between)} from one visit to the next"
    if prices:
        sentences.append(
            f"Prices {currency}{prices.low:,.2f} to {currency}{prices.high:,.2f}, {level(prices.level)} for such goods"
        )
    sentences.append(f"Variety {portrait.variety:.2f}, where {portrait.usual:.2f} is usual here")
    if portrait.drift:
        sentences.append(changed(portrait.drift))
    return ". ".join(sentences) + "."


def changed(drift: Drift) -> str:
    """Whether and how the mix of interests changed, in words."""
    if not drift.real:
        return f"Their mix of interests changes no more than chance would ({drift.amount:.2f}, usual {drift.usual:.2f})"
    return (
        f"Drifting from {drift.away} towards {drift.towards} ({drift.amount:.2f}, where chance alone makes {drift.usual:.2f})"
    )


def _interests(person: Person) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("interest", "share", "early → late", "words"):
        table.add_column(name, no_wrap=name != "words")
    for one in person.portrait.interests[:MOST]:
        muted = " [yellow](muted)[/]" if person.mutes(person.portrait.column, one.label) else ""
        bar = "█" * max(1, round(BAR * one.share))
        change = f"{one.early:.0%} → {one.late:.0%}"
        table.add_row(f"{plain(one.label)}{muted}", f"{one.share:4.0%} {bar}", change, plain(", ".join(one.words)))
    return table


def _parts(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.label} {part.share:.0%}" for part in parts[:MOST])


def _day(time: int) -> str:
    moment = datetime.fromtimestamp(time / 1000, UTC)
    return f"{moment.day} {moment:%B %Y}"


def _span(milliseconds: int) -> str:
    days = milliseconds / 86_400_000
    if days < 1:
        return f"{max(1, round(days * 24))} hours"
    return f"{round(days)} {'day' if round(days) == 1 else 'days'}"
