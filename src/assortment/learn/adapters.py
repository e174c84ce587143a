"""What of a pretrained model is trained: all of it, or a few numbers beside it."""

import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assortment.core.errors import BadSetting, did_you_mean, within
from assortment.learn.loop import NO_RULE, Rule
from assortment.learn.losses import orthogonal

OUTPUT = re.compile(r"(^|\.)output\.dense$")
"""Where a bottleneck stands in models built like BERT: after the attention, and after the feed-forward net."""

TURNS = 1000
"""Into so many parts AdaLoRA's budget is cut, however many steps there are."""


@dataclass(frozen=True, eq=False)
class Adapted:
    """A model of which only what a method trains wants gradients; rule: what happens after each step; penalty: what is added to
    the loss; merged: the model as it is exported, its adapter part of its weights where that can be."""

    model: nn.Module
    rule: Rule
    penalty: Callable[[], Tensor]
    merged: Callable[[], nn.Module]


def adapt(model: nn.Module, method: str, rank: int = 8) -> Adapted:
    """Make a transformer trainable by one method; at first it gives what it gave before, but with `prefix`.

    rank: of `lora` and `adalora` (Hu et al., 2022; Zhang et al., 2023), 1 … 256; of `adapter`, a bottleneck of four times as
    many dimensions (Houlsby et al., 2019); of `prefix`, so many vectors before every layer's keys and values (Li and
    Liang, 2021).
    `full` trains every weight. Raises `BadSetting` for a model that a method does not suit.
    """
    if method not in _ADAPTED:
        raise did_you_mean("method", method, _ADAPTED)
    within("rank", rank, 1, 256)
    if getattr(model, "pooler", None) is not None:
        model.pooler = None  # pyrefly: ignore
    return _ADAPTED[method](model, rank)


def trained(model: nn.Module) -> dict[str, Tensor]:
    """The delta: what a method trains, by name."""
    return {name: weight.detach() for name, weight in model.named_parameters() if weight.requires_grad}


def put(model: nn.Module, delta: Mapping[str, Tensor]) -> None:
    """Give an adapted model a delta; raises `BadSetting` where it is of another model or method."""
    weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    unlike = [name for name in weights.keys() | delta.keys() if name not in weights or name not in delta]
    if unlike or any(weights[name].shape != delta[name].shape for name in weights):
        raise BadSetting(f"the delta is of another model or method: {(unlike or ['its sizes differ'])[0]}")
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(delta[name])


def _nothing() -> Tensor:
    return torch.zeros(())


def _full(model: nn.Module, _: int) -> Adapted:
    model.requires_grad_(True)
    return Adapted(model, NO_RULE, _nothing, lambda: model)


def _peft(model: nn.Module, config: Any) -> Any:
    import peft

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return peft.get_peft_model(model, config)  # pyrefly: ignore
        except ValueError as error:
            raise BadSetting(f"the method does not suit this model: {error}") from error


def _lora(model: nn.Module, rank: int) -> Adapted:
    import peft

    adapted = _peft(model, peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear"))
    return Adapted(adapted, NO_RULE, _nothing, adapted.merge_and_unload)


def _adalora(model: nn.Module, rank: int) -> Adapted:
    import peft

    config = peft.AdaLoraConfig(
        init_r=math.ceil(1.5 * rank),
        target_r=rank,
        lora_alpha=2 * rank,
        target_modules="all-linear",
        total_step=TURNS,
        tinit=TURNS // 10,
        tfinal=TURNS // 2,
        deltaT=1,
    )
    adapted = _peft(model, config)
    matrices = [weight for name, weight in adapted.named_parameters() if ".lora_A." in name or ".lora_B." in name]
    return Adapted(adapted, _Ranks(adapted.base_model), lambda: 0.1 * orthogonal(matrices), adapted.merge_and_unload)


def _prefix(model: nn.Module, rank: int) -> Adapted:
    import peft

    adapted = _peft(model, peft.PrefixTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=rank))
    return Adapted(adapted, NO_RULE, _nothing, lambda: adapted)


def _adapter(model: nn.Module, rank: int) -> Adapted:
    model.requires_grad_(False)
    places = [name for name, part in model.named_modules() if OUTPUT.search(name) and isinstance(part, nn.Linear)]
    if not places:
        raise BadSetting("'adapter' needs a model built like BERT, with layers called output.dense; take 'lora'")
    for name in places:
        parent: Any = model.get_submodule(name.rpartition(".")[0])
        parent.dense = Bottleneck(parent.dense, 4 * rank)
    return Adapted(model, NO_RULE, _nothing, lambda: model)


class Bottleneck(nn.Module):
    """A layer and, after it, `x + up(gelu(down(x)))`, whose way up begins at zero (Houlsby et al., ICML 2019)."""

    def __init__(self, layer: nn.Linear, size: int) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Linear(layer.out_features, size)
        self.up = nn.Linear(size, layer.out_features)
        nn.init.normal_(self.down.weight, std=0.02)
        for weight in (self.down.bias, self.up.weight, self.up.bias):
            nn.init.zeros_(weight)

    def forward(self, states: Tensor) -> Tensor:
        """[…, d] to […, d]."""
        found = self.layer(states)
        return found + self.up(nn.functional.gelu(self.down(found)))


class _Ranks:
    """AdaLoRA's rule: ranks go where they matter, by how much of the budget is spent and not by how many steps were made."""

    def __init__(self, model: Any) -> None:
        self.model, self.allocator = model, model.rankallocator
        self.settled = False

    def after(self, step: int, share: float) -> None:
        last = TURNS // 2
        turn = min(int(share * TURNS), last if not self.settled else TURNS)
        if turn >= last and self.settled:
            turn = max(turn, last + 1)
        self.model.update_and_allocate(turn)
        self.settled = self.settled or turn == last

    def state(self) -> dict[str, Tensor]:
        """The importance of every rank, and which are kept."""
        sums = {f"{part} {name}": value for part in _SUMS for name, value in getattr(self.allocator, part).items()}
        pattern = self._config.rank_pattern or {}
        kept = {f"rank {name}": torch.tensor(ranks) for name, ranks in pattern.items()}
        return {**sums, **kept, "settled ": torch.tensor(self.settled)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        self._config.rank_pattern = {}
        for key, value in state.items():
            part, _, name = key.partition(" ")
            if part == "settled":
                self.settled = bool(value)
            elif part == "rank":
                self._config.rank_pattern[name] = value.tolist()
            else:
                getattr(self.allocator, part)[name] = value

    @property
    def _config(self) -> Any:
        return self.model.peft_config[self.model.trainable_adapter_name]


_SUMS = ("ipt", "exp_avg_ipt", "exp_avg_unc")

_ADAPTED: Mapping[str, Callable[[Any, int], Adapted]] = {
    "full": _full,
    "lora": _lora,
    "adalora": _adalora,
    "adapter": _adapter,
    "prefix": _prefix,
}
