"""The commands of experiments: begin, look, end, and how many people one needs."""

import tomllib
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from assortment.cli.app import Json, ShopFolder, app, err, next_steps, out
from assortment.core.errors import BadSetting

group = typer.Typer(help="Compare ways to recommend on living people.", no_args_is_help=True)
app.add_typer(group, name="experiment")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The experiment's name.", show_default=False)]


@group.command()
def start(
    shop: ShopFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The experiment, a TOML file.", show_default=False)],
    json: Json = False,
) -> None:
    """Begin an experiment; a server that is open takes it up with its next request. Arms with settings are fitted first."""
    from assortment.cli import show
    from assortment.cli.bars import bars
    from assortment.experiment.definition import parse
    from assortment.experiment.measures import MEASURES
    from assortment.lab import Lab
    from assortment.shop import Shop

    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{file} cannot be read: {error}") from error
    with bars(err):
        begun = Lab(Shop(shop)).start(parse(document, MEASURES), file.parent)
    if json:
        show.document(begun.told)
    else:
        arms = ", ".join(arm.name for arm in begun.arms)
        out.print(f"[bold]{begun.name}[/] has begun: {arms}; {begun.share:.0%} of layer {begun.layer}.", highlight=False)
    next_steps(f"assortment experiment status {shop} {begun.name}")


@group.command()
def status(
    shop: ShopFolder,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The experiment; all are listed without.")] = None,
    json: Json = False,
) -> None:
    """What an experiment says by now, and what may be decided; it may be looked at as often as one likes."""
    from assortment.cli import experimented, show
    from assortment.experiment.told import told
    from assortment.lab import Lab
    from assortment.shop import Shop

    lab = Lab(Shop(shop))
    if name is None:
        every = lab.book.all()
        if json:
            show.document([one.told for one in every])
        else:
            experimented.listed(out, every)
        return
    with lab.shop.store() as store:
        found = lab.status(name, store)
    if json:
        show.document(told(found))
    else:
        experimented.read(out, found)


@group.command()
def stop(shop: ShopFolder, name: Name, json: Json = False) -> None:
    """End an experiment: from the next request on everybody is answered by what serves the shop."""
    from assortment.cli import show
    from assortment.lab import Lab
    from assortment.shop import Shop

    ended = Lab(Shop(shop)).stop(name)
    if json:
        show.document(ended.told)
    else:
        out.print(f"[bold]{escape(ended.name)}[/] has ended.", highlight=False)
    next_steps(f"assortment experiment status {shop} {name}")


@group.command()
def power(
    shop: ShopFolder,
    measure: Annotated[str, typer.Option(help="What shall decide.")] = "conversion",
    effect: Annotated[float, typer.Option(help="The relative change that shall be seen, such as 0.05.")] = 0.05,
    arms: Annotated[int, typer.Option(help="How many arms, with the control.", min=2, max=20)] = 2,
    days: Annotated[int, typer.Option(help="Of how many last days of the log people are counted.", min=1)] = 28,
    json: Json = False,
) -> None:
    """How many people and days an experiment needs, by what people did of late."""
    from assortment.cli import show
    from assortment.lab import Lab
    from assortment.shop import Shop

    found = Lab(Shop(shop)).power(measure, effect, arms, days)
    if json:
        show.document(found)
        return
    out.print(
        f"{found.people:,} people in each arm for one look at the end, {found.watched:,} if it is watched all the time, "
        f"to see {measure} change by {effect:.1%} with a chance of 80 %: {found.days:,.0f} days.",
        highlight=False,
    )
    for warning in found.warnings:
        out.print(f"[bold]Mind:[/] {warning}", highlight=False)
