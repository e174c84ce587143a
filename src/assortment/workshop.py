"""What is tried out on the log of a shop: how good its plan is, and which settings would be better."""

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, within
from assortment.core.request import Wish
from assortment.evaluate.cases import Split, last_out, time_split
from assortment.evaluate.lost import Lost, lost
from assortment.judge import Judgement, again, judge
from assortment.parts import name_of
from assortment.releases import version_of
from assortment.serve.service import AS_SET
from assortment.shop import Shop
from assortment.store.sql import Store

if TYPE_CHECKING:
    from assortment.compress.compressed import Compressed
    from assortment.compress.steps import Steps
    from assortment.portrait.segments import Segments
    from assortment.tune.recipes import Turned
    from assortment.tune.tuned import Part, Tuned

WEEK = 7 * 86_400_000


@dataclass(frozen=True)
class HeldOut:
    """What of a log is held out to judge by.

    split: "time" holds out the last `weeks` of the log (the last fifth of its events where None), "last-out" each person's last
    moment; k: the length of the slates that are judged.
    """

    split: str = "time"
    k: int = 10
    weeks: float | None = None

    def __str__(self) -> str:
        return f"{self.split} {self.k} {self.weeks}"

    def cut(self, dataset: Dataset, bought_again: bool) -> tuple[Split, str]:
        """A log in two, and how to say so. Raises `BadInput` for a log without events."""
        if not len(dataset.events):
            raise BadInput("the log has no events; there is nothing to judge by")
        if self.split == "last-out":
            return last_out(dataset, self.k, bought_again), "The last moment of every person, held out"
        since = dataset.now - int(self.weeks * WEEK) if self.weeks else None
        cut = time_split(dataset, since, 0.2, self.k, bought_again)
        first = datetime.fromtimestamp(cut.cases[0].request.time / 1000, UTC) if cut.cases else None
        return cut, f"What people took from {first:%Y-%m-%d} on, held out" if first else ""


@dataclass(frozen=True)
class Workshop:
    """What can be found out about a shop from its log; `Findings` has what was found.

    Settings are tried on a part held out of what came before the part that `judge` holds out, and looked at once on that. A
    search or a training that was stopped goes on. dry_run: `shop.toml` stays as it is; otherwise the settings before are kept
    beside it.
    """

    shop: Shop

    def judge(self, held: HeldOut = HeldOut(), kinds: int = 0) -> Judgement:
        """Fit the plan on the past, and measure it on what came after. kinds: so many kinds of goods are left out of the log as
        well, one at a time."""
        settings = self.shop.settings
        cut, said = held.cut(self.shop.dataset(), again(settings.plan))
        if not cut.cases:
            raise BadInput("nobody took anything new in the part held out; there is nothing to judge by")
        judgement = judge(settings.plan, cut, said, np.random.default_rng(settings.seed), kinds)
        self.shop.findings.keep(judgement)
        return judgement

    def tune(self, keep: float = 0.99, held: HeldOut = HeldOut(), trials: int = 200, dry_run: bool = False) -> "Tuned":
        """Find the most variety that keeps the share `keep` (above 0 … 1) of NDCG, and write that setting to `shop.toml`;
        `trials.jsonl` has what was measured."""
        from assortment.tune.trials import Journal
        from assortment.tune.tuned import tune, untuned

        settings, dataset = self.shop.settings, self.shop.dataset()
        validation, test = self._parts(dataset, held)
        journal = Journal(self.shop.folder / "trials.jsonl", version_of(untuned(settings), dataset, str(held)))
        found = tune(settings.plan, validation, test, keep, trials, journal, settings.seed)
        self.shop.findings.keep(found)
        if not dry_run:
            self.shop.change(found.put_into(settings))
        return found

    def turn(self, held: HeldOut = HeldOut(), trials: int = 30, dry_run: bool = False) -> "Turned":
        """Search the fields of what retrieves for the most NDCG, and write those chosen to `shop.toml`; `study.journal` has the
        trials, and a search of more trials begins where one of fewer ended."""
        from assortment.tune.recipes import turn

        settings, dataset = self.shop.settings, self.shop.dataset()
        validation, test = self._parts(dataset, held)
        name = version_of(settings, dataset, str(held))
        found = turn(settings.plan, validation, test, trials, self.shop.folder / "study.journal", name, settings.seed)
        self.shop.findings.keep(found)
        if found.better and not dry_run:
            self.shop.change(replace(settings, plan=found.put_into(settings.plan)))
        return found

    def compress(self, steps: "Steps", held: HeldOut = HeldOut(), dry_run: bool = False) -> "Compressed":
        """Make the shop's encoder smaller and faster, step by step, and write it to `shop.toml` where the whole pipeline loses
        next to nothing with it; the encoders lie in `encoders/`."""
        from assortment.compress.compressed import compress

        settings = self.shop.settings
        validation, test = self._parts(self.shop.dataset(), held)
        found = compress(settings.plan, validation, test, steps, self.shop.folder / "encoders", settings.seed)
        self.shop.findings.keep(found)
        if found.kept and not dry_run:
            self.shop.change(replace(settings, plan=found.put_into(settings.plan)))
        return found

    def segments(self, count: int | None = None) -> "Segments":
        """The people of the log in groups, and what they are like: `portrait.segments`. Raises `BadInput` where nothing is
        fitted."""
        from assortment.portrait.segments import segments

        catalog = self.shop.pipeline.catalog
        with self.shop.store() as store:
            dataset = Dataset(catalog, store.events(catalog.ids))
        found = segments(dataset, count, np.random.default_rng(self.shop.settings.seed))
        self.shop.findings.keep(found)
        return found

    def variety_lost(self, user: str | None = None, people: int = 200, k: int = 12, wish: Wish = AS_SET) -> Lost:
        """What the fitted pipeline makes of the variety of its candidates, stage by stage, when k goods are asked for.

        user: for whom; where None, for `people` (1 …) of the log, drawn with the shop's seed, or all if they are fewer; in a
        shop without a log, for somebody unknown. Nothing is recorded as shown. Raises `BadInput` where nothing is fitted.
        """
        within("people", people, 1, float("inf"))
        pipeline = self.shop.pipeline
        with self.shop.store() as store:
            service = self.shop.service(store)
            asked = self._drawn(store, people) if user is None else [user]
            requests = [service.request(name, k=k, wish=wish) for name in asked]
        return lost(pipeline, requests, [name_of(stage) for stage in pipeline.stages])

    def _drawn(self, store: Store, people: int) -> list[str]:
        """At most so many people of the log, or somebody unknown where it holds nobody."""
        everybody = sorted(name for name, _ in store.people(most=sys.maxsize))
        if len(everybody) > people:
            rng = np.random.default_rng(self.shop.settings.seed)
            everybody = sorted(rng.choice(everybody, people, replace=False).tolist())
        return everybody or [""]

    def _parts(self, dataset: Dataset, held: HeldOut) -> "tuple[Part, Part]":
        """The part by which settings are chosen, and the one at which they are looked at once."""
        from assortment.tune.tuned import Part

        bought_again = again(self.shop.settings.plan)
        test = Part(*held.cut(dataset, bought_again))
        return Part(*held.cut(test.split.past, bought_again)), test
