"""Which fields of a shop's recipes may be turned, and how far: the search space of each part, declared in one place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assortment.core.blend import Blend
from assortment.core.errors import BadSetting
from assortment.core.pipeline import Plan
from assortment.parts import PARTS
from assortment.retrieve.factors import Factors
from assortment.retrieve.linear import Linear
from assortment.retrieve.neighbours import ItemNeighbours, UserNeighbours
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.retrieve.transitions import Transitions


@dataclass(frozen=True)
class Span:
    """From low to high, both included; log: as many steps from 1 to 10 as from 10 to 100; whole: whole numbers only."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


SHARE = Span(0, 1)
DECAY = Span(0.2, 1)

SPACES: Mapping[type, Mapping[str, Span]] = {
    Linear: {
        "regularization": Span(5, 2000, log=True),
        "near": SHARE,
        "after": SHARE,
        "backward": SHARE,
        "text": Span(0.1, 30, log=True),
        "decay": DECAY,
    },
    Factors: {"confidence": Span(2, 200, log=True), "ridge": Span(0.5, 200, log=True), "decay": DECAY},
    Transitions: {"after": SHARE, "doubt": Span(0.5, 200, log=True), "decay": DECAY},
    Semantic: {"decay": DECAY},
    Popular: {"half_life": Span(3, 1000, log=True)},
    ItemNeighbours: {"neighbours": Span(20, 1000, log=True, whole=True), "shrink": Span(0.1, 100, log=True), "decay": DECAY},
    UserNeighbours: {"neighbours": Span(20, 1000, log=True, whole=True), "decay": DECAY},
}
"""How far each field goes; a field that is not named here stays as it is."""

WEIGHT = Span(0.003, 3, log=True)
"""Of a part in the blend, beside one whose weight is 1: the first."""


@dataclass(frozen=True)
class Field:
    """One number of a plan: its name, as in `linear.text` or `weight of semantic`, how far it goes, and how it stands."""

    name: str
    span: Span
    value: float


def fields(plan: Plan) -> tuple[Field, ...]:
    """What may be turned in a plan: the fields of what retrieves, and the weights of a blend but the first. What the shop has
    set to 0, off, on a scale of powers stays off. Raises `BadSetting` where that is nothing.

    >>> from assortment.retrieve.popular import Popular
    >>> fields(Plan((Blend((Semantic(), Popular()), (1.0, 0.01)),)))[-1]
    Field(name='weight of popular', span=Span(low=0.003, high=3, log=True, whole=False), value=0.01)
    """
    found = tuple(field for stage in plan.stages for field in _of(stage) if field.value > 0 or not field.span.log)
    if not found:
        raise BadSetting("no part of the plan has a field to turn; what retrieves has some, as linear, in a blend or alone")
    return found


def _of(stage: Any) -> Iterator[Field]:
    recipes = stage.recipes if isinstance(stage, Blend) else (stage,)
    for name, recipe in _named(recipes):
        for field, span in SPACES.get(type(recipe), {}).items():
            yield Field(f"{name}.{field}", span, float(getattr(recipe, field)))
    if isinstance(stage, Blend) and _weights(stage)[0] > 0:
        for (name, _), weight in list(zip(_named(recipes), _weights(stage), strict=True))[1:]:
            yield Field(f"weight of {name}", WEIGHT, weight / _weights(stage)[0])


def _named(recipes: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """Each recipe by the name that settings use, with a number where there are several of a kind."""
    names = [next((name for name, part in PARTS.items() if part is type(recipe)), type(recipe).__name__) for recipe in recipes]
    before = [names[:place].count(name) for place, name in enumerate(names)]
    return [(f"{name} {n + 1}" if n else name, recipe) for name, n, recipe in zip(names, before, recipes, strict=True)]


def _weights(blend: Blend) -> tuple[float, ...]:
    return blend.weights or (1.0,) * len(blend.recipes)


def with_fields(plan: Plan, values: Mapping[str, float]) -> Plan:
    """The plan with these fields turned; what is not named stays."""
    return replace(plan, stages=tuple(_turned(stage, values) for stage in plan.stages))


def _turned(stage: Any, values: Mapping[str, float]) -> Any:
    if not isinstance(stage, Blend):
        ((name, recipe),) = _named((stage,))
        return _with(recipe, name, values)
    named = _named(stage.recipes)
    first, *others = _weights(stage)
    turned = [
        values.get(f"weight of {name}", weight / (first or 1)) * (first or 1)
        for (name, _), weight in zip(named[1:], others, strict=True)
    ]
    weights = (first, *turned) if any(f"weight of {name}" in values for name, _ in named) else stage.weights
    return replace(stage, recipes=tuple(_with(recipe, name, values) for name, recipe in named), weights=weights)


def _with(recipe: Any, name: str, values: Mapping[str, float]) -> Any:
    spans = SPACES.get(type(recipe), {})
    given = {field: values[f"{name}.{field}"] for field in spans if f"{name}.{field}" in values}
    return replace(recipe, **{field: int(value) if spans[field].whole else value for field, value in given.items()})
