"""Students of an encoder: fewer layers, heads and neurons, on tiny random models."""

from dataclasses import replace

import numpy as np
import pytest

from assortment.core.progress import watched_by
from assortment.language.bert import Bert, Turn

torch = pytest.importorskip("torch", reason="students are taught with torch")
student = pytest.importorskip("assortment.language.student")
loop = pytest.importorskip("assortment.learn.loop")

DIMS, HEAD, WIDE, WORDS = 8, 4, 6, 20


def _bert(layers: int, seed: int = 1) -> Bert:
    rng = np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (WORDS, DIMS),
        "embeddings.position_embeddings.weight": (16, DIMS),
        "embeddings.token_type_embeddings.weight": (1, DIMS),
    }
    for number in range(layers):
        name = f"encoder.layer.{number}."
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= {f"{name}attention.{part}.weight": (DIMS, DIMS), f"{name}attention.{part}.bias": (DIMS,)}
        shapes |= {f"{name}intermediate.dense.weight": (WIDE, DIMS), f"{name}intermediate.dense.bias": (WIDE,)}
        shapes |= {f"{name}output.dense.weight": (DIMS, WIDE), f"{name}output.dense.bias": (DIMS,)}
    weights = {name: rng.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}
    norms = ["embeddings.", *(f"encoder.layer.{n}.{part}output." for n in range(layers) for part in ("attention.", ""))]
    for norm in norms:
        weights |= {f"{norm}LayerNorm.weight": np.ones(DIMS, np.float32), f"{norm}LayerNorm.bias": np.zeros(DIMS, np.float32)}
    return Bert(weights, HEAD, 1e-12)


def _vectors(bert: Bert, tokens: list[list[int]]) -> np.ndarray:
    with torch.no_grad():
        return student.Student(bert)(*student.padded(tokens)).numpy()


@pytest.fixture(scope="module")
def teacher() -> Bert:
    return _bert(3)


@pytest.fixture(scope="module")
def lessons(teacher):
    rng = np.random.default_rng(2)
    tokens = [rng.integers(1, WORDS, rng.integers(2, 8)).tolist() for _ in range(200)]
    return student.Lessons(tokens, _vectors(teacher, tokens), np.eye(DIMS, dtype=np.float32))


def test_a_student_of_all_layers_is_its_teacher(teacher, lessons):
    same = _vectors(student.fewer_layers(teacher, 3), lessons.tokens)
    assert same == pytest.approx(lessons.vectors, abs=1e-6)


def test_a_student_begins_with_the_first_the_last_and_those_evenly_between(teacher):
    two = student.fewer_layers(_bert(5), 3)
    for new, old in enumerate((0, 2, 4)):
        name = "attention.self.key.bias"
        assert (two.weights[f"encoder.layer.{new}.{name}"] == _bert(5).weights[f"encoder.layer.{old}.{name}"]).all()
    one = student.fewer_layers(teacher, 1)
    assert one.layers == 1
    assert (one.weights["encoder.layer.0.output.dense.bias"] == teacher.weights["encoder.layer.2.output.dense.bias"]).all()


def test_a_text_alone_and_in_a_batch_has_one_vector(teacher):
    tokens = [[1, 2, 3, 4, 5], [6, 7]]
    assert _vectors(teacher, tokens)[1] == pytest.approx(_vectors(teacher, tokens[1:])[0], abs=1e-6)


def test_the_torch_student_and_its_onnx_graph_agree_whatever_the_layers_kept(teacher, lessons):
    onnxruntime = pytest.importorskip("onnxruntime")
    from assortment.language.bert import graph

    smaller = student.pruned(teacher, lessons, 0.5)
    model = onnxruntime.InferenceSession(graph(smaller).SerializeToString(), providers=["CPUExecutionProvider"])
    ids, mask = (values.numpy() for values in student.padded(lessons.tokens[:9]))
    (found,) = model.run(None, {"input_ids": ids, "attention_mask": mask})
    assert found == pytest.approx(_vectors(smaller, lessons.tokens[:9]), abs=1e-5)


def test_a_taught_student_is_nearer_to_its_teacher_and_its_embeddings_stay(teacher, lessons):
    start = student.fewer_layers(teacher, 1)
    bert, trained = student.taught(start, lessons, loop.Schedule(steps=60, every=20, rate=1e-2, decay=0))
    assert trained.best.value > 0.5 * trained.start.value, "the loss is halved"
    assert trained.best.value < 0
    words = "embeddings.word_embeddings.weight"
    assert (bert.weights[words] == teacher.weights[words]).all()
    before, after = (_vectors(one, lessons.tokens) for one in (start, bert))
    assert (after * lessons.vectors).sum(1).mean() > (before * lessons.vectors).sum(1).mean() + 0.05


def test_what_the_shop_does_not_compare_by_is_not_learnt(teacher, lessons):
    only_first = np.zeros((DIMS, 1), np.float32)
    only_first[0] = 1
    blind = replace(lessons, matrix=only_first)
    start = student.fewer_layers(teacher, 1)
    bert, _ = student.taught(start, blind, loop.Schedule(steps=60, every=20, rate=1e-2, decay=0))
    change = ((_vectors(bert, lessons.tokens) - lessons.vectors) ** 2).mean(0) / lessons.vectors.var(0)
    assert change[0] < 0.5 * change[1:].mean()


def test_a_student_is_taught_behind_the_turns_that_it_will_serve_behind(teacher, lessons):
    centre = lessons.vectors.mean(0)
    centred = lessons.vectors - centre
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    turned = replace(lessons, vectors=centred)
    _, trained = student.taught(teacher, turned, loop.Schedule(steps=1), [Turn(centre)])
    assert trained.start.value == pytest.approx(0, abs=1e-9)


def test_pruning_takes_out_the_head_and_the_neurons_that_do_nothing(teacher, lessons):
    weights = {name: tensor.copy() for name, tensor in teacher.weights.items()}
    weights["encoder.layer.1.attention.output.dense.weight"][:, :HEAD] = 0
    weights["encoder.layer.1.output.dense.weight"][:, [0, 3, 5]] = 0
    idle = replace(teacher, weights=weights)
    smaller = student.pruned(idle, lessons, 0.5)
    kept = smaller.weights["encoder.layer.1.intermediate.dense.bias"]
    assert (kept == weights["encoder.layer.1.intermediate.dense.bias"][[1, 2, 4]]).all()
    kept = smaller.weights["encoder.layer.1.attention.self.query.bias"]
    assert (kept == weights["encoder.layer.1.attention.self.query.bias"][HEAD:]).all()
    assert smaller.weights["encoder.layer.1.attention.output.dense.weight"].shape == (DIMS, HEAD)


def test_at_least_one_head_and_neuron_stay(teacher, lessons):
    smaller = student.pruned(teacher, lessons, 0.99)
    assert smaller.weights["encoder.layer.0.intermediate.dense.weight"].shape == (1, DIMS)
    assert smaller.weights["encoder.layer.0.attention.self.value.weight"].shape == (HEAD, DIMS)
    assert np.isfinite(_vectors(smaller, lessons.tokens)).all()


def test_teaching_tells_how_far_it_is(teacher, lessons):
    told = []
    with watched_by(lambda part, done, total: told.append((part, done, total))):
        student.taught(student.fewer_layers(teacher, 1), lessons, loop.Schedule(steps=2, every=1))
    assert told[-1] == ("teach 1 layers", 2, 2)
