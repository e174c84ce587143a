"""Where variety was lost, in words, and the setting to turn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from assortment.evaluate.lost import Lost, Rule, Step

WAYS: Mapping[str, str] = {
    "owned": "set `again = true` in `policy` if people buy the same goods again",
    "refused": "none; people said no to these goods",
    "about": "none; these goods are what the request is about",
    "blocked": "take goods off `blocked` in `policy`",
    "out of stock": "order what the column `stock` says is gone",
    "floor": "lower `floor` in `diversify`",
    "pool": "raise `pool` in `diversify`",
}
"""What to turn where a rule takes kinds that were wanted."""

NONE = 0.05
"""A smaller number of kinds, a mean over people, is none."""

ENOUGH = 0.9
"""The share of the kinds in reach with which a slate counts as varied."""


def verdict(lost: Lost) -> tuple[str, ...]:
    """What became of the variety of the first k, a sentence each: what the candidates had and what the stages made of it; which
    kinds the rules took altogether; where most was lost and where most was won; the way out.

    Where the shop has no labels, redundancy is told in the place of kinds.
    """
    if not lost.steps or not lost.steps[0].all.goods:
        return ("No stage found any goods.", "Way out: give `blend` a part that always finds some, such as `popular`.")
    if lost.column:
        return (_course(lost), *_taken(lost), *_turning(lost), *_alike(lost), f"Way out: {_way(lost)}.")
    if any(step.first.redundancy is not None for step in lost.steps):
        start = lost.steps[0]
        return (f"{start.stage} found {number(start.all.goods)} goods.", *_alike(lost), f"Way out: {_turn(lost)}.")
    return ("Nothing tells how varied these goods are.", "Way out: add `embed` and `clusters` to what is understood.")


def _course(lost: Lost) -> str:
    """The kinds of the first k, stage by stage."""
    start, *later = lost.steps
    said = [
        f"{start.stage} found {kinds(start.all.kinds)} ({lost.column}) among {number(start.all.goods)} goods",
        f"the first {lost.k} by relevance hold {number(start.first.kinds)} of them",
    ]
    for change in _changes((start, *later)):
        said.append(f"after {change.stage} it is {number(change.after)}")
    return "; ".join(said) + "."


@dataclass(frozen=True)
class _Change:
    """The kinds of the first k before and after a stage."""

    stage: str
    before: float
    after: float

    @property
    def by(self) -> float:
        return self.after - self.before


def _changes(steps: tuple[Step, ...]) -> list[_Change]:
    """Of the stages that changed the kinds of the first k."""
    pairs = ((after.stage, before.first.kinds or 0.0, after.first.kinds or 0.0) for before, after in pairwise(steps))
    return [change for change in (_Change(*pair) for pair in pairs) if abs(change.by) >= NONE]


def _taken(lost: Lost) -> Iterator[str]:
    """The kinds that went altogether before the slate was chosen, and why."""
    for step in lost.steps:
        went = step.kinds_went or 0.0
        if went >= NONE and not step.chose:
            most = _heaviest(step)
            said = f", {'all' if (most.kinds or 0) > went - NONE else 'most'} {most.name}" if most else ""
            yield f"{step.stage} took {kinds(went)} altogether{said}."


def _heaviest(step: Step) -> Rule | None:
    """The rule that by itself took most kinds."""
    return max((rule for rule in step.rules if (rule.kinds or 0) >= NONE), key=lambda rule: rule.kinds or 0, default=None)


def _turning(lost: Lost) -> Iterator[str]:
    """Where the first k lost most kinds, and where they won most."""
    start = lost.steps[0]
    ordered = _Change(f"{start.stage}'s order by relevance", start.room or 0.0, start.first.kinds or 0.0)
    changes = [ordered, *_changes(lost.steps)]
    for name, worst in (("lost", min(changes, key=lambda one: one.by)), ("won", max(changes, key=lambda one: one.by))):
        if (worst.by <= -NONE) if name == "lost" else (worst.by >= NONE):
            yield f"Most variety was {name} at {worst.stage}: {number(worst.before)} to {kinds(worst.after)}."


def _alike(lost: Lost) -> Iterator[str]:
    first, last = lost.steps[0].first.redundancy, lost.steps[-1].first.redundancy
    if first is not None and last is not None:
        yield f"How alike the first {lost.k} are (redundancy): {first:.2f} by relevance, {last:.2f} in the end."


def _way(lost: Lost) -> str:
    """What to turn to get the kinds that were in reach and are not shown."""
    reach, shown = lost.steps[0].room or 0.0, lost.steps[-1].first.kinds or 0.0
    if shown >= ENOUGH * reach:
        more = "; for more, `blend` must find more kinds: give it other parts" if reach < ENOUGH * lost.k else ""
        return f"none is needed, as the first {lost.k} hold nearly every kind that they could{more}"
    drops = [((before.room or 0.0) - (after.room or 0.0), after) for before, after in pairwise(lost.steps) if not after.chose]
    most, step = max(drops, key=lambda drop: drop[0], default=(0.0, lost.steps[0]))
    rule = _heaviest(step)
    if rule and most >= (reach - shown) / 2:
        return WAYS.get(rule.name, f"see what `{step.stage}` says of `{rule.name}`")
    return _turn(lost)


def _turn(lost: Lost) -> str:
    """What to turn where the goods were there and were not chosen."""
    chooser = next((step for step in lost.steps if step.chose), None)
    if chooser is None:
        return "add `diversify` to the plan"
    rule = _heaviest(chooser)
    if rule and rule.name in WAYS and _left(chooser, rule) < (lost.steps[0].room or 0.0):
        return WAYS[rule.name]
    column = (lost.column or "").removeprefix("derived_")
    floor = f", or ask for `at_least` so many different `{column}`" if column else ""
    return f"raise `diversity` in `{chooser.stage}` ({number(lost.diversity or 0.0)} now){floor}"


def _left(step: Step, rule: Rule) -> float:
    """The kinds that a rule of a stage left it to choose from."""
    return (step.all.kinds or 0.0) + (step.kinds_went or 0.0) - (rule.kinds or 0.0)


def kinds(value: float | None) -> str:
    """A number of kinds.

    >>> kinds(1.0), kinds(1.2)
    ('1 kind', '1.2 kinds')
    """
    said = number(value)
    return f"{said} kind" if said == "1" else f"{said} kinds"


def number(value: float | None) -> str:
    """A mean as short as it is; a dash where it is not known.

    >>> number(3.0), number(3.46), number(1234.5), number(None)
    ('3', '3.5', '1,234', '–')
    """
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{round(value, 1):g}"
