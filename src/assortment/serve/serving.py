"""What answers at one time, put in place in one step."""

from dataclasses import dataclass, replace

from assortment.core.catalog import Catalog
from assortment.core.pipeline import Pipeline
from assortment.core.stage import Stage, grown
from assortment.serve.kinds import Kinds
from assortment.serve.profiles import Profiles
from assortment.serve.shelf import Shelf


@dataclass(frozen=True)
class Released:
    """What is put in place in one step. version: recorded as the arm of every slate; usual: how varied the shop's people take
    things, 0 … 1, which portraits say beside a person's own; popular: the stage that answers where the pipeline is too slow."""

    pipeline: Pipeline
    version: str = ""
    usual: float = 0.5
    popular: Stage | None = None

    def grown(self, catalog: Catalog) -> "Released":
        """The same for all the goods of a catalog, whose first are those that are there."""
        popular = self.popular and grown(self.popular, catalog)
        return replace(self, pipeline=self.pipeline.with_catalog(catalog), popular=popular)


@dataclass(frozen=True)
class Serving:
    """A release, its goods as people see them, their kinds, and the profiles in their numbers."""

    release: Released
    shelf: Shelf
    kinds: Kinds
    profiles: Profiles

    @property
    def pipeline(self) -> Pipeline:
        return self.release.pipeline
