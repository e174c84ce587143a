"""A read-out at the command line."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from assortment.experiment.definition import Experiment
from assortment.experiment.readout import Compared, Readout


def listed(console: Console, every: Sequence[Experiment]) -> None:
    """All experiments, the latest first."""
    if not every:
        console.print("No experiment has begun yet.")
    for one in every:
        state = "runs" if one.runs else f"ended {_day(one.ended or 0)}"
        console.print(f"[bold]{one.name}[/]  {', '.join(one.shares)}  since {_day(one.began)}, {state}", highlight=False)


def read(console: Console, found: Readout) -> None:
    """The decision, then what it stands on."""
    first, *care = found.decision
    console.print(f"[bold]{first}[/]", highlight=False)
    for said in care:
        console.print(f"  {said}", highlight=False)
    counts = ", ".join(f"{arm} {count:,}" for arm, count in found.people.items())
    console.print(f"\nExposed: {counts}; sample ratio p = {found.srm.p:.3g}.", highlight=False)
    if found.primary:
        console.print(_table(found))
    for rail in found.guardrails:
        low, high = f"{rail.loss.low:+.1%}", f"{rail.loss.high:+.1%}"
        console.print(
            f"Guardrail {rail.measure} of {rail.arm}: {rail.state}; loss {rail.loss.mean:+.1%} [{low}, {high}], may be "
            f"{rail.margin:.1%}.",
            highlight=False,
        )


def _table(found: Readout) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "arm", "control", "arm's", "difference", "one look", "any look", "p, any look", "CUPED"):
        table.add_column(heading, justify="left" if heading in ("", "arm") else "right")
    for one in found.primary:
        table.add_row(*_row(one), style="bold")
    for one in found.secondary:
        table.add_row(*_row(one))
    return table


def _row(one: Compared) -> tuple[str, ...]:
    means = (f"{one.control:.4g}", f"{one.treated:.4g}", f"{one.gap.mean:+.3g}")
    ends = (f"{one.gap.low:+.3g} … {one.gap.high:+.3g}", f"{one.sequence.low:+.3g} … {one.sequence.high:+.3g}")
    return one.measure, one.arm, *means, *ends, f"{one.adjusted_always_p:.3g}", f"-{one.explained:.0%}"


def _day(time: int) -> str:
    return f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%d}"
