"""Trees that are kept where they help, and say so where they do not."""

from dataclasses import replace

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.blend import Blend
from assortment.core.catalog import Catalog
from assortment.core.errors import BadSetting
from assortment.core.events import Event
from assortment.core.profile import NOBODY
from assortment.core.request import Request
from assortment.core.save import load, save
from assortment.core.slate import Slate
from assortment.parts import known_classes
from assortment.rank.cases import cases, last_of_each
from assortment.rank.features import features
from assortment.rank.lessons import Lessons, gathered
from assortment.rank.odds import Odds
from assortment.rank.trees import REFUSED, Ranked, Trees, thinned, worth_of_new_kinds
from assortment.retrieve.popular import Popular
from assortment.retrieve.transitions import Transitions
from tests import world


def round_trips(people: int, goods: int, faithful: bool, seed: int = 5, things: int = 4):
    """Everybody buys so many things: one after another round the shop (faithful), or at random."""
    rng = np.random.default_rng(seed)
    events = []
    for person in range(people):
        start = rng.integers(goods)
        items = (start + np.arange(things)) % goods if faithful else rng.choice(goods, things, replace=False)
        events += [
            Event(f"u{person}", f"i{item}", "purchase", world.START + (day * people + person) * 1000)
            for day, item in enumerate(items)
        ]
    return world.dataset(sorted(events, key=lambda event: event.time), Catalog(Ids([f"i{i}" for i in range(goods)])))


UPSTREAM = Blend((Popular(), Transitions()), (1.0, 0.05))


@pytest.fixture(scope="module")
def faithful():
    shop = round_trips(300, 40, True)
    return shop, Trees(split="last").learn(UPSTREAM, shop, np.random.default_rng(0))


def test_trees_find_out_which_part_to_trust(faithful):
    shop, ranked = faithful
    assert ranked.verdict.startswith("ranks by trees: trees change NDCG@10 by +")
    asked = [Request(name, shop.now, profile) for name, profile in shop.profiles().items()]
    slates = UPSTREAM.fit(shop, np.random.default_rng(0))(asked, [Slate()] * len(asked))

    def led(answered: list[Slate]) -> float:
        """How many slates begin with what always comes next."""
        return np.mean([s.items[0] == (r.profile.recent[-1] + 1) % 40 for r, s in zip(asked, answered, strict=True)])

    assert led(slates) < 0.6
    assert led(ranked(asked, slates)) > 0.95


def test_chances_come_true():
    """Everybody goes on to one of the goods that are proposed, so that the chances of a slate add up to 1."""
    shop = round_trips(300, 40, True)
    ranked = Trees(split="last", steps=1).learn(UPSTREAM, shop, np.random.default_rng(0))
    asked = [Request(name, shop.now, profile) for name, profile in shop.profiles().items()]
    slates = ranked(asked, UPSTREAM.fit(shop, np.random.default_rng(0))(asked, [Slate()] * len(asked)))
    chances = [slate.notes["chance"] for slate in slates]
    assert np.mean([chance.sum() for chance in chances]) == pytest.approx(1, abs=0.2)
    assert np.mean([chance[0] for chance in chances]) > 0.4
    np.testing.assert_allclose(chances[0], 1 / (1 + np.exp(-slates[0].scores)), rtol=1e-5)
    assert len({usual for slate in slates for usual in slate.notes["usual"]}) == 1
    assert 0.5 < slates[0].notes["usual"][0] < 1


@pytest.fixture(scope="module")
def two_steps():
    """The last and the last but one of eight things of 300 people, from which trees learn."""
    learner, rng = Trees(split="last"), np.random.default_rng(0)
    lessons = learner.lessons(UPSTREAM, round_trips(300, 40, True, things=8), rng)
    return learner, lessons, [thinned(each.taken, rng) for each in lessons]


def test_each_step_back_asks_with_a_history_that_is_one_shorter(two_steps):
    _, lessons, _ = two_steps
    history = [each.table[:, each.features.names.index("history")] for each in lessons]
    assert [np.unique(np.expm1(values)).round().tolist() for values in history] == [[7], [6]]
    assert [each.asked for each in lessons] == [300, 300]


def test_chances_of_people_who_were_not_learnt_from_come_true_though_older_lessons_are_too(two_steps):
    learner, lessons, counts = two_steps
    said = 1 / (1 + np.exp(-learner.unseen_odds(lessons, counts, 1)))
    assert said.sum() == pytest.approx(lessons[0].taken.sum(), rel=0.1)


def test_halves_are_even_whoever_is_asked():
    """All people, or every second or third of them, as a log that tells guests from customers may have it."""
    for asked in (np.arange(300), np.arange(0, 300, 2), np.arange(1, 300, 3)):
        lessons = lessons_of_kinds()
        people = replace(lessons, person=asked.astype(np.int32), bounds=np.arange(len(asked) + 1), wanted=asked)
        assert people.half(True).mean() == pytest.approx(0.5, abs=0.06)


def test_nobody_is_judged_by_what_they_taught_at_another_time(two_steps):
    """What half of the people took before says nothing of them now; it says something of the others."""
    learner, (newest, older), counts = two_steps
    other = replace(older, taken=older.taken ^ (older.half(False) & (older.table[:, 1] < 3)))
    before = learner.unseen_odds([newest, older], counts, 1)
    after = learner.unseen_odds([newest, other], counts, 1)
    same = newest.half(False)
    np.testing.assert_array_equal(before[same], after[same])
    assert np.abs(before[~same] - after[~same]).max() > 0.1


def test_a_step_back_in_which_too_few_are_found_is_left_out():
    """Three steps back the 300 people have one thing each, and nothing comes after nothing."""
    lessons = Trees(split="last", steps=9).lessons(UPSTREAM, round_trips(300, 40, True), np.random.default_rng(0))
    assert [len(each) for each in lessons] == [300, 300, 300]


def test_goods_that_are_drawn_stand_for_those_left_out():
    taken = np.arange(3 * REFUSED) % 100 == 0
    counts = thinned(taken, np.random.default_rng(0))
    assert np.all(counts[taken] == 1)
    assert np.count_nonzero(counts[~taken]) == pytest.approx(REFUSED, rel=0.01)
    assert counts.sum() == pytest.approx(len(taken), rel=0.01)


def test_where_nothing_can_be_learnt_the_order_of_the_blend_is_kept_and_the_verdict_says_so():
    shop = round_trips(300, 40, False)
    ranked = Trees(split="last").learn(UPSTREAM, shop, np.random.default_rng(0))
    assert ranked.verdict.startswith("keeps the order of the blend: trees change NDCG@10 by")
    asked = [Request("u7", shop.now, shop.profiles()["u7"])]
    slates = UPSTREAM.fit(shop, np.random.default_rng(0))(asked, [Slate()])
    (slate,) = ranked(asked, slates)
    assert slate.items.tolist() == slates[0].items.tolist()
    assert np.all(np.diff(slate.notes["chance"]) <= 0)
    assert slate.notes["chance"].sum() == pytest.approx(1, abs=0.7)


@pytest.mark.parametrize("seed", [0, 4])
def test_a_gain_that_may_be_chance_is_not_enough(seed):
    """In these shops of chance the mean gain happens to be above 0, and its interval holds 0."""
    ranked = Trees(split="last").learn(UPSTREAM, round_trips(300, 40, False, seed), np.random.default_rng(0))
    assert ranked.model == ""
    assert "[-" in ranked.verdict


def test_from_few_people_nothing_is_learnt():
    ranked = Trees().learn(UPSTREAM, world.dataset(), np.random.default_rng(0))
    assert ranked.model == ""
    assert "trees need 50" in ranked.verdict


def test_questions_and_strangers_pass_as_they_are(faithful):
    shop, ranked = faithful
    profile = shop.profiles()["u7"]
    asked = [Request("u7", profile=profile, about=(3,)), Request("u7", profile=profile, words="tea"), Request("new")]
    slates = UPSTREAM.fit(shop, np.random.default_rng(0))(asked, [Slate()] * 3)
    assert ranked(asked, slates) == slates


def test_the_trees_look_at_the_head_and_what_is_below_keeps_the_odds_of_its_place_and_score(faithful):
    shop, ranked = faithful
    asked = [Request("u7", shop.now, shop.profiles()["u7"])]
    slates = UPSTREAM.fit(shop, np.random.default_rng(0))(asked, [Slate()])
    (slate,), (plain,) = replace(ranked, most=10)(asked, slates), replace(ranked, model="")(asked, slates)
    new, old = (dict(zip(s.items.tolist(), s.scores.tolist(), strict=True)) for s in (slate, plain))
    moved = {item for item in new if abs(new[item] - old[item]) > 1e-6}
    assert moved == set(slates[0].items[:10].tolist())
    assert slate.items[:10].tolist() != slates[0].items[:10].tolist()
    assert np.all(np.diff(slate.scores) <= 1e-5)


def test_a_batch_is_what_its_requests_are_alone_and_what_is_saved_comes_back(faithful, tmp_path):
    shop, ranked = faithful
    profiles = shop.profiles()
    asked = [Request(name, shop.now, profiles[name]) for name in ("u1", "u2", "u3")]
    slates = UPSTREAM.fit(shop, np.random.default_rng(0))(asked, [Slate()] * 3)
    together = ranked(asked, slates)
    save(ranked, tmp_path / "saved")
    again = load(tmp_path / "saved", known_classes())
    assert again.verdict == ranked.verdict
    for place in range(3):
        (alone,) = again(asked[place : place + 1], slates[place : place + 1])
        assert alone.items.tolist() == together[place].items.tolist()
        np.testing.assert_allclose(alone.scores, together[place].scores, atol=1e-5)


def test_ndcg_counts_the_ten_first_places_against_all_that_was_wanted():
    known = features(world.dataset(), [])
    taken = np.zeros(15, bool)
    taken[[1, 2, 14]] = True
    lessons = Lessons(
        known,
        np.zeros((15, 0), np.float32),
        np.zeros((15, 8)),
        taken,
        np.zeros(15, np.float32),
        np.array([0, 2, 15]),
        np.array([1, 2]),
        np.arange(2),
        2,
    )
    scores = np.array([5, 9, *range(13, 0, -1)], np.float32)
    np.testing.assert_allclose(lessons.ndcg(scores), [1, 1 / (1 + 1 / np.log2(3))])


def test_what_is_usual_is_the_chance_of_the_best_of_a_slate_half_being_lower():
    """The best log odds of the three slates are -1, 0 and 2."""
    known = features(world.dataset(), ())
    empty = np.zeros((6, 0), np.float32), np.zeros((6, 8)), np.zeros(6, bool), np.zeros(6, np.float32)
    lessons = Lessons(known, *empty, np.array([0, 2, 3, 6]), np.ones(3, np.int64), np.arange(3), 3)
    assert lessons.usual(np.array([-1, -3, 0, -5, 2, 1.0])) == 0.5


def proposed(worth: float, most: int = 60) -> Slate:
    """Tea that has been bought, with tea, toys and what bears no label proposed at log odds 0, -0.1 and -0.3."""
    goods = Catalog(Ids(list("abcd")), {"category": strings(["tea", "tea", "toy", None])})
    events = [Event("u", "a", "purchase", world.START), Event("v", "b", "purchase", world.START)]
    odds = Odds(np.array([0, 1.0, 0, 0, 0, 0, 0, 0]), most)
    stage = Ranked("", odds, features(world.dataset(events, goods), ()), most, 0.5, worth, "")
    slate = Slate(np.array([1, 2, 3], np.int32), np.array([2, 1.9, 1.7], np.float32))
    return stage([Request("u", profile=NOBODY.after(0, "purchase", 1))], [slate])[0]


def test_a_kind_that_the_person_has_nothing_of_is_worth_more_and_no_more_likely():
    """log 1.2 is 0.182, so that the toy goes from 0.1 below the tea to 0.082 above it; log 1.1 is 0.095."""
    ahead = proposed(1.2)
    assert ahead.items.tolist() == [2, 1, 3]
    np.testing.assert_allclose(ahead.scores, [np.log(1.2) - 0.1, 0, -0.3], atol=1e-6)
    np.testing.assert_allclose(ahead.notes["chance"], 1 / (1 + np.exp([0.1, 0, 0.3])), atol=1e-6)
    assert proposed(1.1).items.tolist() == [1, 2, 3]
    assert proposed(1.0).scores.tolist() == pytest.approx([0, -0.1, -0.3])


def lessons_of_kinds() -> Lessons:
    """Two slates of a kind that was had and, 0.15 and 0.45 log odds below, of one that was not, which the second takes."""
    known = features(world.dataset(goods=world.catalog().with_column("category", strings(["tea"] * 6 + ["toy"] * 6))), ())
    table = np.zeros((4, len(known.names)), np.float32)
    table[:, known.names.index("category of all")] = [0.7, 0, 0.7, 0]
    taken, sums = np.array([True, False, False, True]), np.array([0, -0.15, 0, -0.45], np.float32)
    return Lessons(known, table, np.zeros((4, 8)), taken, sums, np.array([0, 2, 4]), np.ones(2, np.int64), np.arange(2), 2)


@pytest.mark.parametrize(("share", "times"), [(0.0, 1.0), (0.1, 1.15), (0.22, 1.15), (0.23, 2.0)])
def test_new_kinds_count_as_many_times_as_the_share_pays_for(share, times):
    """From 1.2 times on (log 1.2 is 0.18) the first slate turns round, which costs 0.369 of 1.631 (22.6 %); from 1.6 on the
    second gives it back."""
    lessons = lessons_of_kinds()
    assert worth_of_new_kinds(lessons, lessons.sums, share) == (times, 0)


def test_below_the_head_nothing_counts_more():
    assert proposed(50.0, most=2).items.tolist() == [2, 1, 3]
    assert proposed(50.0, most=1).items.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "setting", [{"split": "random"}, {"share": 0}, {"most": 1}, {"rate": 2}, {"people": 0}, {"crossing": 0.6}, {"steps": 0}]
)
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(BadSetting, match=next(iter(setting))):
        Trees(**setting)


def test_the_stage_is_made_of_what_can_be_saved(faithful):
    assert isinstance(faithful[1], Ranked)
    assert faithful[1].model.startswith("tree")


def test_goods_that_nobody_ever_touched_teach_nothing():
    """Eleven of twelve goods were touched; what has no answer must not be learnt as a no."""
    shop = world.dataset([event for event in world.purchases() if event.item != "r5"])
    earlier, later = last_of_each(shop)
    asked = cases(earlier, later, 20, np.random.default_rng(0))
    stage = Popular().fit(earlier, np.random.default_rng(0))
    touched = np.bincount(shop.events.item, minlength=12) > 0
    everything, some = gathered(stage, earlier, asked, 12), gathered(stage, earlier, asked, 12, touched)
    assert (len(everything.table), len(some.table)) == (12 * len(asked), 11 * len(asked))
    assert everything.taken.sum() == some.taken.sum() > 0
