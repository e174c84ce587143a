"""Tuning what retrieves: the fields of its recipes searched on one half of the validation people, chosen on the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, within
from assortment.core.measure import Measure
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.progress import tell
from assortment.core.stage import Learner
from assortment.diversify.stage import Diversify
from assortment.evaluate import metrics
from assortment.evaluate.cases import Case
from assortment.evaluate.goods import Goods
from assortment.evaluate.lists import Values
from assortment.evaluate.offline import Evaluation, difference, evaluate
from assortment.judge import shown
from assortment.tune.fields import Field, fields, with_fields
from assortment.tune.tuned import Part, some

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

RUNGS = 4
"""In so many parts people are asked; after each, a trial that lags behind the middle of those before it is ended."""

FINALISTS = 5
"""The trials that are asked again, by people that nothing was searched on."""

STARTUP = 8
"""Trials drawn at random before the search learns from any."""


@dataclass(frozen=True)
class Tried:
    """One trial: the values of the fields; ndcg: on the people searched on, None where it was ended early."""

    values: Mapping[str, float]
    ndcg: float | None


@dataclass(frozen=True)
class Change:
    """NDCG before and with the chosen fields on some people, and the difference, person by person."""

    said: str
    people: int
    before: Measure
    chosen: Measure
    change: Measure


@dataclass(frozen=True)
class Turned:
    """What turning the fields found.

    before and chosen: the values of the fields; tried: all trials in order, the first of them the fields as they were;
    importance: how much of the differences between trials each field explains, 0 … 1, together 1 (fANOVA, Hutter et al., ICML
    2014), empty where too few were finished; searched: on the people of the search, where the best of many looks better than
    it is; checked: on validation people that nothing was searched on, by which it was chosen; test: the whole pipeline on what
    came after, looked at once.
    """

    k: int
    before: Mapping[str, float]
    chosen: Mapping[str, float]
    tried: tuple[Tried, ...]
    importance: Mapping[str, float]
    searched: Change
    checked: Change
    test: Change

    @property
    def moved(self) -> bool:
        """Whether anything but the fields as they were was chosen."""
        return self.chosen != self.before

    @property
    def better(self) -> bool:
        """Whether the choice may be written: it moved something, and the look at test does not speak surely against it."""
        return self.moved and self.test.change.high >= 0

    def put_into(self, plan: Plan) -> Plan:
        """The plan with the chosen fields."""
        return with_fields(plan, self.chosen)


def turn(plan: Plan, validation: Part, test: Part, trials: int, file: Path, name: str, seed: int) -> Turned:
    """Search the fields of what retrieves for more NDCG, by the order before anything learns from it or varies it.

    The tree-structured Parzen estimator of Optuna (Bergstra et al., NeurIPS 2011), its first trial the fields as they are. Half
    of the validation people are searched on. The five best are then asked by the other half, for the best of many trials was
    partly lucky: what is best there is chosen, or the fields as they are. file: where trials are kept, so that a search
    goes on; name: of all that the trials follow from. trials: 1 …. Raises `BadSetting` where there is nothing to turn.
    """
    within("trials", trials, 1, float("inf"))
    for said, part in (("validation", validation), ("test", test)):
        if len(part.split.cases) < 2:
            raise BadInput(f"nobody, or only one, took anything new in the {said} part; split the log elsewhere")
    known = fields(plan)
    people = some(validation.split.cases, seed)
    order = np.random.default_rng(seed).permutation(len(people))
    searched, checked = ([people[row] for row in np.sort(rows)] for rows in np.array_split(order, 2))
    bench = Bench(_ranking(plan), validation.split.past, seed)
    study = search(bench, known, searched, trials, file, name, seed)
    before = {field.name: field.value for field in known}
    tried = tuple(_tried(trial) for trial in study.trials if trial.state.is_finished())
    finalists = sorted((one for one in tried if one.ndcg is not None), key=lambda one: -(one.ndcg or 0))[:FINALISTS]
    chosen = bench.best(before, [one.values for one in finalists], checked)
    whole = Bench(plan, test.split.past, seed)
    return Turned(
        k=people[0].request.k,
        before=before,
        chosen=chosen,
        tried=tried,
        importance=_importance(study),
        searched=bench.change(before, chosen, searched, f"{validation.said}, the half that was searched on"),
        checked=bench.change(before, chosen, checked, f"{validation.said}, the half that was not"),
        test=whole.change(before, chosen, test.split.cases, test.said),
    )


def _ranking(plan: Plan) -> Plan:
    """The plan up to what learns from its order, or varies it."""
    ends = [n for n, stage in enumerate(plan.stages) if isinstance(stage, Learner | Diversify)]
    return replace(plan, stages=plan.stages[: ends[0]] if ends else plan.stages)


@dataclass(eq=False)
class Bench:
    """A plan to be fitted with other fields, its goods understood once."""

    plan: Plan
    past: Dataset
    seed: int

    def __post_init__(self) -> None:
        self.past = self.plan.understood(self.past, np.random.default_rng(self.seed))
        self.plan = replace(self.plan, understand=())

    def fit(self, values: Mapping[str, float]) -> Pipeline:
        return with_fields(self.plan, values).fit(self.past, np.random.default_rng(self.seed))

    def ask(self, values: Mapping[str, float], cases: Sequence[Case]) -> Evaluation:
        pipeline = self.fit(values)
        goods = Goods.of(pipeline.catalog, self.past)
        return evaluate(pipeline, cases, goods, np.random.default_rng(self.seed))

    def best(
        self, before: Mapping[str, float], others: Sequence[Mapping[str, float]], cases: Sequence[Case]
    ) -> dict[str, float]:
        """Of the fields as they are and others, those with the most NDCG; of equals the first."""
        candidates = [before, *(values for values in others if values != before)]
        found = []
        for number, values in enumerate(candidates):
            tell("check", number, len(candidates))
            found.append(ndcg(self.fit(values), cases).mean())
        tell("check", len(candidates), len(candidates))
        return dict(candidates[int(np.argmax(found))])

    def change(self, before: Mapping[str, float], chosen: Mapping[str, float], cases: Sequence[Case], said: str) -> Change:
        one, other = self.ask(before, cases), self.ask(chosen, cases)
        name = f"NDCG@{cases[0].request.k}"
        changes = difference(other, one, np.random.default_rng(self.seed))
        moved = next(change for change in changes if change.name == name)
        return Change(said, len(cases), one.measure(name), other.measure(name), moved)


def ndcg(pipeline: Pipeline, cases: Sequence[Case]) -> Values:
    """Of each case."""
    requests = [case.request for case in cases]
    targets = [case.targets for case in cases]
    lists = shown(pipeline(requests), requests)
    return metrics.ndcg(metrics.hits(lists, targets), np.array([len(items) for items in targets]))


def search(
    bench: Bench, known: Sequence[Field], cases: Sequence[Case], trials: int, file: Path, name: str, seed: int
) -> "Study":
    """The study with that many finished trials; those that it has already are not tried again."""
    import optuna
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.JournalStorage(JournalFileBackend(str(file)))
    done = _finished(storage, name)
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(n_startup_trials=STARTUP, seed=seed + done),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP),
    )
    if not done:
        study.enqueue_trial({field.name: field.value for field in known}, skip_if_exists=True)
    for number in range(done, trials):
        tell("tune", number, trials, _remark(study))
        study.optimize(lambda trial: _trial(trial, bench, known, cases), n_trials=1)
    tell("tune", trials, trials)
    return study


def _finished(storage: "BaseStorage", name: str) -> int:
    import optuna

    names = optuna.study.get_all_study_names(storage)
    if name not in names:
        return 0
    return sum(trial.state.is_finished() for trial in optuna.load_study(study_name=name, storage=storage).trials)


def _remark(study: "Study") -> str:
    finished = [trial.value for trial in study.trials if trial.value is not None]
    return f"best NDCG {max(finished):.4f}" if finished else ""


def _trial(trial: "Trial", bench: Bench, known: Sequence[Field], cases: Sequence[Case]) -> float:
    import optuna

    values = {field.name: _drawn(trial, field) for field in known}
    pipeline, found = bench.fit(values), []
    for rung in range(RUNGS):
        found.append(ndcg(pipeline, cases[rung::RUNGS]))
        trial.report(float(np.concatenate(found).mean()), rung)
        if rung < RUNGS - 1 and trial.should_prune():
            raise optuna.TrialPruned
    return float(np.concatenate(found).mean())


def _drawn(trial: "Trial", field: Field) -> float:
    low, high = min(field.span.low, field.value), max(field.span.high, field.value)
    if field.span.whole:
        return float(trial.suggest_int(field.name, int(low), int(high), log=field.span.log))
    return trial.suggest_float(field.name, low, high, log=field.span.log)


def _tried(trial: "FrozenTrial") -> Tried:
    return Tried(dict(trial.params), trial.value if trial.state.name == "COMPLETE" else None)


def _importance(study: "Study") -> dict[str, float]:
    import optuna

    complete = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    if len(complete) < 4 or len({trial.value for trial in complete}) < 2:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    return {name: float(share) for name, share in optuna.importance.get_param_importances(study, evaluator=evaluator).items()}
