"""A policy as stages: in the plan, in the pipeline that serves, and judged by the shop's own log."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from assortment.config import Settings
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.events import no_events
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.stage import Recipe, Stage
from assortment.diversify.methods import Dpp, Methods, Mmr, Msd
from assortment.diversify.stage import Diversified, Diversify
from assortment.longrun.gate import Logged
from assortment.offpolicy import judge_policy
from assortment.rank.explore import Drawn, EpsilonGreedy, PlackettLuce
from assortment.releases import Release, version_of
from assortment.rl import file
from assortment.rl.file import Learnt
from assortment.rl.policy import Constant, Contextual, SlatePolicy, Static
from assortment.rl.stage import LongRun, Paced
from assortment.shop import Shop

METHODS: dict[str, Methods] = {"mmr": Mmr(), "msd": Msd(), "dpp": Dpp()}

RELEVANCE = Static()

NAME = "learned"
"""What the policy of a shop is called in its settings."""


def plan_with(plan: Plan, policy: SlatePolicy, folder: Path) -> Plan:
    """A plan in which a policy chooses. A learned one lies in `folder` and stands before the stage that diversifies, which then
    takes the first within the shop's caps. Raises `BadSetting` where no stage does."""
    stages = [recipe for recipe in plan.stages if not isinstance(recipe, LongRun)]
    place = next((number for number, recipe in enumerate(stages) if _diversify(recipe)), None)
    if place is None:
        raise BadSetting("the plan has no 'diversify', which keeps the shop's caps behind what is learned; add it as a stage")
    stages[place] = _with_diversify(stages[place], policy)
    if not isinstance(policy, Static):
        stages.insert(place, LongRun(str(folder.absolute())))
    return replace(plan, stages=tuple(stages))


def pipeline_with(pipeline: Pipeline, policy: SlatePolicy, folder: Path) -> Pipeline:
    """The same of what is fitted; nothing else is learnt anew."""
    stages = [stage for stage in pipeline.stages if not isinstance(stage, Paced)]
    place = next(number for number, stage in enumerate(stages) if isinstance(stage, Diversified | Drawn))
    stages[place] = _chosen(stages[place], policy)
    if not isinstance(policy, Static):
        recipe = LongRun(str(folder.absolute()))
        stages.insert(place, recipe.fit(Dataset(pipeline.catalog, no_events()), np.random.default_rng(0)))
    return replace(pipeline, stages=tuple(stages))


def install(shop: Shop, policy: SlatePolicy, why: str, static: Static = RELEVANCE) -> Release:
    """Keep a policy in the shop's folder, write it into `shop.toml`, and let a release with it serve; static: what traces set
    it beside."""
    folder, settings, fitted = shop.folder / "policies" / NAME, shop.settings, shop.fitted
    if isinstance(policy, Constant | Contextual):
        keep(policy, shop.pipeline, folder, why, static)
    changed = replace(settings, plan=plan_with(settings.plan, policy, folder))
    pipeline = pipeline_with(shop.pipeline, policy, folder)
    version = version_of(changed, shop.dataset(), why)
    verdicts = tuple(stage.verdict for stage in pipeline.stages if hasattr(stage, "verdict"))
    release = shop.releases.add(pipeline, replace(fitted, version=version, verdicts=verdicts), changed)
    shop.releases.serve(release, why)
    shop.change(changed)
    shop.__dict__.pop("release", None)
    return release


def keep(policy: Constant | Contextual, pipeline: Pipeline, folder: Path, why: str, static: Static = RELEVANCE) -> None:
    """Write a policy in place of the last."""
    catalog, coming = pipeline.catalog, folder.with_name(f"{folder.name}.coming")
    shutil.rmtree(coming, ignore_errors=True)
    file.write(Learnt(policy, tuple(catalog.ids.names), catalog.kinds or "", why, static), coming)
    shutil.rmtree(folder, ignore_errors=True)
    coming.rename(folder)


def logged_gain(shop: Shop, policy: SlatePolicy) -> Logged | None:
    """The gain of a policy over what served, by the slates of the shop's log that were drawn; None where there are none."""
    with shop.store() as store:
        if not any(one.items and min(one.propensity) < 1 for one in store.shown()):
            return None
    with tempfile.TemporaryDirectory() as kept_in:
        folder = Path(kept_in) / NAME
        if isinstance(policy, Constant | Contextual):
            keep(policy, shop.pipeline, folder, "")
        found = judge_policy(shop, _settings(shop, policy, folder))
    return Logged(found.gain.measure, found.gain.refused)


def _settings(shop: Shop, policy: SlatePolicy, folder: Path) -> Settings:
    return replace(shop.settings, plan=plan_with(shop.settings.plan, policy, folder))


def _diversify(recipe: object) -> bool:
    """Whether a recipe diversifies, or draws from what one within it chooses."""
    return isinstance(recipe, Diversify) or (
        isinstance(recipe, PlackettLuce | EpsilonGreedy) and isinstance(recipe.stage, Diversify)
    )


def _with_diversify(recipe: object, policy: SlatePolicy) -> Recipe[Stage]:
    if isinstance(recipe, PlackettLuce | EpsilonGreedy):
        assert isinstance(recipe.stage, Diversify)
        return replace(recipe, stage=_set(recipe.stage, policy))
    assert isinstance(recipe, Diversify)
    return _set(recipe, policy)


def _set(recipe: Diversify, policy: SlatePolicy) -> Diversify:
    if isinstance(policy, Static):
        return replace(recipe, select=METHODS[policy.method], diversity=policy.diversity)
    return replace(recipe, diversity=0.0)


def _chosen(stage: Stage, policy: SlatePolicy) -> Stage:
    if isinstance(stage, Drawn):
        return replace(stage, stage=_chosen(stage.stage, policy)) if stage.stage is not None else stage
    assert isinstance(stage, Diversified)
    if isinstance(policy, Static):
        return replace(stage, select=METHODS[policy.method], wish=replace(stage.wish, diversity=policy.diversity))
    return replace(stage, wish=replace(stage.wish, diversity=0.0))
