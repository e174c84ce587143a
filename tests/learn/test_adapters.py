"""What of a model each method trains."""

import warnings

import pytest
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from assortment.core.errors import BadSetting, UnknownName
from assortment.learn.adapters import adapt, put, trained

METHODS = ("full", "lora", "adalora", "adapter", "prefix")


def bert() -> BertModel:
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    return BertModel(BertConfig(vocab_size=30, hidden_dropout_prob=0, attention_probs_dropout_prob=0, **sizes))


def read(model: nn.Module) -> Tensor:
    ids = torch.tensor([[2, 7, 9, 3], [2, 8, 3, 0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return model(input_ids=ids, attention_mask=(ids > 0).long()).last_hidden_state[:, 0]


def step(model: nn.Module, adapted, times: int = 3) -> None:
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=0.05)
    for at in range(times):
        optimiser.zero_grad()
        (read(model)[0, 0] + adapted.penalty()).backward()
        optimiser.step()
        adapted.rule.after(at, at / times)


@pytest.mark.parametrize("method", [method for method in METHODS if method != "prefix"])
def test_a_model_just_adapted_gives_what_it_gave_before(method):
    before = read(bert())
    assert torch.allclose(read(adapt(bert(), method, 2).model), before, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_step_moves_what_the_method_trains_and_nothing_else(method):
    adapted = adapt(bert(), method, 2)
    model = adapted.model
    frozen = {name: weight.clone() for name, weight in model.named_parameters() if not weight.requires_grad}
    before, first = trained(model), read(model).detach().clone()
    before = {name: weight.clone() for name, weight in before.items()}
    step(model, adapted)
    assert all((weight == frozen[name]).all() for name, weight in model.named_parameters() if name in frozen)
    assert any((weight != before[name]).any() for name, weight in trained(model).items())
    assert not torch.allclose(read(model), first)
    assert (method == "full") == (not frozen)


@pytest.mark.parametrize("method", METHODS)
def test_a_delta_put_into_the_base_model_makes_the_tuned_one(method):
    adapted = adapt(bert(), method, 2)
    step(adapted.model, adapted)
    again = adapt(bert(), method, 2)
    put(again.model, trained(adapted.model))
    assert torch.allclose(read(again.model), read(adapted.model), atol=1e-6)
    with pytest.raises(BadSetting, match="of another model or method"):
        put(adapt(bert(), "full" if method != "full" else "lora", 2).model, trained(adapted.model))


@pytest.mark.parametrize("method", METHODS)
def test_merged_it_reads_the_same(method):
    adapted = adapt(bert(), method, 2)
    step(adapted.model, adapted)
    expected = read(adapted.model).detach().clone()
    assert torch.allclose(read(adapted.merged()), expected, atol=1e-5)


def test_adalora_ends_with_the_ranks_that_it_was_given_wherever_they_matter():
    """Of 12 layers with 3 ranks each, 24 stay when the first half of the budget is spent, whatever the number of steps."""
    adapted = adapt(bert(), "adalora", 2)
    optimiser = torch.optim.AdamW([weight for weight in adapted.model.parameters() if weight.requires_grad], lr=0.05)
    for at in range(8):
        optimiser.zero_grad()
        (read(adapted.model) ** 2).sum().backward()
        optimiser.step()
        adapted.rule.after(at, at / 8)
    values = [weight for name, weight in trained(adapted.model).items() if ".lora_E" in name]
    assert sum(int((value != 0).sum()) for value in values) == 2 * len(values)


def test_adalora_knows_on_another_day_what_mattered():
    adapted = adapt(bert(), "adalora", 2)
    step(adapted.model, adapted, 6)
    again = adapt(bert(), "adalora", 2)
    again.rule.restore(adapted.rule.state())
    one, other = adapted.rule.state(), again.rule.state()
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_methods_and_models_that_do_not_go_together_are_refused():
    with pytest.raises(UnknownName, match="did you mean 'lora'"):
        adapt(bert(), "loar")
    with pytest.raises(BadSetting, match="built like BERT"):
        adapt(nn.Sequential(nn.Linear(2, 2)), "adapter")
    with pytest.raises(BadSetting, match="rank"):
        adapt(bert(), "lora", 0)
