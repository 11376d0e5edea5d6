"""Loads models to be served, each file once: adapters beside their base, servers elsewhere by their address."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.policy import Policy, Tier
from suture.core.model.adapter_records import ADAPTER_CONFIG
from suture.core.plan.speaker import Speaker
from suture.engines.isolated import IsolatedSpeaker
from suture.engines.llamacpp_speaker import LlamaCppSpeaker
from suture.engines.table import LLAMACPP, OPENAI
from suture.files.small_files import sha256_of
from suture.packs.bases.pack_template import servable
from suture.serve.shelf import Loaded, Shelf
from suture.store.home import Home
from suture.wiring.adapter_files import adapter_for_llamacpp
from suture.wiring.first_words import first_words, require_same_words
from suture.wiring.serve import Serving


@dataclass(frozen=True)
class Wanted:
    """One model to be loaded.

    Attributes:
        pack: the file; of a server elsewhere the one whose chat template its prompts are rendered with.
        adapters: PEFT directories by the SHA-256 of their weights, loaded beside it.
        configs: of these, what else their configurations say, in the same order.
        engine: a server elsewhere; None for llama.cpp in this process.
    """

    sha256: str
    pack: Path
    adapters: tuple[tuple[str, Path], ...] = ()
    engine: EngineChoice | None = None
    configs: tuple[str, ...] = ()

    @property
    def _beside(self) -> set[str]:
        """Its adapters, each with its configuration."""
        names = [sha256 for sha256, _ in self.adapters]
        return {f"{name}:{config}" for name, config in zip_longest(names, self.configs, fillvalue="")}

    @property
    def key(self) -> str:
        """Names it on the shelf."""
        if self.engine is not None:
            return f"{OPENAI.name} {self.engine.url} {self.engine.model} {self.sha256}"
        return "+".join([self.sha256, *sorted(self._beside)])

    def is_met_by(self, key: str) -> bool:
        """Whether what is loaded under ``key`` is this model, perhaps with more adapters beside it."""
        if self.engine is not None:
            return key == self.key
        pack, *adapters = key.split("+")
        return pack == self.sha256 and set(adapters) >= self._beside


Beside = Mapping[str, Mapping[str, Path]]
"""By pack: the adapters that are loaded with it, whoever uses them, so that each pack is loaded once."""


def adapters_beside(sources: Iterable[tuple[Policy, Mapping[str, Path]]]) -> Beside:
    """Which adapters go with which pack, over several policies with their adapters.

    Raises:
        UsageError: two adapters that an engine could not tell apart.
    """
    beside: dict[str, dict[str, Path]] = {}
    for policy, adapters in sources:
        for tier in policy.tiers:
            if tier.adapter is not None:
                here, sha256 = beside.setdefault(tier.pack, {}), tier.adapter.sha256
                known = here.setdefault(sha256, adapters[sha256])
                if known != adapters[sha256] and _config_of(known) != _config_of(adapters[sha256]):
                    said = f"{known} and {adapters[sha256]} have equal weights and other configurations"
                    raise UsageError(said, mend="serve them from two processes")
    return beside


def wanted_of(tiers: Sequence[Tier], packs: Mapping[str, Path], beside: Beside) -> dict[str, Wanted]:
    """By tier: the models of a policy.

    Raises:
        UsageError: a tier of an engine that cannot serve, or an adapter for a server elsewhere.
    """
    return {tier.name: _wanted(tier, packs[tier.pack], beside.get(tier.pack, {})) for tier in tiers}


def _wanted(tier: Tier, pack: Path, beside: Mapping[str, Path]) -> Wanted:
    engine = tier.engine
    if engine is None or engine.name in (LLAMACPP.name, "openvino", "auto"):
        adapters = tuple(sorted(beside.items()))
        configs = tuple(_config_of(directory) for _, directory in adapters)
        return Wanted(tier.pack, pack, adapters, configs=configs)
    if engine.name != OPENAI.name:
        raise UsageError(
            f"tier {tier.name!r}: engine {engine.name!r} cannot serve", mend="engine: {name: llamacpp}, or openai"
        )
    if tier.adapter is not None:
        raise UsageError(f"tier {tier.name!r}: a server elsewhere loads no adapter")
    return Wanted(tier.pack, pack, engine=engine)


def _config_of(adapter: Path) -> str:
    """What its configuration is, in short; nothing where it has none, which is said when it is loaded."""
    file = adapter / ADAPTER_CONFIG
    return sha256_of(file)[:16] if file.is_file() else ""


OpenSpeaker = Callable[[Wanted], tuple[Speaker, ChatTemplate]]
"""Loads a model and reads its chat template; called in a thread. Raises SutureError."""


class ModelLoader:
    """``open_speaker``: for tests; by default llama.cpp, or a server elsewhere. ``note_pack``: told of each file."""

    def __init__(
        self,
        home: Path | None,
        serving: Serving,
        open_speaker: OpenSpeaker | None = None,
        note_pack: Callable[[str, Path], None] | None = None,
    ) -> None:
        self._home, self._serving, self._note = Home(home), serving, note_pack
        self._open = open_speaker or self._open_real

    async def load(self, wanted: Wanted, shelf: Shelf) -> Loaded:
        """The model on the shelf; loaded, and asked for its first words, where it is not there yet.

        Raises:
            UsageError and its children: it cannot be loaded, carries no chat template, or does not say first what it
                said when it was promoted.
            Fault: it does not answer.
        """
        known = next((one for key, one in shelf.loaded.items() if wanted.is_met_by(key)), None)
        if known is not None:
            known.retired = False
            return known
        speaker, template = await asyncio.to_thread(self._open, wanted)
        words = ""
        if wanted.engine is None:
            try:
                words = require_same_words(self._home, wanted.sha256, await first_words(speaker, template))
            except BaseException:
                await asyncio.to_thread(speaker.close)
                raise
            if self._note is not None:
                self._note(wanted.sha256, wanted.pack.resolve())
        loaded = Loaded(wanted.key, speaker, template, words)
        shelf.put(loaded)
        return loaded

    def _open_real(self, wanted: Wanted) -> tuple[Speaker, ChatTemplate]:
        info = servable(wanted.pack)
        if wanted.engine is not None:
            return self._open_elsewhere(wanted.engine), info.template
        return self._open_here(wanted, self._serving.context_of(info)), info.template

    def _open_here(self, wanted: Wanted, context: int) -> Speaker:
        choice = EngineChoice(name=LLAMACPP.name, threads=self._serving.threads, batch=self._serving.slots)
        adapters = {
            sha256: adapter_for_llamacpp(self._home, path, sha256, wanted.pack) for sha256, path in wanted.adapters
        }
        open_speaker = IsolatedSpeaker if self._serving.isolate else LlamaCppSpeaker
        return open_speaker(
            wanted.pack, LLAMACPP.identify(choice), slots=self._serving.slots, context=context, adapters=adapters
        )

    def _open_elsewhere(self, engine: EngineChoice) -> Speaker:
        from suture.engines.openai import server_url
        from suture.engines.openai_speaker import OpenAISpeaker

        if engine.model is None:  # else it would be asked now, and the door could not open while it is away
            raise UsageError("engine openai serves only a model that is named", mend="engine: {..., model: NAME}")
        return OpenAISpeaker(server_url(engine.url), OPENAI.identify(engine), max_tokens=engine.max_tokens)
