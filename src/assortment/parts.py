"""Every name that a settings file may use, the default plan, and the classes that a saved pipeline may hold."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args, get_type_hints

from assortment.core.blend import Blend
from assortment.core.catalog import Catalog
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.stage import Recipe, Stage
from assortment.diversify.methods import Calibrated, Coverage, Dpp, Facility, Hybrid, Mmr, Msd, Pm2, Ssd, Trade, Xquad
from assortment.diversify.stage import Diversify
from assortment.explain.why import Why
from assortment.guard.exposure import Exposure
from assortment.guard.policy import Policy
from assortment.language.cache import CachedEncoder
from assortment.language.choose import AUTO, reading
from assortment.language.endpoint import EndpointEncoder
from assortment.language.hashing import HashEncoder
from assortment.language.onnx import OnnxEncoder
from assortment.language.transformer import TransformerEncoder
from assortment.learn.diverse import Cap, ExposureCap, Mix, Spread
from assortment.rank.explore import EpsilonGreedy, PlackettLuce
from assortment.rank.neural import Neural
from assortment.rank.trees import Trees
from assortment.retrieve.complements import Complements
from assortment.retrieve.crossing import Crossing
from assortment.retrieve.factors import Factors
from assortment.retrieve.linear import Linear
from assortment.retrieve.neighbours import ItemNeighbours, UserNeighbours
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.retrieve.sequential import Sequential
from assortment.retrieve.transitions import Transitions
from assortment.rl.stage import LongRun
from assortment.understand.attributes import Attributes
from assortment.understand.classify import Classify
from assortment.understand.clusters import Clusters
from assortment.understand.embed import Embed
from assortment.understand.opinions import Opinions
from assortment.understand.popularity import Popularity
from assortment.understand.together import Together
from assortment.understand.twins import Twins

PARTS: Mapping[str, type] = {
    "embed": Embed,
    "clusters": Clusters,
    "classify": Classify,
    "attributes": Attributes,
    "opinions": Opinions,
    "twins": Twins,
    "popularity": Popularity,
    "together": Together,
    "blend": Blend,
    "popular": Popular,
    "item-neighbours": ItemNeighbours,
    "user-neighbours": UserNeighbours,
    "linear": Linear,
    "transitions": Transitions,
    "factors": Factors,
    "semantic": Semantic,
    "sequential": Sequential,
    "cap": Cap,
    "exposure-cap": ExposureCap,
    "spread": Spread,
    "mix": Mix,
    "complements": Complements,
    "crossing": Crossing,
    "policy": Policy,
    "neural": Neural,
    "trees": Trees,
    "plackett-luce": PlackettLuce,
    "epsilon-greedy": EpsilonGreedy,
    "exposure": Exposure,
    "long-run": LongRun,
    "diversify": Diversify,
    "mmr": Mmr,
    "msd": Msd,
    "trade": Trade,
    "hybrid": Hybrid,
    "dpp": Dpp,
    "ssd": Ssd,
    "facility": Facility,
    "coverage": Coverage,
    "xquad": Xquad,
    "pm2": Pm2,
    "calibrated": Calibrated,
    "why": Why,
}

BASELINES: Mapping[str, Recipe[Stage]] = {
    "EASE": Linear(near=1, after=1, backward=1, text=0, heirs=0),
    "item neighbours": ItemNeighbours(),
}
"""What a pipeline is judged beside, whatever its own parts are."""

ENCODERS = (CachedEncoder, EndpointEncoder, HashEncoder, OnnxEncoder, TransformerEncoder)


def default_plan(encoder: str = "auto", again: bool = False, diversity: float = 0.3) -> Plan:
    """What serves a shop that has not said otherwise.

    encoder: which language model reads the titles, `auto` for the one that they ask for; again: this shop's goods are bought
    again; diversity: 0 relevance only … 1 variety only, where the request does not say.
    """
    retrievers = (Linear(), Factors(), Transitions(), Semantic(encoder=encoder), Popular())
    weights = (1.0, 0.3, 0.15, 0.3, 0.01)
    understand = (
        Embed(encoder=encoder, dims=256),
        Clusters(encoder=encoder),
        Classify(encoder=encoder),
        Attributes(encoder=encoder),
        Twins(encoder=encoder),
        Popularity(),
    )
    stages = (Blend(retrievers, weights), Policy(again=again), Trees(), Diversify(Trade(), diversity), Why())
    return Plan(stages, understand)


def read_as(plan: Plan, catalog: Catalog) -> str:
    """What the titles are written in and which encoder reads them, and of how many goods it made nothing; "" where no part of
    the plan leaves that open. catalog: as it was understood."""
    if AUTO not in encoders(plan):
        return ""
    silent = int((~catalog.column("vector").any(axis=1)).sum()) if "vector" in catalog else 0
    unread = f" {silent:,} of {len(catalog):,} goods got no vector." if silent else ""
    return f"The {reading(catalog).said}.{unread}"


def with_encoders(recipe: Any, change: Callable[[type, str], str]) -> Any:
    """A recipe, or a tuple of them, whose encoders are others, also within parts of parts. change: from the class of a part and
    the encoder that it names to the one that it is to name."""
    if isinstance(recipe, tuple):
        return tuple(with_encoders(part, change) for part in recipe)
    if not dataclasses.is_dataclass(recipe) or isinstance(recipe, type):
        return recipe
    values = {field.name: getattr(recipe, field.name) for field in dataclasses.fields(recipe)}
    other = {
        name: change(type(recipe), value) if name == "encoder" else with_encoders(value, change)
        for name, value in values.items()
    }
    changed = {name: value for name, value in other.items() if value is not values[name] and value != values[name]}
    return dataclasses.replace(recipe, **changed) if changed else recipe


def encoders(recipe: object) -> Iterator[str]:
    """The encoders that a recipe or a plan, and those within it, name."""
    if isinstance(recipe, tuple):
        for part in recipe:
            yield from encoders(part)
    elif dataclasses.is_dataclass(recipe):
        for field in dataclasses.fields(recipe):
            value = getattr(recipe, field.name)
            yield from [value] if field.name == "encoder" else encoders(value)


def known_classes() -> set[type]:
    """The classes that a saved pipeline may hold: what the parts are fitted to, and what those are made of."""
    fitted = [_fitted_to(part) for part in PARTS.values()]
    known: set[type] = set()
    waiting = [Pipeline, *ENCODERS, *PARTS.values(), *(cls for cls in fitted if cls)]
    while waiting:
        cls = waiting.pop()
        if cls not in known:
            known.add(cls)
            waiting += _made_of(cls)
    return known


def name_of(stage: object) -> str:
    """What settings call a fitted stage; a plug-in's by its class."""
    return next((name for name, part in PARTS.items() if _fitted_to(part) is type(stage)), type(stage).__name__)


def _fitted_to(part: type) -> Any:
    """The class that a part is fitted to; None for a method, which is not."""
    verb = getattr(part, "fit", None) or getattr(part, "learn", None)
    return get_type_hints(verb)["return"] if verb else None


def _made_of(cls: type) -> Iterator[type]:
    """The dataclasses that the fields of a dataclass name."""
    for hint in get_type_hints(cls).values():
        for named in (hint, *get_args(hint)):
            if isinstance(named, type) and dataclasses.is_dataclass(named):
                yield named
