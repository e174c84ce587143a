import json

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.events import KINDS, Event, Events
from assortment.core.pipeline import Plan
from assortment.core.profile import NOBODY
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.evaluate.distances import bought, shelves
from assortment.evaluate.offline import Case, Goods, difference, evaluate, last_out, measured, table, time_split
from assortment.guard.policy import Policy
from assortment.retrieve.popular import Popular
from tests import world


def rng():
    return np.random.default_rng(0)


def oracle(split):
    """A stage that knows the answers, and after them shows whatever else there is."""
    wanted = {case.request.user: case.targets for case in split.cases}

    def stage(requests, slates):
        rest = np.arange(12, dtype=np.int32)
        orders = [np.concatenate([wanted[r.user], np.setdiff1d(rest, wanted[r.user])]) for r in requests]
        return [Slate(order.astype(np.int32), np.zeros(12, np.float32)) for order in orders]

    return stage


def cases(users, k=2):
    return [Case(Request(user=user, k=k), np.array([0], np.int32)) for user in users]


BARE = Goods(np.array([3, 1, 0, 0]), 3)


def by_name(evaluation):
    return {measure.name: measure for measure in evaluation.measures}


def test_who_knows_the_answers_is_perfect():
    split = last_out(world.dataset(), k=3)
    got = by_name(evaluate(oracle(split), split.cases, Goods.of(split.past.catalog, split.past), rng()))
    assert len(split.cases) == 12
    for name in ("Recall@3", "NDCG@3", "MRR@3", "AUC@3"):
        assert (got[name].mean, got[name].low, got[name].high, got[name].n) == (1, 1, 1, 12)
    assert got["precision@3"].mean == pytest.approx(1 / 3)


def test_a_pipeline_is_asked_in_batches_as_it_is_alone():
    split = time_split(world.dataset(), k=4)
    pipeline = Plan((Popular(),)).fit(split.past, rng())
    goods = Goods.of(split.past.catalog, split.past)
    alone, together = (evaluate(pipeline, split.cases, goods, rng(), batch=batch) for batch in (1, 5))
    assert alone.measures == together.measures
    assert together.lists.shape == (len(split.cases), 4), "a stage that gives more than k is cut to k"


def test_the_goods_are_what_was_known_before():
    data = world.dataset()
    split = time_split(data, share=0.5)
    catalog = data.catalog.with_column("cluster", data.catalog.column("brand")).with_column(
        "vector", np.eye(12, dtype=np.float32)
    )
    goods = Goods.of(catalog, split.past)
    assert goods.people.tolist() == [int((split.past.events.item == item).sum()) for item in range(12)]
    assert goods.everyone == 12
    assert goods.labels.shape[1] == len(set(data.catalog.column("brand")))
    assert (goods.sellers.toarray() == goods.labels.toarray()).all(), "who makes it, where the shop names nobody who sells it"
    assert goods.bought.shape == (12, 12)
    assert (goods.bought @ goods.bought.T)[0, 1] == pytest.approx(together(split.past, "t0", "t1"))
    category = catalog.with_column("category", data.catalog.column("title"))
    assert Goods.of(category, split.past).labels.shape[1] == 12, "the shop's own category goes first"


def together(past, one, other):
    """How often two goods were taken by the same people."""
    names = {event: set() for event in (one, other)}
    for user, item in zip(past.events.user, past.events.item, strict=True):
        names.get(past.catalog.ids.names[item], set()).add(int(user))
    return len(names[one] & names[other]) / np.sqrt(len(names[one]) * len(names[other]))


def test_a_seller_goes_before_a_brand():
    data = world.dataset()
    sold = data.catalog.with_column("seller", strings(["ann", None] * 6))
    assert Goods.of(sold, data).sellers.toarray().tolist() == [[1, 0], [0, 1]] * 6
    assert Goods.of(Catalog(data.catalog.ids), data).sellers is None


def test_every_measure_of_a_list_by_hand():
    """Ann had 0 and is shown 1, which is much like it, and 2, which she takes. The three distances of 1 and 2 differ."""
    column = labels(strings(["top > a", "top > a", "top > b", "other"]))
    goods = Goods(
        people=np.array([3, 1, 0, 0]),
        everyone=4,
        vectors=np.array([[1, 0], [0.8, 0.6], [0, 1], [0, 1]], np.float32),
        labels=column.member,
        shelves=shelves(column),
        bought=bought(sparse.csr_matrix([[1.0, 1, 1, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 1]])),
        sellers=sparse.csr_matrix([[1.0, 0], [0, 1], [1, 0], [0, 1]]),
    )
    ann = Case(Request(user="ann", k=2, profile=NOBODY.after(0, "purchase", 1)), np.array([2], np.int32))
    got = {name: measure.mean for name, measure in by_name(measured([ann], np.array([[1, 2]]), goods, rng())).items()}
    second = 1 / np.log2(3)
    expected = {
        "Recall": 1,
        "NDCG": second,
        "MRR": 0.5,
        "MAP": 0.5,
        "hit rate": 1,
        "precision": 0.5,
        "F1": 2 / 3,
        "AUC": 2 / 3,
        "Recall seen 0": 1,
        "Recall crossing": 1,
        "NDCG crossing": second,
        "short": 0,
        "novelty": np.log2(5) - 0.5,
        "EPC": (0.75 + second) / (1 + second),
        "redundancy": 0.6,
        "ILD": 0.4,
        "EILD": 0.4,
        "twins": 0,
        "unexpectedness": (0.2 + 1) / 2,
        "serendipity": 0.5,
        "aspects": 2,
        "entropy": 1,
        "S-recall": 1,
        "α-nDCG": second,
        "ERR-IA": 0.25 / 0.625,
        "miscalibration": -np.log(0.99 * 0.5 + 0.01),
        "JS": -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)) - 0.5,
        "Hellinger": np.sqrt(1 - np.sqrt(0.5)),
        "redundancy labels": 0.5,
        "redundancy bought": 1 / np.sqrt(3),
        "coverage": 0.5,
        "Gini": 0.5,
        "effective catalog": 2,
        "personalisation": np.nan,
        "inequity": abs(second / (1 + second) - 0.75) + abs(1 / (1 + second) - 0.25),
    }
    assert got == pytest.approx({f"{name}@2": value for name, value in expected.items()}, nan_ok=True, abs=1e-6)


def test_many_long_lists_are_measured_as_each_is_alone():
    random = rng()
    vectors = random.normal(size=(60, 3)).astype(np.float32)
    goods = Goods(np.ones(60, int), 9, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    lists = random.permuted(np.tile(np.arange(60), (2600, 1)), axis=1)[:, :40]
    many = measured(cases([str(n) for n in range(2600)], k=40), lists, goods, rng()).values
    for row in (0, 2499, 2500, 2599):
        alone = measured(cases(["x"], k=40), lists[[row]], goods, rng()).values
        assert {name: value[row] for name, value in many.items()} == pytest.approx(
            {name: value[0] for name, value in alone.items()}, nan_ok=True, abs=1e-6
        )


def test_measures_that_need_what_the_catalog_has_not_are_left_out():
    evaluation = measured(cases(["ann"]), np.array([[0, 1]]), BARE, rng())
    assert not {"redundancy@2", "aspects@2"} & set(by_name(evaluation))
    full = Goods(BARE.people, 3, np.eye(4, dtype=np.float32), labels(np.array(list("abca"), object)).member)
    got = by_name(measured(cases(["ann"]), np.array([[0, 3]]), full, rng()))
    assert got["aspects@2"].mean == 1
    assert got["redundancy@2"].mean + got["ILD@2"].mean == pytest.approx(1)
    assert np.isnan(got["miscalibration@2"].mean), "ann has no history"
    assert got["miscalibration@2"].n == 0


def test_short_lists_are_counted_and_measured_at_their_length():
    lists = np.array([[0, -1], [1, 0], [-1, -1]])
    got = by_name(measured(cases(["ann", "bob", "cid"]), lists, BARE, rng()))
    assert got["short@2"].mean == pytest.approx(2 / 3)
    assert got["precision@2"].mean == pytest.approx((0.5 + 0.5 + 0) / 3)
    assert got["novelty@2"].n == 2
    assert got["novelty@2"].mean == pytest.approx((0 + 0.5) / 2)


def test_newcomers_are_told_of_apart():
    log = [Event("ann", "t0", "purchase", 1), Event("ann", "t1", "purchase", 5), Event("zoe", "t0", "purchase", 6)]
    split = time_split(world.dataset(log), at=5, k=1)
    got = by_name(
        evaluate(Plan((Popular(),)).fit(split.past, rng()), split.cases, Goods.of(split.past.catalog, split.past), rng())
    )
    assert (got["Recall@1"].mean, got["Recall@1"].n) == (0.5, 2)
    assert (got["Recall new@1"].mean, got["Recall new@1"].n) == (1, 1)


def test_an_interval_of_a_mean_is_that_of_its_standard_error():
    random = rng()
    hit = random.random(2000) < 0.3
    lists = np.where(hit, 0, 1)[:, None]
    measure = by_name(measured(cases(map(str, range(2000)), k=1), lists, BARE, rng()))["Recall@1"]
    error = np.sqrt(0.3 * 0.7 / 2000)
    assert measure.mean - measure.low == pytest.approx(1.96 * error, rel=0.1)
    assert measure.high - measure.mean == pytest.approx(1.96 * error, rel=0.1)


def test_people_are_drawn_and_not_cases():
    """A hundred cases of ten people who are always right or always wrong say no more than ten cases."""
    right = np.repeat([0, 1], 5)
    few = by_name(measured(cases(map(str, range(10)), k=1), right[:, None], BARE, rng()))["Recall@1"]
    many = by_name(measured(cases(np.repeat([f"{n}" for n in range(10)], 10), k=1), np.repeat(right, 10)[:, None], BARE, rng()))
    assert (few.low, few.high) == pytest.approx((many["Recall@1"].low, many["Recall@1"].high))
    strangers = by_name(measured(cases([""] * 100, k=1), np.repeat(right, 10)[:, None], BARE, rng()))["Recall@1"]
    assert strangers.high - strangers.low == pytest.approx(2 * 1.96 * 0.05, rel=0.2), "each is another"


def test_the_interval_of_coverage_holds_coverage():
    """Every list shows a thing of its own: of people drawn with replacement a third would be missing."""
    lists = np.arange(60)[:, None]
    got = by_name(measured(cases(map(str, range(60)), k=1), lists, Goods(np.zeros(100, int), 9), rng()))
    assert got["effective catalog@1"].mean == pytest.approx(60)
    assert got["effective catalog@1"].low < 60 < got["effective catalog@1"].high
    coverage = got["coverage@1"]
    assert coverage.mean == 0.6
    assert coverage.low < 0.6 < coverage.high
    assert coverage.high - coverage.low < 0.2


def test_spread_over_all_lists_is_not_the_mean_of_lists():
    got = by_name(measured(cases(["ann", "bob"]), np.array([[0, 1], [0, 2]]), BARE, rng()))
    assert got["coverage@2"].mean == 0.75
    assert got["Gini@2"].mean == pytest.approx((-3 * 0 - 1 * 1 + 1 * 1 + 3 * 2) / (4 * 4))


def test_people_with_several_cases_see_several_lists():
    """Three lists of two people: two pairs of three share one of two goods."""
    got = by_name(measured(cases(["ann", "ann", "bob"]), np.array([[0, 1], [2, 3], [0, 2]]), BARE, rng()))
    assert got["personalisation@2"].mean == pytest.approx(1 - (0 + 0.5 + 0.5) / 3)


def test_a_difference_is_taken_person_by_person():
    """Two systems differ for one person in ten, always one way: their intervals overlap, the difference's does not hold 0."""
    users = [str(n) for n in range(300)]
    hard = rng().random(300) < 0.5
    one = measured(cases(users, k=1), np.where(hard, 1, 0)[:, None], BARE, rng())
    better = np.where(hard & (np.arange(300) % 5 > 0), 1, 0)
    other = measured(cases(users, k=1), better[:, None], BARE, rng())
    recall = next(measure for measure in difference(other, one, rng()) if measure.name == "Recall@1")
    assert other.measure("Recall@1").low < one.measure("Recall@1").high
    assert recall.mean == pytest.approx(other.measure("Recall@1").mean - one.measure("Recall@1").mean)
    assert recall.low > 0
    same = difference(one, one, rng())
    assert {(m.mean, m.low, m.high) for m in same} == {(0, 0, 0)}


def test_evaluations_of_different_cases_have_no_difference():
    one = measured(cases(["ann", "bob"], k=1), np.array([[0], [1]]), BARE, rng())
    other = measured(cases(["ann", "ann"], k=1), np.array([[0], [1]]), BARE, rng())
    larger, sold = Goods(np.zeros(5, int), 3), Goods(BARE.people, 3, sellers=sparse.csr_matrix(np.eye(4)))
    elsewhere = [measured(cases(["ann", "bob"], k=1), np.array([[0], [1]]), goods, rng()) for goods in (larger, sold)]
    for evaluation in (other, *elsewhere):
        with pytest.raises(BadInput, match="of different cases"):
            difference(one, evaluation, rng())


@pytest.mark.parametrize(
    ("asked", "lists", "says"),
    [
        ([], np.empty((0, 2), int), "no cases"),
        (cases(["ann"], 2) + cases(["bob"], 3), np.zeros((2, 2), int), r"slates of \[2, 3\]"),
        (cases(["ann"]), np.array([[1, 1]]), "twice"),
        (cases(["ann"]), np.array([[1, 9]]), "holds item 9; they go from 0 to 3"),
        (cases(["ann"]), np.array([[1, -2]]), "holds item -2"),
        (cases(["ann"]), np.array([[1]]), "the cases ask for"),
    ],
)
def test_what_cannot_be_measured_is_refused(asked, lists, says):
    with pytest.raises(BadInput, match=says):
        measured(asked, lists, BARE, rng())


def test_a_table_has_a_row_for_each_system():
    evaluation = measured(cases(["ann"], k=1), np.array([[0]]), BARE, rng())
    head, row, none = table({"ours": evaluation.measures, "nothing": ()})
    assert head[:3] == ("", "Recall@1", "NDCG@1")
    assert row[:2] == ("ours", "1.0000 [1.0000, 1.0000]")
    assert set(none[1:]) == {"-"}
    assert len(head) == len(row) == len(none)


def test_labels_may_be_missing_for_all_goods():
    nothing = Goods(BARE.people, 3, None, sparse.csr_matrix((4, 0), dtype=np.float32))
    assert by_name(measured(cases(["ann"]), np.array([[0, 1]]), nothing, rng()))["aspects@2"].n == 0


def test_popularity_on_movielens_measures_as_the_referee_published(shared_data):
    """`pop` in the peers' table of ml-100k, whose test item is the last in the order of the file and not a whole moment."""
    folder = shared_data / "splits" / "ml-100k"
    if not folder.is_dir():
        pytest.skip(f"no data in {folder}; the published figures are not checked")
    past, test = ratings(folder)
    requests = [Request(user=user, profile=profile) for user, profile in past.profiles().items()]
    asked = [Case(request, np.array([test[int(request.user)]], np.int32)) for request in requests]
    pipeline = Plan((Popular(half_life=float("inf"), depth=len(past.catalog)), Policy())).fit(past, rng())
    got = by_name(evaluate(pipeline, asked, Goods.of(past.catalog, past), rng()))
    published = {"Recall": 0.0870, "NDCG": 0.0448, "MRR": 0.0321, "coverage": 0.067, "Gini": 0.982}
    assert {name: got[f"{name}@10"].mean for name in published} == pytest.approx(published, abs=0.002)
    assert got["novelty@10"].mean == pytest.approx(1.19, abs=0.01)


def ratings(folder):
    """The past of a shared split, and each person's test item."""
    log = pl.concat([pl.read_parquet(folder / f"{name}.parquet") for name in ("train", "valid")]).sort("t", maintain_order=True)
    users, items = (json.loads((folder / "stats.json").read_text())[name] for name in ("users", "items"))
    events = Events(
        Ids(tuple(map(str, range(users)))),
        log["t"].to_numpy().astype(np.int64),
        log["user"].to_numpy().astype(np.int32),
        log["item"].to_numpy().astype(np.int32),
        np.full(len(log), KINDS.index("rating"), np.int8),
        np.full(len(log), np.nan, np.float32),
        np.full(len(log), None, object),
    )
    test = pl.read_parquet(folder / "test.parquet")
    return Dataset(Catalog(Ids(tuple(map(str, range(items))))), events), dict(zip(test["user"], test["item"], strict=True))
