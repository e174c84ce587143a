"""The command that makes the shop's encoder smaller and faster."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assortment.cli.app import DryRun, Json, Length, ShopFolder, Split, SplitName, Weeks, app, err, next_steps, out

if TYPE_CHECKING:
    from assortment.compress.compressed import Compressed, Row


@app.command("compress")
def compress_command(
    shop: ShopFolder,
    distil: Annotated[
        str | None, typer.Option(metavar="N-layers", help="A student of so many layers, as in 3-layers.", show_default=False)
    ] = None,
    prune: Annotated[
        float | None, typer.Option(help="The share of heads and neurons to take out: above 0 … below 1.", show_default=False)
    ] = None,
    dims: Annotated[int | None, typer.Option(help="Dimensions of its vectors.", min=1, show_default=False)] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Weights in 8 bits.")] = False,
    minutes: Annotated[float, typer.Option(help="For all the training that distilling and pruning ask for.", min=0.01)] = 10.0,
    split: Split = SplitName.time,
    weeks: Weeks = None,
    k: Length = 10,
    dry_run: DryRun = False,
    back: Annotated[bool, typer.Option("--back", help="Take the last change of shop.toml back, and do nothing else.")] = False,
    json: Json = False,
) -> None:
    """A smaller, faster encoder: each step is kept only where it costs at most 0.5 % of NDCG, and served only where the whole
    pipeline keeps its own.

    A training that is stopped goes on where it was. Where the shop is fitted, the report with what was found is written too.
    """
    from assortment.cli import show
    from assortment.cli.bars import bars
    from assortment.compress.steps import Steps
    from assortment.report import gather, write_report
    from assortment.shop import Shop
    from assortment.workshop import HeldOut, Workshop

    opened = Shop(shop)
    if back:
        opened.back()
        err.print(f"{escape(str(shop / 'shop.toml'))} is as it was before; what it was now is in shop.before.toml.")
        return next_steps(f"assortment fit {shop}")
    steps = Steps(_layers(distil), prune, dims, int8, minutes)
    try:
        with bars(err):
            found = Workshop(opened).compress(steps, HeldOut(split.value, k, weeks), dry_run)
    except KeyboardInterrupt:
        err.print("Stopped; what was taught is kept, and the same command goes on from there.")
        raise typer.Exit(130) from None
    if json:
        show.document(found)
    else:
        compressed(out, found, shop, not dry_run)
    if opened.is_fitted:
        write_report(opened.report, gather(opened, opened.findings.judged))
        err.print(f"With what was found: [bold]{escape(str(opened.report))}[/]")
    return next_steps(f"assortment fit {shop}")


def _layers(text: str | None) -> int | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,4})(-layers?)?", text)
    if not found:
        raise typer.BadParameter(f"'{text}' is not a number of layers, as in 3-layers")
    return int(found[1])


def compressed(out: Console, found: "Compressed", shop: Path, written: bool) -> None:
    """Every encoder side by side, what the whole pipeline says, and what was written."""
    out.print(
        f"The semantic part alone, slates of {found.k} for {found.people:,} validation people; speed on one thread, titles per "
        "second of processor.",
        highlight=False,
    )
    out.print(_table(found))
    if found.encoder is None:
        out.print("No step keeps 99.5 % of NDCG; the shop's encoder stays.")
        return
    for name, look in (("validation", found.validation), ("test", found.test)):
        if look:
            change = look.change
            out.print(
                f"Whole pipeline on {name} ({look.people:,} people): {look.before.name} {look.before.mean:.4f} before, "
                f"{look.after.mean:.4f} after, change {change.mean:+.4f} [{change.low:+.4f}, {change.high:+.4f}].",
                highlight=False,
            )
    if not found.kept:
        out.print("The whole pipeline loses more than 0.5 % with it, so the shop's encoder stays.")
    elif written:
        out.print(f"Written to {escape(str(shop / 'shop.toml'))}: [bold]{escape(found.encoder)}[/]; --back takes it back.")
    else:
        out.print("Nothing is written to shop.toml.")


def _table(found: "Compressed") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("encoder")
    for name in ("MB", "titles/s", "times", f"NDCG@{found.k}", "change", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for row in found.rows:
        table.add_row(*_cells(row, found), style="dim" if row.passed is False else "")
    return table


def _cells(row: "Row", found: "Compressed") -> tuple[str, ...]:
    share = row.change.mean / (row.ndcg.mean - row.change.mean) if row.ndcg.mean != row.change.mean else float("nan")
    low, high = (value / (row.ndcg.mean - row.change.mean or float("nan")) for value in (row.change.low, row.change.high))
    verdict = "" if row.passed is None else "kept" if row.passed else "too much lost"
    return (
        escape(row.name),
        f"{row.megabytes:.1f}",
        f"{row.speed:.0f}",
        f"{row.speed / found.rows[0].speed:.1f}",
        f"{row.ndcg.mean:.4f}",
        f"{share:+.1%} [{low:+.1%}, {high:+.1%}]",
        verdict,
    )
