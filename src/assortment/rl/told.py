"""What simulated people came to under each policy, as numbers that are kept and told."""

from dataclasses import dataclass

from assortment.core.measure import Measure
from assortment.rl.habits import Found
from assortment.rl.memory import Floats
from assortment.rl.rollout import TRACES, Played


@dataclass(frozen=True)
class Trace:
    """One curve by visit: its name (one of `rollout.TRACES`) and its values, None where nobody is left."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Row:
    """A policy with a family of people. taken, pleasure, visits: of each person until they leave or the visits are over; gain:
    goods taken beyond the policy `beside`, person by person, as a share of what that came to, None without one."""

    family: str
    policy: str
    said: str
    taken: Measure
    pleasure: Measure
    visits: Measure
    gain: Measure | None
    traces: tuple[Trace, ...]


@dataclass(frozen=True)
class Simulation:
    """People of each family who were played, the visits each might make, the length of slates, and what came of each policy;
    drawn: the constants that the log does not say, with the ends of their ranges; odds: where relevance is from."""

    people: int
    visits: int
    k: int
    seed: int
    odds: str
    found: tuple[Found, ...]
    drawn: tuple[tuple[str, float, float], ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Step:
    """One comparison of the gate: whether `policy` beats `beside` in every family and, where the log has drawn slates, by the
    estimate from it. logged: None where the log has none; refused: why it gives no number."""

    policy: str
    beside: str
    gains: tuple[Measure, ...]
    logged: Measure | None
    refused: str
    passed: bool


@dataclass(frozen=True)
class LearnedPolicy:
    """serves: contextual, constants or static; why, in words; curve: goods a visit at each update of PPO."""

    serves: str
    why: str
    static: str
    constants: str
    steps: tuple[Step, ...]
    curve: tuple[float, ...]
    minutes: float
    simulation: Simulation


def row(family: str, policy: str, said: str, one: Played, beside: Played | None) -> Row:
    """What a policy came to, and beside another on the same people."""
    gain = None if beside is None else difference(one.taken, beside.taken)
    traces = tuple(
        Trace(name, tuple(round(float(value), 4) for value in values)) for name, values in zip(TRACES, one.trace, strict=True)
    )
    return Row(
        family, policy, said, mean("taken", one.taken), mean("pleasure", one.pleasure), mean("visits", one.visits), gain, traces
    )


def mean(name: str, values: Floats) -> Measure:
    """A mean and its 95 % interval, by its standard error."""
    middle, far = float(values.mean()), 1.96 * float(values.std()) / len(values) ** 0.5
    return Measure(name, middle, middle - far, middle + far, len(values))


def difference(one: Floats, other: Floats) -> Measure:
    """How much more, person by person, as a share of the mean of the other."""
    scale = max(float(other.mean()), 1e-9)
    return mean("gain", (one - other) / scale)
