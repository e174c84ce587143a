"""Stable-Baselines3 beside our arrays: the environment as it wants it, checkpoints without pickle, the network as arrays."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import configure
from stable_baselines3.common.vec_env import VecEnv

from assortment.core.progress import tell
from assortment.rl.memory import Floats
from assortment.rl.ppo import Batch, Network, Training

CLIP, LAMBDA, LONGEST, FAR = 0.2, 0.95, 0.5, 0.02
"""Of the ratio; of the generalised advantages; of gradients; and the KL at which an update ends."""


class Environments(VecEnv):
    """A batch of episodes as Stable-Baselines3's vectorised environment; its actions lie within -1 … 1."""

    def __init__(self, batch: Batch, seed: int) -> None:
        low, high = (np.full(batch.acted, end, np.float32) for end in (-1, 1))
        edge = np.full(batch.observed, np.inf, np.float32)
        super().__init__(batch.people, gymnasium.spaces.Box(-edge, edge), gymnasium.spaces.Box(low, high))
        self.batch, self._first = batch, seed
        self._acts: Floats = np.zeros((batch.people, batch.acted), np.float32)

    def reset(self) -> Floats:
        return self.batch.begin(self._first)

    def step_async(self, actions: Floats) -> None:
        self._acts = actions

    def step_wait(self) -> Any:
        seen, rewards, ended, cut, last = self.batch.act(self._acts)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for person in np.flatnonzero(ended | cut):
            infos[person] = {"terminal_observation": last[person], "TimeLimit.truncated": bool(cut[person] & ~ended[person])}
        return seen, rewards, ended | cut, infos

    def close(self) -> None:
        """Nothing is open."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self, attr_name, None)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        raise AttributeError(f"'{attr_name}' of one episode cannot be set")

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        raise AttributeError(f"one episode has no '{method_name}'")

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False] * self.num_envs


class _Watch(BaseCallback):
    """Tells of each update, keeps where it is, and ends where it is enough."""

    def __init__(self, training: Training, folder: Path | None, enough: Callable[[], bool], curve: Sequence[float]) -> None:
        super().__init__()
        self.training, self.folder, self.enough = training, folder, enough
        self.curve = list(curve)

    def _on_step(self) -> bool:
        return not self.enough()

    def _on_rollout_end(self) -> None:
        self.curve.append(float(self.model.rollout_buffer.rewards.mean()))  # type: ignore[attr-defined]
        tell("policy", len(self.curve), self.training.updates, f"scaled reward {self.curve[-1]:.3f}")
        self.logger.record("rollout/reward a visit", self.curve[-1])

    def _on_rollout_start(self) -> None:
        if self.folder is not None and self.curve:
            checkpoint(self.folder, self.model, self.curve)


def train(batch: Batch, training: Training, seed: int, folder: Path | None, enough: Callable[[], bool]) -> Network:
    """As `ppo.train` says it."""
    model = fresh(batch, training, seed)
    curve: list[float] = resumed(folder, model, training) if folder is not None else []
    if folder is not None:
        model.set_logger(configure(str(folder), ["tensorboard"]))
    left = training.updates - len(curve)
    if left > 0:
        share = left / training.updates
        model.lr_schedule = lambda remains: training.rate * share * remains
        watch = _Watch(training, folder, enough, curve)
        torch.set_num_threads(1)
        model.learn(left * training.visits * training.people, callback=watch)
        curve = watch.curve
        if folder is not None:
            checkpoint(folder, model, curve)
    return Network(layers(model), tuple(curve))


def fresh(batch: Batch, training: Training, seed: int) -> PPO:
    """The learner before it has learnt."""
    sizes = [training.hidden, training.hidden]
    return PPO(
        "MlpPolicy",
        Environments(batch, seed),
        learning_rate=lambda remains: training.rate * remains,
        n_steps=training.visits,
        batch_size=training.people * training.visits // training.minibatches,
        n_epochs=training.epochs,
        gamma=training.gamma,
        gae_lambda=LAMBDA,
        clip_range=CLIP,
        max_grad_norm=LONGEST,
        target_kl=FAR,
        policy_kwargs={"net_arch": {"pi": sizes, "vf": sizes}, "log_std_init": training.spread, "activation_fn": torch.nn.Tanh},
        seed=seed,
        device="cpu",
    )


def layers(model: PPO) -> tuple[Floats, ...]:
    """The weights and biases of the mean of the policy, in turn."""
    actor: Any = model.policy
    linear = [module for module in actor.mlp_extractor.policy_net if isinstance(module, torch.nn.Linear)]
    return tuple(
        part.detach().numpy().copy() for module in (*linear, actor.action_net) for part in (module.weight, module.bias)
    )


def checkpoint(folder: Path, model: Any, curve: Sequence[float]) -> None:
    """Keep where a training is, in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {"policy": model.policy.state_dict(), "adam": model.policy.optimizer.state_dict(), "curve": list(curve)}
    torch.save(state, folder / "coming.pt")
    (folder / "coming.pt").replace(folder / "checkpoint.pt")


def resumed(folder: Path, model: Any, training: Training) -> list[float]:
    """Go on where a training was; what it had come to, nothing where there was none of this shape."""
    file = folder / "checkpoint.pt"
    if not file.exists():
        return []
    state = torch.load(file, weights_only=True)
    model.policy.load_state_dict(state["policy"])
    model.policy.optimizer.load_state_dict(state["adam"])
    return state["curve"][: training.updates]
