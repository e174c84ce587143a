"""What turning the fields of recipes found, as a table for people."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from assortment.cli.show import plain
from assortment.tune.recipes import Change, Turned

MOST = 12
"""Fields that are told, those that mattered most first."""


def turned(out: Console, found: Turned, shop: Path, written: bool) -> None:
    """The fields that matter and where they went, what the people who were held back say, and what was written."""
    ended = sum(one.ndcg is None for one in found.tried)
    out.print(f"{len(found.tried):,} trials, {ended:,} of them ended early.", highlight=False)
    out.print(_fields(found))
    for name, change in (("searched", found.searched), ("checked", found.checked), ("test, whole pipeline", found.test)):
        out.print(_said(name, change), highlight=False)
    if not found.moved:
        out.print("Nothing that was tried did better with people that it was not searched on; the fields stay.")
    elif not found.better:
        out.print("On the test part the whole pipeline is surely worse with them, so nothing is written.")
    elif written:
        out.print(f"Written to {plain(str(shop / 'shop.toml'))}; the settings before are in shop.before.toml.")
    else:
        out.print("Nothing is written to shop.toml.")


def _fields(found: Turned) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("field")
    for name in ("matters", "before", "chosen"):
        table.add_column(name, justify="right", no_wrap=True)
    order = sorted(found.before, key=lambda name: (-found.importance.get(name, 0), name))
    for name in order[:MOST]:
        matters = f"{found.importance[name]:.0%}" if name in found.importance else ""
        table.add_row(plain(name), matters, f"{found.before[name]:.4g}", f"{found.chosen[name]:.4g}")
    return table


def _said(name: str, change: Change) -> str:
    moved = change.change
    return (
        f"{name}: {change.before.name} {change.before.mean:.4f} before, {change.chosen.mean:.4f} chosen, "
        f"{moved.mean:+.4f} [{moved.low:+.4f}, {moved.high:+.4f}] over {change.people:,} people."
    )
