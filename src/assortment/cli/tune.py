"""What tuning found, as a table for people."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from assortment.cli.show import plain
from assortment.core.measure import Measure
from assortment.tune.search import Point, most_varied
from assortment.tune.settings import METHODS
from assortment.tune.tuned import Look, Tuned

AUDIT = "redundancy bought"
"""The measure that nothing is chosen by."""


def tuned(out: Console, found: Tuned, shop: Path, written: bool) -> None:
    """The best of each method, the choice, what the test part says of it, and what was written."""
    out.print(
        f"{len(found.points):,} settings on {found.validation.people:,} validation people, slates of {found.k}. By relevance "
        f"only NDCG is {found.relevance.ndcg:.4f}; {found.keep:.4g} of it is {found.floor:.4f}.",
        highlight=False,
    )
    out.print(_methods(found))
    out.print(_chosen(found), highlight=False)
    out.print(_looked(found.test, found.k))
    out.print(_tested(found), highlight=False)
    if found.sure.setting != found.chosen.setting:
        out.print(
            f"[dim]The share is kept by the mean. To be 95 % sure of it, take: {plain(str(found.sure.setting))} "
            f"(NDCG {found.sure.ndcg:.4f}, redundancy {found.sure.redundancy:.4f}).[/]",
            highlight=False,
        )
    if written:
        out.print(f"Written to {plain(str(shop / 'shop.toml'))}; the settings before are in shop.before.toml.")
    else:
        out.print("Nothing is written to shop.toml.")


def _methods(found: Tuned) -> Table:
    """Each method's most varied setting that keeps the share."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("method", "the most variety that keeps it"):
        table.add_column(name)
    for name in ("NDCG", "redundancy"):
        table.add_column(name, justify="right", no_wrap=True)
    best = [(name, _best(found, name)) for name in METHODS]
    for name, point in sorted(best, key=lambda pair: pair[1].redundancy if pair[1] else 9.0):
        bold = "bold" if point and point == found.chosen else "dim" if not point else ""
        said = (
            (str(point.setting), f"{point.ndcg:.4f}", f"{point.redundancy:.4f}") if point else ("none that was tried", "", "")
        )
        table.add_row(name, *map(plain, said), style=bold)
    return table


def _best(found: Tuned, method: str) -> Point | None:
    return most_varied((point for point in (found.before, *found.points) if point.setting.method == method), found.floor)


def _chosen(found: Tuned) -> str:
    if not found.chosen.setting.diversity:
        return "[bold]No setting that was tried keeps that much and is more varied: the choice is relevance only.[/]"
    kept = found.chosen.ndcg / found.relevance.ndcg
    return (
        f"Chosen: [bold]{plain(str(found.chosen.setting))}[/]. On validation it keeps {kept:.2%} of NDCG "
        f"({_signed(_of(found.validation.change, 'NDCG', found.k))}), and redundancy goes from "
        f"{found.relevance.redundancy:.4f} to {found.chosen.redundancy:.4f}; before it was {found.before.redundancy:.4f}, "
        f"with {plain(str(found.before.setting))}."
    )


def _looked(look: Look, k: int) -> Table:
    """The three settings on the test part."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("test, looked at once")
    names = [name for name in ("NDCG", "redundancy", AUDIT, "coverage") if _find(look.change, name, k)]
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for system in look.systems:
        table.add_row(plain(system.name), *(f"{_of(system.measures, name, k).mean:.4f}" for name in names))
    return table


def _tested(found: Tuned) -> str:
    names = [name for name in ("NDCG", "redundancy", AUDIT) if _find(found.test.change, name, found.k)]
    against = [f"{name} {_signed(_of(found.test.change, name, found.k))}" for name in names]
    before = [f"{name} {_signed(_of(found.test.moved, name, found.k))}" for name in names[:2]]
    kept = (
        _of(found.test.systems[-1].measures, "NDCG", found.k).mean / _of(found.test.systems[0].measures, "NDCG", found.k).mean
    )
    return (
        f"{plain(found.test.said)}: {found.test.people:,} people. The chosen setting keeps {kept:.2%} of NDCG. Against "
        f"relevance only: {', '.join(against)}. Against the setting before: {', '.join(before)}."
    )


def _find(measures: tuple[Measure, ...], name: str, k: int) -> Measure | None:
    return next((measure for measure in measures if measure.name == f"{name}@{k}"), None)


def _of(measures: tuple[Measure, ...], name: str, k: int) -> Measure:
    return next(measure for measure in measures if measure.name == f"{name}@{k}")


def _signed(measure: Measure) -> str:
    return f"{measure.mean:+.4f} \\[{measure.low:+.4f}, {measure.high:+.4f}]"
