"""Who sees which arm: a salted hash of the person, the same on every machine and every day."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import accumulate

from assortment.core.errors import BadSetting
from assortment.experiment.definition import BUCKETS, Arm, Experiment


def bucket(salt: str, user: str) -> int:
    """A number from 0 to 9,999: SHA-256 of the salt and the person, modulo 10,000.

    Different salts cut the same people independently. 2⁶⁴ modulo 10,000 leaves no bucket measurably larger.

    >>> bucket("slates", "ann"), bucket("pages", "ann")
    (8287, 1667)
    """
    digest = hashlib.sha256(f"{salt}\0{user}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def assigned(experiment: Experiment, user: str) -> Arm | None:
    """The arm of a person; None for those whom the experiment leaves out, and for strangers without an id.

    The layer's hash says whether they take part, the experiment's own which arm is theirs, so that the people of an arm are
    mixed anew by the next experiment.
    """
    if not user or not experiment.first <= bucket(f"layer {experiment.layer}", user) < experiment.first + experiment.width:
        return None
    ends = list(accumulate(arm.share for arm in experiment.arms))
    at = bucket(f"experiment {experiment.name} {experiment.began}", user) / BUCKETS * ends[-1]
    return next(arm for arm, end in zip(experiment.arms, ends, strict=True) if at < end)


def room(layer: str, width: int, running: Iterable[Experiment]) -> int:
    """The first bucket of a layer from which so many are free. Raises `BadSetting` where there are not so many in a row."""
    taken = sorted((one.first, one.first + one.width, one.name) for one in running if one.layer == layer)
    start = 0
    for first, end, _ in taken:
        if first - start >= width:
            return start
        start = max(start, end)
    if BUCKETS - start >= width:
        return start
    names = ", ".join(f"'{name}'" for *_, name in taken)
    full = f"layer '{layer}' has no room for {width / BUCKETS:.0%} of its people: {names} run there"
    raise BadSetting(f"{full}; stop one, take a smaller share, or name another layer")


def tagged(version: str, exposures: Sequence[tuple[str, str]]) -> str:
    """What is recorded as the arm of a slate: the version, and for each experiment the arm that chose it.

    >>> tagged("21f1e7721814", [("more", "varied")])
    '21f1e7721814 more=varied'
    """
    return " ".join((version, *(f"{experiment}={arm}" for experiment, arm in exposures)))


def exposed(arm: str, experiment: str) -> str | None:
    """The arm of an experiment that chose a slate, by what was recorded; None where it had no part in it.

    >>> exposed("21f1e7721814 more=varied", "more"), exposed("21f1e7721814 more=varied", "mor")
    ('varied', None)
    """
    start = f"{experiment}="
    return next((part.removeprefix(start) for part in arm.split(" ")[1:] if part.startswith(start)), None)
