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
    rows = {f"goods seen {name}": f"Recall seen {name}" for name in SEEN}
    rows |= {"kinds new to the person": "Recall crossing", "NDCG of these": "NDCG crossing"}
    there = {head: name for head, name in rows.items() if _named(judged.systems[-2], f"{name}@{judged.k}")}
    if not there:
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(f"Recall@{judged.k}", no_wrap=True)
    for system in shown:
        table.add_column(escape(system.name), justify="right")
    for head, name in there.items():
        table.add_row(head, *(_cell(_named(system, f"{name}@{judged.k}")) for system in shown))
    pool = {system.name: _named(system, f"Recall@{judged.k}") for system in judged.pool}
    if pool:
        table.add_row("only new goods shown", *(_cell(pool.get(system.name)) for system in shown))
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
