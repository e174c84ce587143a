"""The command that tunes a shop's settings: its variety, or the fields of what retrieves."""

from typing import Annotated

import typer
from rich.markup import escape

from assortment.cli.app import DryRun, Json, Length, ShopFolder, Split, SplitName, Weeks, app, err, next_steps, out

VARIETY, FIELDS = 200, 30
"""How many trials where nobody says otherwise."""


@app.command("tune")
def tune_command(
    shop: ShopFolder,
    keep_ndcg: Annotated[
        float | None,
        typer.Option(help="Tune the variety, and keep this share of NDCG: above 0, nearly none … 1, all.", show_default=False),
    ] = None,
    split: Split = SplitName.time,
    weeks: Weeks = None,
    k: Length = 10,
    trials: Annotated[
        int | None, typer.Option(help="How many settings to try.", min=1, show_default=f"{FIELDS}; with --keep-ndcg {VARIETY}")
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """The fields of what retrieves, for the most NDCG; or with --keep-ndcg the most variety that keeps a share of it.

    Searched on one part of the log, looked at once on the next, written down. A search that is stopped goes on where it was.
    Where the shop is fitted, the report with what was found is written too.
    """
    from assortment.cli import show, tune, turned
    from assortment.cli.bars import bars
    from assortment.report import gather, write_report
    from assortment.shop import Shop
    from assortment.tune.recipes import Turned
    from assortment.workshop import HeldOut, Workshop

    opened, held = Shop(shop), HeldOut(split.value, k, weeks)
    workshop = Workshop(opened)
    try:
        with bars(err):
            found = (
                workshop.turn(held, trials or FIELDS, dry_run)
                if keep_ndcg is None
                else workshop.tune(keep_ndcg, held, trials or VARIETY, dry_run)
            )
    except KeyboardInterrupt:
        err.print("Stopped; what was measured is kept, and the same command goes on from there.")
        raise typer.Exit(130) from None
    if json:
        show.document(found)
    elif isinstance(found, Turned):
        turned.turned(out, found, shop, not dry_run)
    else:
        tune.tuned(out, found, shop, not dry_run)
    if opened.is_fitted:
        write_report(opened.report, gather(opened, opened.findings.judged))
        err.print(f"With what was found: [bold]{escape(str(opened.report))}[/]")
    next_steps(f"assortment fit {shop}")
