"""The commands of the loop, from files to a page."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from assortment.cli.app import Json, Length, ShopFolder, Split, SplitName, Weeks, app, err, next_steps, out
from assortment.core.errors import BadSetting

FORMATS = ("table", "amazon", "merchant", "movielens", "recbole", "uci")


@app.command("ingest")
def ingest_command(
    shop: ShopFolder,
    catalog: Annotated[Path, typer.Option(help="The file of the goods.", show_default=False)],
    events: Annotated[Path, typer.Option(help="The file of what people did.", show_default=False)],
    format: Annotated[str | None, typer.Option(help=f"One of {', '.join(FORMATS)}; else it is recognised.")] = None,
    json: Json = False,
) -> None:
    """Read a shop's files: CSV, TSV, JSONL (or these gzipped), Parquet, Amazon Reviews, MovieLens, RecBole."""
    from assortment.cli import show
    from assortment.cli.bars import bars
    from assortment.ingest import ingest
    from assortment.shop import Shop

    with bars(err):
        read = ingest(catalog, events, format)
        fresh = Shop(shop).ingest(read)
    show.ingested(out, read, fresh, shop, json)
    next_steps(f"assortment fit {shop}")


@app.command()
def fit(
    shop: ShopFolder,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="Settings to use and keep, in place of the shop's own.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Understand the goods, fit the pipeline, and keep it in the shop's folder."""
    from assortment.cli import show
    from assortment.cli.bars import bars
    from assortment.shop import Shop

    opened = Shop(shop)
    settings = opened.read(config_file) if config_file else None
    with bars(err):
        fitted = opened.fit(settings)
    show.fitted(out, fitted, json)
    next_steps(f"assortment evaluate {shop}", f"assortment serve {shop}")


@app.command()
def recommend(
    shop: ShopFolder,
    user: Annotated[str, typer.Option(help="For whom; somebody unknown gets a slate, too.")] = "",
    k: Annotated[int, typer.Option("-k", help="How many goods.", min=1, max=1000)] = 10,
    diversity: Annotated[
        float | None,
        typer.Option(help="0 relevance only … 1 variety only.", min=0, max=1, show_default="as the shop has set it"),
    ] = None,
    at_most: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=N", help="At most N goods with one value of a column; below 1, a share. Repeatable."),
    ] = None,
    at_least: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=N", help="At least N different values of a column, or bands of a price. Repeatable."),
    ] = None,
    apart: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=N", help="No two goods with one value within any N places in a row. Repeatable."),
    ] = None,
    floor: Annotated[
        float | None,
        typer.Option(help="The least relevance: 0 any … 1 the best only.", min=0, max=1, show_default="as the shop has set it"),
    ] = None,
    query: Annotated[str, typer.Option(metavar="WORDS", help="What is looked for, in words.")] = "",
    about: Annotated[
        list[str] | None, typer.Option(metavar="ITEM", help="The product page or basket; may be repeated.")
    ] = None,
    json: Json = False,
) -> None:
    """A slate for a person, with scores, where each thing came from, and why. Nothing is recorded as shown."""
    from assortment.cli import show
    from assortment.core.request import Wish
    from assortment.shop import Shop

    try:
        caps, floors, spacing = map(_amounts, (at_most, at_least, apart))
        wish = Wish(diversity, caps, _whole(floors), _whole(spacing), floor)
    except BadSetting as error:
        raise typer.BadParameter(str(error)) from error
    opened = Shop(shop)
    with opened.store() as store:
        service = opened.service(store)
        request = service.request(user, k=k, about=tuple(about or ()), words=query, wish=wish)
        answer = service.choose(request)
        person = service.user(user) if user else None
        show.slate(out, answer, person, opened.settings.currency, json)


@app.command()
def evaluate(
    shop: ShopFolder,
    split: Split = SplitName.time,
    weeks: Weeks = None,
    k: Length = 10,
    transfer: Annotated[
        int, typer.Option(metavar="N", help="Leave out N kinds of goods, one at a time; two fits each.", min=0)
    ] = 0,
    json: Json = False,
) -> None:
    """Fit on the past, judge on what came after, beside the baselines, with 95 % intervals over people.

    Where the shop is fitted, the report with the plots is written too.
    """
    from assortment.cli import show
    from assortment.cli.bars import bars
    from assortment.report import gather, write_report
    from assortment.shop import Shop
    from assortment.workshop import HeldOut, Workshop

    opened = Shop(shop)
    with bars(err):
        judged = Workshop(opened).judge(HeldOut(split.value, k, weeks), transfer)
    show.judgement(out, judged, json)
    if opened.is_fitted:
        write_report(opened.report, gather(opened, judged))
        err.print(f"With plots: [bold]{escape(str(opened.report))}[/]")


@app.command("demo")
def demo_command(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to make the shop.")] = Path("demo"),
) -> None:
    """The whole loop on a real shop: UCI Online Retail, 4,334 customers, 3,659 products, a year of purchases."""
    from assortment.cli import demo

    demo.run(folder, out, err)


def _amounts(texts: list[str] | None) -> dict[str, float]:
    return dict(map(_amount, texts or []))


def _amount(text: str) -> tuple[str, float]:
    column, equals, number = text.rpartition("=")
    if not equals or not column or not number.replace(".", "", 1).isdecimal() or len(number) > 9:
        raise BadSetting(f"'{text}' is not COLUMN=N, as in brand=2")
    return column, float(number)


def _whole(amounts: dict[str, float]) -> dict[str, int]:
    for column, amount in amounts.items():
        if not amount.is_integer():
            raise BadSetting(f"'{column}={amount:g}' must be a whole number")
    return {column: int(amount) for column, amount in amounts.items()}


@app.command("debug-diversity")
def debug_diversity(
    shop: ShopFolder,
    user: Annotated[
        str | None, typer.Option(help="For whom; somebody unknown gets a slate, too.", show_default="a sample of the log")
    ] = None,
    people: Annotated[int, typer.Option(help="How many people of the log to draw, where no user is named.", min=1)] = 200,
    k: Annotated[int, typer.Option("-k", help="How many goods are shown.", min=1, max=1000)] = 12,
    diversity: Annotated[
        float | None,
        typer.Option(help="0 relevance only … 1 variety only.", min=0, max=1, show_default="as the shop has set it"),
    ] = None,
    json: Json = False,
) -> None:
    """Where variety was lost: what the candidates had, what each stage and rule took away, and what to turn."""
    from assortment.cli import lost, show
    from assortment.cli.bars import bars
    from assortment.core.request import Wish
    from assortment.evaluate.verdict import verdict
    from assortment.shop import Shop
    from assortment.workshop import Workshop

    with bars(err):
        found = Workshop(Shop(shop)).variety_lost(user, people, k, Wish(diversity))
    if json:
        show.document({**found.__dict__, "verdict": verdict(found)})
    else:
        lost.lost(out, found, user)
