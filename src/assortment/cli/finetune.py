"""Commands that tune the encoder on the shop, and that say which one serves."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assortment.cli.app import Json, ShopFolder, app, err, next_steps, out
from assortment.cli.show import document
from assortment.core.measure import Measure
from assortment.finetune.result import Finetuned


class MethodName(StrEnum):
    """What of the model is trained."""

    full = "full"
    lora = "lora"
    adalora = "adalora"
    adapter = "adapter"
    prefix = "prefix"


@app.command()
def finetune(
    shop: ShopFolder,
    method: Annotated[MethodName, typer.Option(help="What of the model is trained.")] = MethodName.lora,
    minutes: Annotated[float, typer.Option(help="Of training.", min=0)] = 20.0,
    name: Annotated[
        str | None, typer.Option(help="What the tuned encoder is called; the method and a number if not given.")
    ] = None,
    base: Annotated[str, typer.Option(help="The encoder that is tuned: pkg:minilm, pkg:me5-small, or hf:FOLDER.")] = "auto",
    rate: Annotated[float | None, typer.Option(help="Learning rate; the method's own if not given.")] = None,
    rank: Annotated[int, typer.Option(help="Size of what is trained beside the model.", min=1, max=256)] = 8,
    tokens: Annotated[int, typer.Option(help="How much of a text is read, then and afterwards.", min=4, max=256)] = 32,
    labels: Annotated[str | None, typer.Option(help="A column of the catalog to learn too: labels or numbers.")] = None,
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    threads: Annotated[int, typer.Option(help="Of the processor.", min=1)] = 1,
    track: Annotated[str, typer.Option(help="Who draws the run: none, tensorboard, wandb or mlflow.")] = "none",
    json: Json = False,
) -> None:
    """Tune the text encoder on what people did. It serves only where it finds more of what they took next than the one before.

    A run that is stopped goes on where it was, when the same command is given again.
    """
    from assortment.cli.bars import bars
    from assortment.encoders import Encoders
    from assortment.finetune.recipe import Finetune
    from assortment.shop import Shop

    opened = Encoders(Shop(shop))
    seed = opened.shop.settings.seed
    recipe = Finetune(
        method.value, minutes, base, rank, rate, tokens=tokens, labels=labels, precision=precision, threads=threads, seed=seed
    )
    try:
        with bars(err):
            called, found = opened.tune(recipe, name, track)
    except KeyboardInterrupt:
        err.print("Stopped; the run is kept, and the same command goes on from there.")
        raise typer.Exit(130) from None
    if json:
        document({"name": called, "won": found.won, "found": found})
    else:
        told(out, called, found)
    if found.won:
        next_steps(f"assortment fit {shop}", f"assortment encoders {shop}")


@app.command()
def encoders(
    shop: ShopFolder,
    serve: Annotated[str | None, typer.Option(help="The one that is to serve, by name, or a spec such as auto.")] = None,
    json: Json = False,
) -> None:
    """The encoders that were tuned on the shop, and how they did. With --serve another one serves from the next fit on."""
    from assortment.encoders import Encoders
    from assortment.shop import Shop

    opened = Encoders(Shop(shop))
    if serve is not None:
        opened.serve(serve)
    serving = opened.serving
    if json:
        document({"serving": serving, "encoders": opened.tuned})
    else:
        out.print(_table(opened.tuned, serving))
        out.print(f"Goods are compared by [bold]{escape(serving)}[/].", highlight=False)
    if serve is not None:
        next_steps(f"assortment fit {shop}")


def told(out: Console, name: str, found: Finetuned) -> None:
    """The verdict, in words."""
    best = max(found.points, key=lambda point: point.value)
    out.print(
        f"{found.recipe.method}, {found.trained:,} numbers trained, {found.points[-1].step:,} steps ({found.stopped}); "
        f"the weights are those of step {best.step:,}.",
        highlight=False,
    )
    out.print(
        f"What {found.gain.n:,} people took next, by text alone, Recall@10: before {_said(found.frozen)}, tuned "
        f"{_said(found.tuned)}, difference {_said(found.gain, '+')}.",
        highlight=False,
    )
    if found.won:
        out.print(f"[bold]It is better beyond chance: tuned:{escape(name)} is in shop.toml[/]; before: shop.before.toml.")
    else:
        out.print("[bold]It is not better beyond chance: the encoder before goes on serving.[/] shop.toml stays as it is.")


def _said(measure: Measure, sign: str = "") -> str:
    return f"{measure.mean:{sign}.4f} \\[{measure.low:{sign}.4f}, {measure.high:{sign}.4f}]"


def _table(found: dict[str, Finetuned], serving: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("encoder", "method", "trained", "Recall@10 before", "tuned", "difference"):
        table.add_column(heading, justify="left" if heading in ("encoder", "method") else "right")
    for name, one in found.items():
        style = "bold" if serving == f"tuned:{name}" else "" if one.won else "dim"
        numbers = (f"{one.trained:,}", f"{one.frozen.mean:.4f}", f"{one.tuned.mean:.4f}", _said(one.gain, "+"))
        table.add_row(escape(name), one.recipe.method, *numbers, style=style)
    return table
