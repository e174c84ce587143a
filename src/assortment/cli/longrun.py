"""The commands of the long run: play the shop's policies on simulated people, and learn one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assortment.cli.app import Json, ShopFolder, app, err, next_steps, out
from assortment.core.measure import Measure

if TYPE_CHECKING:
    from assortment.rl.told import LearnedPolicy, Simulation
    from assortment.shop import Shop

Visits = Annotated[int, typer.Option(help="The most visits of each person.", min=2, max=10_000)]
Slots = Annotated[int, typer.Option("-k", help="Length of the slates.", min=1, max=100)]
Seed = Annotated[int | None, typer.Option(help="Of everything that draws.", show_default="the shop's")]

BARS = " ▁▂▃▄▅▆▇█"


@app.command()
def simulate(
    shop: ShopFolder,
    people: Annotated[int, typer.Option(help="Simulated people of each family.", min=2, max=1_000_000)] = 2000,
    visits: Visits = 60,
    k: Slots = 8,
    seed: Seed = None,
    json: Json = False,
) -> None:
    """Play the shop's policies on simulated people: what they take until they leave, and why they do.

    What people are like is fitted to the log where it says so, and drawn from a range where it does not; both are told.
    """
    from assortment.cli import show
    from assortment.cli.bars import bars
    from assortment.longrun.simulate import simulate as play
    from assortment.shop import Shop

    opened = Shop(shop)
    with bars(err):
        found = play(opened, people, visits, k, seed)
    opened.findings.keep(found)
    if json:
        show.document(found)
        return
    constants(out, found)
    simulation(out, found)
    _report(opened)
    next_steps(f"assortment learn-policy {shop}")


@app.command("learn-policy")
def learn_policy_command(
    shop: ShopFolder,
    minutes: Annotated[float, typer.Option(help="Of the network's training at most.", min=0.01)] = 15,
    people: Annotated[int, typer.Option(help="Simulated people of each family that are judged on.", min=100)] = 4000,
    visits: Visits = 60,
    k: Slots = 8,
    updates: Annotated[int, typer.Option(help="Of the network at most.", min=1)] = 90,
    seed: Seed = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Put nothing in place.")] = False,
    json: Json = False,
) -> None:
    """Learn to choose slates for the long run on simulated people, and serve what surely beats the simpler way.

    First what learns nothing is tuned, then constants, then a network that says them for each person; with Ctrl-C it is
    stopped, and the same command goes on from there. Curves for TensorBoard lie in SHOP/policies/training.
    """
    from assortment.cli import show
    from assortment.cli.bars import bars
    from assortment.longrun.learn import Effort, learn_policy
    from assortment.rl.ppo import Training
    from assortment.shop import Shop

    opened = Shop(shop)
    effort = Effort(minutes=minutes, people=people, visits=visits, k=k, training=Training(updates=updates))
    try:
        with bars(err):
            found = learn_policy(opened, effort, seed, dry_run)
    except KeyboardInterrupt:
        err.print("Stopped; what was learned is kept, and the same command goes on from there.")
        raise typer.Exit(130) from None
    opened.findings.keep(found)
    if json:
        show.document(found)
        return
    constants(out, found.simulation)
    simulation(out, found.simulation)
    gated(out, found, shop, dry_run)
    _report(opened)
    next_steps(f"assortment serve {shop}", f"assortment evaluate {shop}")


def _report(shop: "Shop") -> None:
    from assortment.report import gather, write_report

    write_report(shop.report, gather(shop, shop.findings.judged))
    err.print(f"With what was found: [bold]{escape(str(shop.report))}[/]")


def constants(out: Console, found: "Simulation") -> None:
    """What people are like: what the log says, and what it does not."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("people are like", "from the log", "95 %", "drawn from"):
        table.add_column(name, justify="left" if name == "people are like" else "right")
    for one in found.found:
        if one.sure:
            table.add_row(one.name, f"{one.value:.3f}", f"{one.low:.3f} … {one.high:.3f}", "")
    for name, low, high in found.drawn:
        table.add_row(name, "does not say", "", f"{low:g} … {high:g}", style="dim")
    out.print(table)
    out.print(f"[dim]relevance: {escape(found.odds)}[/]", highlight=False)


def simulation(out: Console, found: "Simulation") -> None:
    """What each policy came to with each family."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("family", "policy", "taken", "visits", "gain", "who still come"):
        table.add_column(name, justify="left" if name in ("family", "policy", "who still come") else "right", no_wrap=True)
    last = ""
    for one in found.rows:
        here = next(trace.values for trace in one.traces if trace.name == "here")
        gain = "" if one.gain is None else f"{one.gain.mean:+.1%} {_ends(one.gain)}"
        name = one.family if one.family != last else ""
        table.add_row(name, one.policy, f"{one.taken.mean:.2f}", f"{one.visits.mean:.1f}", gain, _bars(here))
        last = one.family
    out.print(table)
    out.print(
        f"[dim]{found.people:,} simulated people of each family, the same for each policy, {found.visits} visits at most, "
        f"slates of {found.k}. In simulation.[/]",
        highlight=False,
    )


def gated(out: Console, found: "LearnedPolicy", shop: Path, dry_run: bool) -> None:
    """Which policy serves, and why."""
    out.print(f"static: {escape(found.static)}", highlight=False)
    out.print(f"constants: {escape(found.constants)}", highlight=False)
    out.print(f"[bold]{escape(found.why)}.[/]", highlight=False)
    if dry_run:
        out.print("Nothing is put in place.")
    else:
        out.print(
            f"It serves from now on; the settings before are in {escape(str(shop / 'shop.before.toml'))}.", highlight=False
        )


def _ends(measure: Measure) -> str:
    return f"\\[{measure.low:+.1%}, {measure.high:+.1%}]"


def _bars(values: tuple[float, ...], most: int = 14) -> str:
    """A curve from 0 to 1 in a line of text."""
    step = -(-len(values) // most)
    return "".join(BARS[round(min(1.0, max(0.0, value)) * (len(BARS) - 1))] for value in values[::step])
