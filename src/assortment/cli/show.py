"""Answers as tables for people or as one JSON document for programs."""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assortment.cli import new
from assortment.core.measure import Measure
from assortment.core.terms import Terms
from assortment.judge import Judgement, System
from assortment.releases import Fitted
from assortment.serve.answers import Answer
from assortment.serve.person import Person

if TYPE_CHECKING:
    from assortment.ingest import Ingested

HEADLINE = ("NDCG", "redundancy", "Recall", "coverage", "aspects", "Gini", "novelty")
"""What the table on the terminal shows, as far as it is wide enough; the JSON and the report have all."""

NAME, CELL = 26, 18
"""The width of a system's name and of a measure, in characters."""


def plain(text: str) -> str:
    """Text that a console prints as it is."""
    return escape(text)


def document(value: object) -> None:
    """Print one JSON document; NaN becomes null."""
    print(json.dumps(_for_json(value), ensure_ascii=False, indent=2, allow_nan=False))


def ingested(out: Console, read: "Ingested", fresh: int, shop: Path, as_json: bool) -> None:
    """What was read, cleaned and rejected, and how many events the shop did not have yet."""
    if as_json:
        document({"shop": str(shop), "new_events": fresh, **read.report.as_dict()})
        return
    table = _table("", "rows")
    for file in (read.report.catalog, read.report.events):
        table.add_row(f"[bold]{plain(Path(file.file).name)}[/] [dim]({file.format})[/]", "")
        for name, count in file.rows():
            table.add_row(f"  {plain(name)}", f"{count:,}")
        for note in file.notes:
            table.add_row(f"  [dim]{plain(note)}[/]", "")
    out.print(table)
    if fresh < len(read.events):
        out.print(f"{len(read.events) - fresh:,} of the events were in the log already; {fresh:,} are new.")
    rejected = len(read.rejected)
    if rejected:
        out.print(f"The {rejected:,} rejected rows, each with its reason, are in {plain(str(shop / 'rejected.jsonl'))}.")


def fitted(out: Console, fit: Fitted, as_json: bool) -> None:
    """What was fitted, and what its stages say of themselves."""
    if as_json:
        document(fit)
        return
    out.print(f"Fitted on {fit.items:,} goods, {fit.people:,} people and {fit.events:,} events; version {fit.version}.")
    if fit.language:
        out.print(plain(fit.language))
    for verdict in fit.verdicts:
        out.print(f"The ranker {plain(verdict)}.")


def slate(out: Console, answer: Answer, person: Person | None, currency: str, as_json: bool) -> None:
    """A slate, with what is known of the person above it."""
    if as_json:
        document(answer)
        return
    if person is not None:
        out.print(_who(person))
    table = _table("", "", "price", "relevance", "from")
    for card in answer.cards:
        moved = "" if card.before is None or card.before == card.place else f" [dim](was {card.before})[/]"
        table.add_row(
            f"{card.place}{moved}",
            f"{plain(card.item.title)} [dim]{plain(card.item.item)}[/]\n[dim italic]{plain(card.why or '')}[/]",
            "" if card.item.price is None else f"{plain(currency)}{card.item.price:,.2f}",
            "" if card.relevance is None else f"{card.relevance:.2f}",
            plain(card.source or ""),
        )
    out.print(table)
    if answer.terms:
        _terms(out, answer.terms)


def _terms(out: Console, terms: Terms) -> None:
    """What the slate achieved, what that cost, and what could not be met."""
    spoken = {name: f"{value:.3f}" if value != int(value) else f"{value:g}" for name, value in terms.achieved.items()}
    achieved = ", ".join(f"{plain(name)} [bold]{value}[/]" for name, value in spoken.items() if name != "items")
    cost = f"it cost {terms.cost:.1%} of the expected relevance"
    out.print(f"Diversity {terms.diversity:g}: {achieved or 'nothing to measure'}; {cost}.", highlight=False)
    for one in terms.gave_way:
        out.print(f"[yellow]{plain(one.part)}[/]: {one.got:g} instead of {one.wanted:g}; {plain(one.why)}.", highlight=False)


def judgement(out: Console, judged: Judgement, as_json: bool) -> None:
    """The table of measures, each with its interval, the baselines above the pipeline."""
    if as_json:
        document(judged)
        return
    there = {measure.name for measure in judged.systems[0].measures}
    wanted = [name for name in (f"{headline}@{judged.k}" for headline in HEADLINE) if name in there]
    shown = wanted[: max(2, (out.width - NAME) // CELL)]
    table = _table("", *shown)
    for system in judged.systems:
        table.add_row(*_row(system, shown), end_section=system is judged.systems[-3])
    out.print(
        f"{judged.split}; slates of {judged.k} for {judged.people:,} people; 95 % intervals over people.", highlight=False
    )
    out.print(table)
    _compared(out, judged)
    new.told(out, judged)
    for reason, count in judged.skipped.items():
        out.print(f"[dim]{count:,} people are not judged: {plain(reason)}.[/]", highlight=False)
    for verdict in judged.verdicts:
        out.print(f"The ranker {plain(verdict)}.", highlight=False)


def _compared(out: Console, judged: Judgement) -> None:
    """What the whole adds to the best of the others, and what variety changes, in words."""
    ndcg, redundancy = f"NDCG@{judged.k}", f"redundancy@{judged.k}"
    gain, change = ({measure.name: _signed(measure) for measure in measures} for measures in (judged.gain, judged.change))
    out.print(
        f"For relevance only, the pipeline's {ndcg} less that of the best of the others, {judged.best}: {gain[ndcg]}.",
        highlight=False,
    )
    if judged.diversity and redundancy in change:
        varied = f"Diversity {judged.diversity:g} changes redundancy by {change[redundancy]}, and {ndcg} by {change[ndcg]}."
        out.print(varied, highlight=False)


def _signed(measure: Measure) -> str:
    return f"{measure.mean:+.4f} \\[{measure.low:+.4f}, {measure.high:+.4f}]"


def _row(system: System, shown: Sequence[str]) -> list[str]:
    return [system.name, *(_measured(system.measure(name)) for name in shown)]


def _measured(measure: Measure) -> str:
    half = (measure.high - measure.low) / 2
    digits = 2 if abs(measure.mean) >= 1 else 4
    return f"{measure.mean:.{digits}f} [dim]±{half:.{digits}f}[/]"


def _who(person: Person) -> str:
    name = f"[bold]{plain(person.user)}[/]"
    if not person.known:
        return f"{name} is new here; this is what the shop shows to somebody it does not know."
    last = ", ".join(plain(deed.item.title) for deed in person.recent[:3])
    return f"{name} has {len(person.owned):,} of our goods; last: {last}."


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, name in enumerate(columns):
        table.add_column(
            name, justify="right" if name in ("rows", "price", "relevance") or "@" in name else "left", no_wrap=place == 0
        )
    return table


def _for_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _for_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _for_json(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_for_json(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
