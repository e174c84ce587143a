"""The command that opens a shop to browsers and programs."""

from contextlib import ExitStack
from typing import Annotated

import typer

from assortment.cli.app import LogLevel, ShopFolder, app, err


@app.command()
def serve(
    shop: ShopFolder,
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    patience: Annotated[float, typer.Option(help="Seconds for a slate; then what is popular.", min=0.001, max=600)] = 2.0,
    room: Annotated[int, typer.Option(help="How many slates may wait, and how many posts.", min=1, max=1_000_000)] = 256,
    behind: Annotated[str, typer.Option(metavar="ADDRESSES", help="Proxies that say where a request comes from.")] = "",
    origin: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="A host whose pages may call the API, as in https://shop.example. Repeatable."),
    ] = None,
    traces: Annotated[
        str, typer.Option(metavar="URL", help="An OpenTelemetry collector.", envvar="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    ] = "",
    log: Annotated[
        LogLevel, typer.Option(help="The least that is logged; info has a line of each request.")
    ] = LogLevel.warning,
) -> None:
    """The HTTP API and the pages. Open to this machine alone until the first key is made; elsewhere a key is always needed."""
    from assortment.cli.keys import first_link
    from assortment.console import add_console
    from assortment.follow import following
    from assortment.judge import diversity
    from assortment.serve import http
    from assortment.serve.access.gate import Gate, is_loopback
    from assortment.serve.desk import Bounds
    from assortment.serve.origins import origin as spelt
    from assortment.serve.outside.logs import log_lines
    from assortment.serve.outside.spans import tracer
    from assortment.serve.pages import Sign
    from assortment.serve.service import wall_clock
    from assortment.shop import Shop
    from assortment.store.access import open_access

    log_lines(log.value)
    opened, origins = Shop(shop), [spelt(one) for one in origin or ()]
    with opened.store() as store, ExitStack() as ending:
        settings = opened.settings
        set_to = diversity(opened.pipeline) or 0.0
        access = open_access(store)
        gate = Gate(access, is_loopback(host), wall_clock, origins=frozenset(origins))
        service = opened.service(store)
        spans = ending.enter_context(tracer(traces)) if traces else None
        sign = Sign(settings.name, settings.currency, set_to)
        web = http.app(service, sign, gate, Bounds(patience, room), spans, origins)
        add_console(web, opened, service)

        def said(url: str) -> None:
            err.print(f"The shop is open at [bold]{url}/[/]; Ctrl-C closes it.")
            if gate.here and not access.listed():
                err.print(
                    f"To this machine alone, and to all on it, until: assortment key add {shop} NAME --role operator",
                    soft_wrap=True,
                )
            elif link := first_link(access):
                err.print(f"Log in once, within an hour, at [bold]{url}/login/{link}[/]", soft_wrap=True)

        ending.enter_context(following(opened, service))
        http.serve(web, port, host, said, behind)
