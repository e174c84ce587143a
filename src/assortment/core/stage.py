"""The two verbs: a recipe is fitted and gives a stage; a stage turns slates into slates."""

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from assortment.core.arrays import Items, Rows, Scores, Vectors
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.request import Request
from assortment.core.slate import Slate

T_co = TypeVar("T_co", covariant=True)


class Stage(Protocol):
    """Slates in, slates out, one of each per request.

    A stage that retrieves fills an empty slate, and gives one that has items its own scores. A batch is what its requests
    are alone, whatever their order.
    """

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate], /) -> list[Slate]: ...


class Annotator(Protocol):
    """Adds columns to a catalog."""

    def __call__(self, catalog: Catalog, /) -> Catalog: ...


class Recipe(Protocol[T_co]):
    """A frozen choice of method: a dataclass whose fields are its settings."""

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> T_co: ...


@runtime_checkable
class Learner(Protocol):
    """A recipe that learns from what the stages before it show: it fits them by itself, on the past if it is to judge them;
    fitted on the dataset it was given, they are what will serve (within a plan that costs nothing: they are fitted already)."""

    def learn(self, upstream: Recipe[Stage], dataset: Dataset, rng: np.random.Generator) -> Stage: ...


@runtime_checkable
class Steered(Protocol):
    """A stage that what was shown moves, as it moves the prices of exposure."""

    def after(self, shown: Items, places: Rows) -> Stage:
        """The stage once the goods `shown` [m] have stood at `places` [m], from 0, of slates."""
        ...


@runtime_checkable
class Growing(Protocol):
    """A stage that goods can join between two fits: one that holds something of each item."""

    def with_catalog(self, catalog: Catalog) -> Stage:
        """The stage for a catalog whose first goods are those that it knows, in their order, and whose others are new.

        What it learnt from people stays as it was, and it is silent on the new goods unless their columns tell it something.
        """
        ...


@runtime_checkable
class Pairing(Protocol):
    """A stage that finds what goes well with goods, and not what is like them."""

    def lift(self, item: int, others: Items) -> Scores:
        """How many times as often as by chance each of the others is taken together with an item."""
        ...


def grown(stage: Stage, catalog: Catalog) -> Stage:
    """A stage that knows the goods of a catalog; one that holds nothing of any item stays as it is."""
    return stage.with_catalog(catalog) if isinstance(stage, Growing) else stage


class Encoder(Protocol):
    """Text to vectors. `spec` says which (`pkg:minilm`); `fingerprint` changes when its vectors do."""

    @property
    def spec(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """[len(texts), d], unit rows; a text without words gives a zero row."""
        ...
