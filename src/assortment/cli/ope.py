"""The command that judges a policy by the log of another."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from assortment.cli.app import Json, ShopFolder, app, err, out


@app.command()
def ope(
    shop: ShopFolder,
    policy: Annotated[Path, typer.Option(help="The settings file of the policy.", show_default=False)],
    reward: Annotated[
        str, typer.Option(help="What counts: click (anything done to an item of the slate) or purchase.")
    ] = "click",
    json: Json = False,
) -> None:
    """What a policy would have earned, by the slates of the log that were drawn. No number is told where few slates decide."""
    from assortment.cli import show
    from assortment.cli.bars import bars
    from assortment.offpolicy import judge_policy
    from assortment.shop import Shop

    opened = Shop(shop)
    with bars(err):
        found = judge_policy(opened, opened.read(policy), reward)
    if json:
        show.document(found)
        return
    out.print(
        f"{found.slates:,} drawn slates of {found.people:,} people; {found.sure:,} others were not drawn and tell nothing. The "
        f"policy was fitted on the {found.events:,} events before.",
        highlight=False,
    )
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", f"{found.reward}s", "95 %", "effective slates"):
        table.add_column(heading, justify="left" if not heading else "right")
    groups = (
        ("served", (found.served,)),
        ("a slate", found.estimates),
        ("first place", found.first),
        ("difference", (found.gain,)),
    )
    for said, group in groups:
        for one in group:
            told = one.measure
            ends = ("refused", "") if told is None else (f"{told.mean:.4f}", f"{told.low:.4f} … {told.high:.4f}")
            table.add_row(
                f"{said}, {one.name}" if said not in ("served", "difference") else one.name, *ends, f"{one.effective:.1%}"
            )
    out.print(table)
    if any(one.refused for one in (*found.estimates, *found.first)):
        refused = next(one.refused for one in (*found.estimates, *found.first) if one.refused)
        out.print(
            f"Refused: {refused}. Let the shop draw more (a higher temperature or epsilon, shorter slates) or for "
            f"longer, or judge a "
            "policy that is nearer to what served, or draws itself.",
            highlight=False,
        )
