"""A policy judged by the log of another, from a served shop to the command."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from assortment import config
from assortment.cli import app
from assortment.config import Settings
from assortment.core.errors import BadInput
from assortment.core.events import Event
from assortment.core.pipeline import Plan
from assortment.core.slate import Slate
from assortment.offpolicy import judge_policy
from assortment.rank.explore import PlackettLuce
from assortment.retrieve.popular import Popular
from assortment.shop import Shop
from tests import world
from tests.serve import goods

LATER = world.START + 50 * world.DAY
LIKED = "r3"


def shop(folder: Path, stage: PlackettLuce, slates: int) -> Shop:
    """A shop that served slates of two; of whoever was shown `LIKED` first, two in three click on it."""
    opened = Shop(folder)
    opened.open(Settings(plan=Plan((Popular(), stage))))
    rng = np.random.default_rng(3)
    with opened.store() as store:
        store.put_catalog(goods.catalog())
        store.append(world.purchases())
        opened.fit()
        service = opened.service(store)
        for number in range(slates):
            asked = service.request(world.PEOPLE[number % 12], k=2, now=LATER + number * 1000)
            answer = service.answer(asked)
            if answer.cards[0].item.item == LIKED and rng.random() < 2 / 3:
                store.append([Event(answer.user, LIKED, "click", answer.time + 1, None, answer.slate)])
    return opened


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return shop(tmp_path_factory.mktemp("drawn"), PlackettLuce(3.0, wider=6, seed=2), 900)


def test_the_policy_that_served_earns_what_it_earned(drawn: Shop):
    found = judge_policy(drawn, drawn.settings)
    assert (found.slates, found.sure, found.people, found.events) == (900, 0, 12, 60)
    served = found.served.measure
    assert served is not None
    for one in (*found.estimates, *found.first):
        assert one.effective == pytest.approx(1)
        assert one.measure is not None
        assert one.measure.mean == pytest.approx(served.mean, abs=0.015)
    assert found.gain.measure is not None
    assert abs(found.gain.measure.mean) < 0.015


def test_a_policy_that_shows_what_people_like_more_often_earns_more_and_the_interval_holds_the_truth(drawn: Shop):
    """What is earned is 2/3 where `LIKED` stands first, whose chance there follows from its place by popularity."""
    with drawn.store() as store:
        (slate,) = drawn.pipeline.stages[0]([drawn.service(store).request("", k=2)], [Slate()])
    place = 1 + slate.items.tolist().index(drawn.pipeline.catalog.ids.number(LIKED))
    estimates = {}
    for temperature in (1.5, 3.0, 9.0):
        policy = Settings(plan=Plan((Popular(), PlackettLuce(temperature, wider=6))))
        chance = np.arange(1.0, 13) ** (-1 / temperature)
        truth = 2 / 3 * chance[place - 1] / chance.sum()
        found = next(one for one in judge_policy(drawn, policy).estimates if one.name == "cascade-DR")
        assert found.measure is not None
        assert found.measure.low <= truth <= found.measure.high
        estimates[temperature] = (found.measure.mean, truth)
    order = sorted(estimates, key=lambda t: estimates[t][1])
    assert order == sorted(estimates, key=lambda t: estimates[t][0])


def test_a_policy_far_from_the_log_is_refused_at_the_command_line(drawn: Shop, tmp_path: Path):
    policy = tmp_path / "b.toml"
    policy.write_text(config.write(Settings(plan=Plan((Popular(),)))))
    found = CliRunner().invoke(app, ["ope", str(drawn.folder), "--policy", str(policy), "--json"])
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)
    whole = next(one for one in said["estimates"] if one["name"] == "IPS")
    assert whole["measure"] is None
    assert "any number would be chance" in whole["refused"]
    told = CliRunner().invoke(app, ["ope", str(drawn.folder), "--policy", str(policy)])
    assert "refused" in told.stdout
    assert "Let the shop draw more" in " ".join(told.stdout.split())


def test_without_drawn_slates_it_says_what_to_turn_on(tmp_path: Path):
    sure = shop(tmp_path / "sure", PlackettLuce(0), 3)
    with pytest.raises(BadInput, match='use = "plackett-luce"'):
        judge_policy(sure, sure.settings)
