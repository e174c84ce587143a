"""What a judgement says of new goods, as tables."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assortment.core.measure import Measure
from assortment.evaluate.newness import SEEN
from assortment.judge import Judgement, System


def told(out: Console, judged: Judgement) -> None:
    """Recall by how many people had liked a good before, of kinds that are new to the person, and within the new goods."""
    shown = [
        system
        for system in judged.systems
        if system.name in ("EASE", judged.best) or system is judged.systems[-2] or system is judged.systems[-1]
    ]
    names = [*(f"Recall seen {name}" for name in SEEN), "Recall crossing", "NDCG crossing"]
    there = [name for name in names if _named(judged.systems[-2], f"{name}@{judged.k}")]
    if not there:
        return
    pool = {system.name: system for system in judged.pool}
    heads = [name.replace("Recall seen ", "seen ") for name in there] + (["only new goods"] if pool else [])
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(f"Recall@{judged.k} by people who liked it before", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right")
    for system in shown:
        cells = [_cell(_named(system, f"{name}@{judged.k}")) for name in there]
        cells += [_cell(_named(pool[system.name], f"Recall@{judged.k}") if system.name in pool else None)] if pool else []
        table.add_row(escape(system.name), *cells)
    out.print(table)
    _transfer(out, judged)


def _transfer(out: Console, judged: Judgement) -> None:
    """Kinds of goods that were left out of the log."""
    if not judged.transfer:
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, head in enumerate(("left out of the log", "people", "Recall, none known", "within", "three known", "within")):
        table.add_column(head, justify="right" if place else "left", no_wrap=not place)
    for one in judged.transfer:
        recalls = [measure for measures in (one.zero, one.few) for measure in measures if measure.name.startswith("Recall")]
        table.add_row(escape(one.kind), f"{one.people:,}", *(_cell(measure) for measure in recalls))
    out.print(table)


def _named(system: System, name: str) -> Measure | None:
    return next((measure for measure in system.measures if measure.name == name), None)


def _cell(measure: Measure | None) -> str:
    if measure is None:
        return "–"
    return f"{measure.mean:.3f} [dim]±{(measure.high - measure.low) / 2:.3f}[/]"
