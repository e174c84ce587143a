"""What a report tells: gathered from a shop's folder, once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assortment.compress.compressed import Compressed
from assortment.core.dataset import Dataset
from assortment.core.request import Wish
from assortment.judge import Judgement, diversity
from assortment.portrait.segments import Segments
from assortment.rl.told import LearnedPolicy, Simulation
from assortment.serve.answers import Answer
from assortment.serve.person import Person
from assortment.serve.service import Service, wall_clock
from assortment.shop import Shop
from assortment.tune.recipes import Turned
from assortment.tune.tuned import Tuned

KNOWN = (8, 60)
"""Different goods of a person of whom one can see at a glance what they like."""


@dataclass(frozen=True)
class Customer:
    """A person, what they are shown by relevance alone, and what with the shop's own variety, where it asks for some."""

    person: Person
    relevant: Answer
    varied: Answer | None = None


@dataclass(frozen=True, eq=False)
class ReportFacts:
    """Everything that a report tells; what is not known is left out of it.

    time: when it was made, milliseconds since 1970 UTC; dataset: the catalog with the columns that were derived, and the log;
    diversity: as the shop has set it, 0 relevance only … 1 variety only, None where no stage varies; ingested: what became of
    the files of the last `ingest`, as `ingest.report.Report.as_dict` says it; folder: as commands are to name the shop.
    """

    shop: str
    folder: str
    currency: str
    version: str
    time: int
    dataset: Dataset
    diversity: float | None = None
    verdicts: tuple[str, ...] = ()
    ingested: Mapping[str, Any] | None = None
    judgement: Judgement | None = None
    tuned: Tuned | None = None
    turned: Turned | None = None
    compressed: Compressed | None = None
    segments: Segments | None = None
    simulated: Simulation | None = None
    learned: LearnedPolicy | None = None
    customers: tuple[Customer, ...] = ()


def gather(shop: Shop, judgement: Judgement | None = None, people: Sequence[str] = (), k: int = 8) -> ReportFacts:
    """The facts of a fitted shop. people: whose slates of `k` to show; where empty, three are drawn by lot. Nothing is recorded
    as shown. Raises `BadInput` where nothing is fitted."""
    pipeline, settings, fitted = shop.pipeline, shop.settings, shop.fitted
    account = shop.folder / "ingest.json"
    with shop.store() as store:
        dataset = Dataset(pipeline.catalog, store.events(pipeline.catalog.ids))
        service = shop.service(store)
        drawn = people or some_people(dataset, np.random.default_rng(settings.seed))
        set_to = diversity(pipeline)
        customers = tuple(_customer(service, person, k, set_to) for person in drawn)
    return ReportFacts(
        shop=settings.name,
        folder=str(shop.folder),
        currency=settings.currency,
        version=fitted.version,
        time=wall_clock(),
        dataset=dataset,
        diversity=set_to,
        verdicts=fitted.verdicts,
        ingested=_read(account) if account.exists() else None,
        judgement=judgement,
        tuned=shop.findings.tuned,
        turned=shop.findings.turned,
        compressed=shop.findings.compressed,
        segments=shop.findings.segments,
        simulated=shop.findings.simulated,
        learned=shop.findings.learned,
        customers=customers,
    )


def some_people(dataset: Dataset, rng: np.random.Generator, most: int = 3) -> tuple[str, ...]:
    """People drawn by lot among those with `KNOWN` different goods; where there are too few, those with the most goods."""
    goods = np.diff(dataset.matrix().indptr)
    known = np.flatnonzero((goods >= KNOWN[0]) & (goods <= KNOWN[1]))
    busiest = np.argsort(-goods, kind="stable")[:most]
    drawn = busiest if len(known) < most else rng.choice(known, most, replace=False)
    return tuple(dataset.events.people.names[person] for person in drawn)


def _customer(service: Service, person: str, k: int, diversity: float | None) -> Customer:
    relevant = service.choose(service.request(person, k=k, wish=Wish(0 if diversity is not None else None)))
    varied = service.choose(service.request(person, k=k)) if diversity else None
    return Customer(service.user(person), relevant, varied)


def _read(file: Path) -> Mapping[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))
