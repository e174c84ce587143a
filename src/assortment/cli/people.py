"""The commands of people: one person's portrait and what they mute, and the segments of all."""

from typing import Annotated

import typer
from rich.markup import escape

from assortment.cli.app import Json, ShopFolder, app, err, out
from assortment.core.errors import BadSetting


@app.command("portrait")
def portrait_command(
    shop: ShopFolder,
    user: Annotated[str, typer.Option(help="Of whom.", show_default=False)],
    mute: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=LABEL", help="Show them no such goods any more, as in category=Candles. Repeatable."),
    ] = None,
    unmute: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=LABEL", help="Take that back. Repeatable.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """What the shop makes of a person: interests, prices, rhythm, variety, change; and what they have muted."""
    from assortment.cli import portrait, show
    from assortment.shop import Shop

    try:
        wanted = [(*_kind(text), muted) for texts, muted in ((mute, True), (unmute, False)) for text in texts or ()]
    except BadSetting as error:
        raise typer.BadParameter(str(error)) from error
    opened = Shop(shop)
    with opened.store() as store:
        service = opened.service(store)
        for column, label, muted in wanted:
            service.mute(user, column, label, muted)
        person = service.user(user)
    if json:
        show.document({"user": user, "known": person.known, "muted": person.muted, **vars(person.portrait)})
    else:
        portrait.portrait(out, person, opened.settings.currency)


def _kind(text: str) -> tuple[str, str]:
    column, equals, label = text.partition("=")
    if not (equals and column and label):
        raise BadSetting(f"'{text}' is not COLUMN=LABEL, as in category=Candles")
    return column, label


@app.command("segments")
def segments_command(
    shop: ShopFolder,
    count: Annotated[
        int | None, typer.Option(help="How many.", min=1, max=100, show_default="the most that come out again")
    ] = None,
    json: Json = False,
) -> None:
    """The shop's people in groups by what they take, each named in words. The report shows them, too."""
    from assortment.cli import portrait, show
    from assortment.cli.bars import bars
    from assortment.report import gather, write_report
    from assortment.shop import Shop
    from assortment.workshop import Workshop

    opened = Shop(shop)
    with bars(err):
        found = Workshop(opened).segments(count)
    if json:
        show.document(found)
    else:
        portrait.segments(out, found)
    write_report(opened.report, gather(opened, opened.findings.judged))
    err.print(f"In the report: [bold]{escape(str(opened.report))}[/]")
