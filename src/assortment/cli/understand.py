"""The command that tells what is known of the goods."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assortment.cli.app import Json, ShopFolder, app, err, next_steps, out
from assortment.config import Settings
from assortment.core.pipeline import Plan
from assortment.understand.account import Account
from assortment.understand.attributes import Attributes
from assortment.understand.classify import Classify
from assortment.understand.opinions import Opinions

T = TypeVar("T")
Annotators: TypeAlias = tuple[Any, ...]  # recipes of annotators, whatever their class
BLOCKS = " ▁▂▃▄▅▆▇█"


@app.command("understand")
def understand_command(
    shop: ShopFolder,
    taxonomy: Annotated[
        Path | None, typer.Option(help="A file of the tree of categories, such as Google's.", show_default=False)
    ] = None,
    tagged: Annotated[Path | None, typer.Option(help="A file of labelled titles to learn from.", show_default=False)] = None,
    reviews: Annotated[Path | None, typer.Option(help="A file of reviews of the goods.", show_default=False)] = None,
    report: Annotated[bool, typer.Option("--report", help="Write a page, too.")] = False,
    json: Json = False,
) -> None:
    """What is known of the goods, by what, and how surely; and what a person is to decide.

    Files that are named are kept in the shop's settings, so that the next fit reads them, too.
    """
    from assortment.cli import show
    from assortment.cli.bars import bars
    from assortment.report.understanding import write_doubts, write_understanding
    from assortment.shop import Shop
    from assortment.understand.account import accounts, doubts

    opened = Shop(shop)
    opened.require()
    settings = _with_files(opened.settings, taxonomy, tagged, reviews)
    with bars(err):
        known = opened.understood(settings)
    told, open_questions = accounts(known.catalog), doubts(known)
    if settings != opened.settings:
        opened.open(settings)
        err.print(f"Kept in {escape(str(shop / 'shop.toml'))}.")
    write_doubts(shop / "review.jsonl", open_questions)
    if json:
        show.document(
            {"goods": len(known.catalog), "attributes": [_plain(one) for one in told], "to_decide": len(open_questions)}
        )
    else:
        _table(out, told)
    if open_questions:
        err.print(f"{len(open_questions):,} goods are for a person to decide: [bold]{escape(str(shop / 'review.jsonl'))}[/]")
    if report:
        page = shop / "understanding.html"
        write_understanding(page, settings.name, int(time.time() * 1000), told, open_questions)
        err.print(f"The page: [bold]{escape(str(page))}[/]")
    next_steps(f"assortment fit {shop}")


def _with_files(settings: Settings, taxonomy: Path | None, tagged: Path | None, reviews: Path | None) -> Settings:
    """The settings with these files in the parts that read them; a part that is not there yet is put where it belongs."""
    plan = settings.plan.understand
    if taxonomy is not None:
        plan = _with(plan, Classify, lambda part: replace(part, taxonomy=str(taxonomy.absolute())), first=True)
    if tagged is not None:
        plan = _with(plan, Attributes, lambda part: replace(part, tagged=str(tagged.absolute())))
    if reviews is not None:
        plan = _with(plan, Opinions, lambda part: replace(part, reviews=str(reviews.absolute())))
    return replace(settings, plan=Plan(settings.plan.stages, plan))


def _with(parts: Annotators, cls: type[T], told: Callable[[T], T], first: bool = False) -> Annotators:
    """The parts, with those of a class told of a file; where there is none yet, one is put first, or last."""
    new = () if any(isinstance(part, cls) for part in parts) else (cls(),)
    every = (*new, *parts) if first else (*parts, *new)
    return tuple(told(part) if isinstance(part, cls) else part for part in every)


def _plain(account: Account) -> dict[str, object]:
    return {**asdict(account), "unknown": account.unknown}


def _table(out: Console, told: Sequence[Account]) -> None:
    """One line for each attribute, and an example of each."""
    if not told:
        out.print("Nothing was derived: the shop says everything itself, or there is nothing to go by.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("attribute")
    for name in ("said", "found", "not certain", "not known"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("confidence 0 … 1", no_wrap=True)
    table.add_column("by")
    for one in told:
        counts = (f"{count:,}" for count in (one.said, one.derived, one.unsure, one.unknown))
        by = ", ".join(f"{name} {count:,}" for name, count in one.sources.items())
        table.add_row(f"[bold]{escape(one.name)}[/]", *counts, spark(one.histogram), escape(by))
    out.print(table)
    for one in told:
        for first in one.found[:1]:
            said = f"{one.name}: {first.title[:60]} → {first.value}, {first.confidence:.2f} by {first.source}"
            out.print(f"[dim]{escape(said)}[/]", highlight=False)


def spark(counts: Sequence[int]) -> str:
    """A histogram in one line of text.

    >>> spark([0, 1, 4, 8])
    ' ▁▄█'
    """
    most = max(counts, default=0)
    return "".join(BLOCKS[-(-8 * count // most)] if most else " " for count in counts)
