"""Where variety was lost, as a table for people."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from assortment.cli.show import plain
from assortment.evaluate.lost import Lost, Rule, Spread, Step
from assortment.evaluate.verdict import number, verdict

BAR = 12
"""The length of a bar of redundancy 1, in characters."""

EIGHTHS = " ▏▎▍▌▋▊▉█"
"""A character filled by so many eighths."""

NAMED = 4
"""How many lost kinds of a stage the table names; the JSON has more."""


def lost(out: Console, found: Lost, user: str | None) -> None:
    """A line for each stage, below it what its parts bring and why goods went, and a verdict."""
    out.print(_who(found, user), highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("stage")
    for name in ("goods", "kinds", f"first {found.k}"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("redundancy", no_wrap=True)
    for step in found.steps:
        table.add_row(f"[bold]{plain(step.stage)}[/]", *_cells(step.all, step.first))
        for part in step.parts:
            table.add_row(f"  [dim]{plain(part.name)} alone[/]", *_cells(part.all, part.first))
        for rule in step.rules:
            table.add_row(f"  [dim]− {plain(rule.name)}[/]", *_took(rule))
    out.print(table)
    for line in _gone(found):
        out.print(line, highlight=False)
    for sentence in verdict(found):
        out.print(plain(sentence), highlight=False)


def _who(found: Lost, user: str | None) -> str:
    if user is None:
        return f"{found.people:,} people of the log, all numbers means over them; {_first(found)}."
    name = f"[bold]{plain(user)}[/]" if user else "Somebody"
    return f"{name}{', whom the log does not know' if found.strangers else ''}; {_first(found)}."


def _first(found: Lost) -> str:
    kinds = f"kinds are values of {plain(found.column)}" if found.column else "these goods have no column of kinds"
    return f"{kinds}; redundancy, of the first {found.k}, goes from 1, all the same, to 0, unrelated, and below"


def _cells(all_of_it: Spread, first: Spread) -> Iterator[str]:
    yield from (number(all_of_it.goods), number(all_of_it.kinds), f"[bold]{number(first.kinds)}[/]")
    yield "–" if first.redundancy is None else f"{first.redundancy:5.2f} {bar(first.redundancy)}"


def bar(redundancy: float) -> str:
    """A bar as long as goods are alike, empty where they are no more so than by chance.

    >>> bar(1.0), bar(0.25), bar(0.01), bar(-0.1)
    ('████████████', '███', '▏', '')
    """
    whole, eighths = divmod(round(8 * BAR * max(0.0, redundancy)), 8)
    return (EIGHTHS[8] * whole + EIGHTHS[eighths]).rstrip()


def _took(rule: Rule) -> Iterator[str]:
    """How many goods and kinds a rule took, and how many goods of the first k."""
    goods, kinds, first = map(_less, (rule.goods, rule.kinds, rule.first))
    return (f"[dim]{text}[/]" for text in (goods, kinds, f"{first} goods"))


def _less(taken: float | None) -> str:
    said = number(taken)
    return said if said in ("0", "–") else f"−{said}"


def _gone(found: Lost) -> Iterator[str]:
    """The kinds that a stage took altogether, by name."""
    for step in found.steps:
        if step.gone and not step.chose:
            yield f"[dim]{plain(step.stage)} took altogether: {_named(step, found.people)}.[/]"


def _named(step: Step, people: int) -> str:
    """Kinds with the share of the people who lost them; of one person that goes without saying."""
    shares = [f" ({gone.people:.0%} of people)" if people > 1 else "" for gone in step.gone]
    named = [f"{plain(gone.kind)}{share}" for gone, share in zip(step.gone, shares, strict=True)]
    return "; ".join(named[:NAMED] + ["…"] * (len(named) > NAMED))
