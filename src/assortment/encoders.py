"""The encoders of a shop: tuned on what its people did, served by name, rolled back."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assortment import kept
from assortment.core.errors import BadSetting, did_you_mean
from assortment.finetune.encoders import KIND, based_on, by_name, encoders, place, served
from assortment.language.choose import AUTO
from assortment.language.encode import encoder_for, open_encoder
from assortment.shop import Shop
from assortment.understand.embed import Embed

if TYPE_CHECKING:
    from assortment.finetune.recipe import Finetune
    from assortment.finetune.result import Finetuned


@dataclass(frozen=True)
class Encoders:
    """What can be done with the encoders of a shop. A change is written to `shop.toml`, the settings before being kept beside
    it, and serves from the next fit on."""

    shop: Shop

    def tune(self, recipe: "Finetune", name: str | None = None, track: str = "none") -> "tuple[str, Finetuned]":
        """Tune the encoder by which goods are compared, and let the tuned one serve where it is better beyond chance.

        The run lies in `encoders/NAME`; one that was killed goes on, with the same settings. name: None for the method and a
        number; track: who draws the run, as in `open_tracker`.
        """
        from assortment.finetune.run import finetune
        from assortment.learn.track import open_tracker

        dataset, folder, embed = self.shop.dataset(), place(self._folder, name, recipe.method), self._embed
        serving = encoder_for(embed.encoder, dataset.catalog)
        recipe = replace(recipe, base=based_on(recipe.base, serving.spec), dims=embed.dims)
        tracker = open_tracker(track, self.shop.folder / "runs", folder.name, kept.plain(recipe))
        try:
            found = finetune(dataset, recipe, serving, folder, tracker)
        finally:
            tracker.close()
        kept.write(folder / "finetuned.json", found)
        if found.won:
            self._serve(f"{KIND}{folder.name}", found.words)
        return folder.name, found

    @property
    def tuned(self) -> "dict[str, Finetuned]":
        """Those that were tuned, by name."""
        self.shop.require()
        return encoders(self._folder)

    @property
    def serving(self) -> str:
        """By which encoder the settings compare goods: `tuned:NAME`, or a spec."""
        plan = by_name(self.shop.settings.plan, self._folder)
        embed = next((part for part in plan.understand if isinstance(part, Embed)), None)
        return embed.encoder if embed else "none"

    def serve(self, name: str) -> None:
        """Compare goods by another encoder: a tuned one by its name, or any other by its spec, such as `auto`."""
        known = self.tuned
        if name in known:
            return self._serve(f"{KIND}{name}", known[name].words)
        if name != AUTO:
            if ":" not in name:
                raise did_you_mean("tuned encoder", name, [*known, AUTO])
            open_encoder(name)
        return self._serve(name, False)

    def _serve(self, spec: str, words: bool) -> None:
        settings = self.shop.settings
        self.shop.change(replace(settings, plan=served(by_name(settings.plan, self._folder), spec, words)))

    @property
    def _embed(self) -> Embed:
        embed = next((recipe for recipe in self.shop.settings.plan.understand if isinstance(recipe, Embed)), None)
        if embed is None:
            raise BadSetting("the plan has no 'embed', so no encoder compares goods; add it to what is understood")
        return embed

    @property
    def _folder(self) -> Path:
        return self.shop.folder / "encoders"
