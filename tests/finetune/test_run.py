"""A whole run over the small shop."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from assortment import kept
from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, BadSetting, UnknownName
from assortment.core.events import Event
from assortment.evaluate.cases import last_out
from assortment.finetune import run as module
from assortment.finetune.heads import Heads
from assortment.finetune.lessons import lessons
from assortment.finetune.objective import Objective
from assortment.finetune.readout import Questions, whitened
from assortment.finetune.recipe import Finetune
from assortment.finetune.result import Finetuned
from assortment.finetune.run import finetune, halves
from assortment.finetune.table import read
from assortment.language.encode import open_encoder
from assortment.language.module import open_trainable
from assortment.language.vectors import EncoderError
from assortment.learn.adapters import adapt, put
from assortment.learn.loop import epoch_rows
from tests import world
from tests.finetune import small
from tests.finetune.conftest import WEAK


def objective(recipe: Finetune, data: Dataset, **changes) -> Objective:
    recipe = replace(recipe, **changes)
    trainable = open_trainable(recipe.base, recipe.tokens)
    taught = lessons(data, recipe.decay)
    cases = Questions.of(last_out(data).cases, len(data.catalog), recipe.decay)
    texts = trainable.tokens([str(title) for title in data.catalog.column("title")])
    heads = Heads.of(data.catalog, recipe.labels, trainable.dims)
    return Objective(recipe, trainable, texts, taught, cases, heads)


def test_a_tuned_encoder_finds_more_of_what_comes_next_and_says_how_much(done):
    found, _ = done
    assert found.won
    assert found.gain.low > 0
    assert found.gain.mean == pytest.approx(found.tuned.mean - found.frozen.mean)
    assert found.tuned.n == 80
    assert max(point.value for point in found.points) > found.points[0].value


def test_it_is_told_on_people_who_did_not_choose(recipe):
    choosing, judging = halves(last_out(small.dataset()).cases, 1)
    names = [{case.request.user for case in some} for some in (choosing, judging)]
    assert not names[0] & names[1]
    assert len(names[0]) == len(names[1]) == 80


def test_what_serves_is_what_was_trained_and_needs_the_delta_alone_to_be_made_again(done, recipe):
    found, folder = done
    titles = ["red anvil", "white thread", "blue canoe and paddle"]
    trainable = open_trainable(recipe.base, recipe.tokens)
    trainable.module.backbone = adapt(trainable.module.backbone, recipe.method, recipe.rank).model
    delta = load_file(folder / "delta.safetensors")
    put(trainable.module, delta)
    with torch.no_grad():
        expected = trainable(trainable.tokens(titles)).numpy()
    assert open_encoder(f"onnx:{folder / 'onnx'}").encode(titles) == pytest.approx(expected, abs=1e-4)
    assert sum(part.numel() for part in delta.values()) == found.trained
    assert json.loads((folder / "onnx" / "sentence_bert_config.json").read_text()) == {"max_seq_length": 8}
    assert {file.name for file in folder.iterdir()} == {"delta.safetensors", "finetuned.json", "onnx"}


def test_the_loss_of_a_table_just_read_is_that_of_reading_all_goods_at_once(recipe):
    """Sixteen goods are read with gradients, the others taken from the table: the loss must be the one without a table, and of
    all lessons alike, though those that touch the sixteen are drawn apart from the others."""
    data = small.dataset(people=30)
    one = objective(recipe, data)
    one.measure()
    found = float(one.loss(0, np.random.default_rng(0)).detach())
    plain = read(one.trainable, one.tokens, "fp32").vectors
    near = (plain - plain.mean(0)) / np.linalg.norm(plain - plain.mean(0), axis=1, keepdims=True)
    goods = one.goods[epoch_rows(0, len(one.goods), recipe.batch, recipe.seed)]
    touched = one._touched(goods)
    assert 0 < touched.sum() < len(one.lessons) <= 512
    losses = []
    for row in range(len(one.lessons)):
        history = one.lessons.history[row]
        query = (history @ near)[0]
        scores = near @ (query / np.linalg.norm(query)) / recipe.temperature
        theirs = one.lessons.theirs[one.lessons.person[row]].toarray()[0] > 0
        theirs[one.lessons.target[row]] = False
        losses.append(np.log(np.exp(scores[~theirs]).sum()) - scores[one.lessons.target[row]])
    assert found == pytest.approx(np.mean(losses), rel=1e-4)


def test_goods_of_the_very_same_words_are_not_wrong(recipe):
    goods = small.catalog()
    titles = [str(title) for title in goods.column("title")]
    titles[1] = titles[0]
    one = objective(recipe, small.dataset(goods=goods.with_column("title", strings(titles))))
    chosen, same = np.arange(len(titles)), one._same
    assert same[0] == same[1] != same[2]
    scores = torch.zeros(1, len(titles))
    everything = float(one._against(scores, np.array([0]), chosen, None, np.zeros((1, len(titles)), bool)))
    assert everything == pytest.approx(np.log(len(titles) - 1))


def test_in_a_large_shop_the_nearest_stand_against_the_right_one_and_the_drawn_are_corrected(recipe):
    one = objective(recipe, small.dataset(), candidates=4)
    one.measure()
    target = np.array([3, 9], np.int32)
    chosen, chance = one._candidates(np.array([0, 1]), target, one.table, np.random.default_rng(0))
    assert chance is not None
    assert {0, 1, 3, 9} <= set(chosen.tolist())
    assert (chance[np.isin(chosen, [0, 1, 3, 9])] == 0).all()
    assert np.isfinite(float(one.loss(0, np.random.default_rng(0)).detach()))


def test_labels_and_numbers_and_what_people_wrote_are_learnt_too(recipe):
    goods = small.catalog()
    titles = goods.column("title")
    price = np.linspace(1, 9, len(goods))
    more = goods.with_column("queries", titles).with_column("price", price)
    data = small.dataset(goods=more)
    plain = float(objective(recipe, small.dataset()).loss(0, np.random.default_rng(0)).detach())
    assert float(objective(recipe, data).loss(0, np.random.default_rng(0)).detach()) > plain + 0.1
    torch.manual_seed(0)
    labelled = objective(recipe, small.dataset(), labels="category")
    assert labelled.heads.labelled
    assert labelled.heads.head.out_features == len(small.PAIRS)
    assert float(labelled.loss(0, np.random.default_rng(0)).detach()) == pytest.approx(plain + np.log(2), abs=0.3)
    assert not objective(recipe, data, labels="price").heads.labelled
    with pytest.raises(UnknownName, match="did you mean 'category'"):
        objective(recipe, data, labels="categry")
    with pytest.raises(BadInput, match="says the same of all goods"):
        Heads.of(goods.with_column("size", strings(["one"] * len(goods))), "size", 8)


def test_recall_is_of_goods_that_the_person_does_not_have():
    """Next to the first of four goods on a circle, which is owned, stands the second, which was taken."""
    goods = Catalog(Ids("abcd"), {"title": strings("abcd")})
    log = world.log([Event("u", item, "purchase", time) for time, item in enumerate("ab")], goods)
    questions = Questions.of(last_out(Dataset(goods, log)).cases, 4, 0.5)
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [-1, 0]], np.float32)
    assert questions.recall(vectors).tolist() == [1.0]
    assert (questions.asked.toarray() == [[1, 0, 0, 0]]).all()


HARD = [
    "",
    None,
    "\u200b\u200d",
    "\u202eanvil\u202c red",
    "red " * 200,
    "<b>red</b> <script>anvil</script>",
    "red 红色 أحمر anvil",
    "anvil " + "x" * 10_000,
    "\ud800 red",
]


def test_titles_that_nobody_should_write_are_read_or_left_out(recipe):
    """Empty, invisible, turned round, one word 200 times, HTML, three scripts, 10,000 letters, half a character."""
    goods = small.catalog()
    titles = strings([*HARD, *[str(title) for title in goods.column("title")[len(HARD) :]]])
    more = Catalog(goods.ids, {"title": titles, "description": strings(["anvil " * 2_000] * len(goods))})
    hard = small.dataset(goods=Catalog(goods.ids, {"title": titles}))
    trainable = open_trainable(recipe.base, recipe.tokens)
    tokens = trainable.tokens([title or "" for title in titles])
    assert not any(tokens[:3])
    assert all(len(numbers) <= 8 for numbers in tokens)
    table = read(trainable, tokens, "fp32")
    assert torch.isfinite(table.centred).all()
    assert not table.centred[:3].any()
    one = Objective(recipe, trainable, tokens, lessons(hard, 0.6), Questions.of([], len(goods), 0.6), Heads.of(more, None, 32))
    assert np.isfinite(float(one.loss(0, np.random.default_rng(0)).detach()))
    assert not set(one.goods) & {0, 1, 2}


@pytest.mark.parametrize("people", [0, 1])
def test_a_shop_without_events_or_with_one_person_says_what_is_missing(people, recipe, tmp_path):
    with pytest.raises(BadInput, match=f"{people} people took one thing after another"):
        finetune(small.dataset(people=people), recipe, open_encoder(WEAK), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_that_is_no_model_is_named(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"is not a model that can be trained: tokenizer\.json is missing"):
        open_trainable(f"hf:{tmp_path}")
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(EncoderError, match="is not a model that can be trained"):
        open_trainable(f"hf:{tmp_path}")
    with pytest.raises(BadSetting, match=r"'onnx:x' cannot be trained; take pkg:minilm, or hf:x"):
        open_trainable("onnx:x")


@pytest.mark.parametrize(
    ("name", "value"), [("method", "loar"), ("precision", "fp8"), ("temperature", 0), ("tokens", 3), ("minutes", 0)]
)
def test_settings_outside_their_range_are_refused(name, value):
    with pytest.raises((BadSetting, UnknownName), match=name if name != "method" else "did you mean 'lora'"):
        Finetune(**{name: value})


def test_the_vectors_that_judge_are_those_that_embed_gives():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 8)).astype(np.float32)
    assert whitened(vectors, 4)[0].shape == (40, 4)
    assert module.measured(np.array([0.0, 1.0, 1.0, 1.0]), 1).mean == 0.75


def test_a_result_is_kept_and_read_again(done, tmp_path):
    kept.write(tmp_path / "found.json", done[0])
    assert kept.read(tmp_path / "found.json", Finetuned, "again") == done[0]
