"""Asks for recorded answers once more: the same pack, the same prompt, alone and in company."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from suture.core.errors import BadFile, SutureError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.replayed import Replay, Replayed
from suture.core.measure.served_answer import TierTried
from suture.core.measure.served_record import ServedRecord
from suture.core.measure.speech import Speech
from suture.core.plan.speaker import Speaker
from suture.engines.llamacpp_speaker import LlamaCppSpeaker
from suture.engines.table import LLAMACPP
from suture.files.small_files import sha256_of
from suture.packs.bases.pack_template import template_of
from suture.serve.asked_again import Again, CannotAsk, Heard, again, compared, given_tier
from suture.store.kept_packs import verified_pack
from suture.store.served_file import ServedFile, served_records
from suture.store.store import Store, open_store
from suture.wiring.adapter_files import adapter_for_llamacpp
from suture.wiring.gguf_packs import GgufPacks

USUAL_CONTEXT = 4096


@dataclass
class PacksAgain:
    """Finds the packs that gave recorded answers, and asks them again.

    Attributes:
        file: the records, which say where a pack lay that is none of the store's.
        engine: name of the engine that is asked again.
    """

    engine: ClassVar[str] = LLAMACPP.name

    store: Store
    file: ServedFile
    _paths: dict[str, Path] = field(default_factory=dict[str, Path])
    _templates: dict[str, ChatTemplate] = field(default_factory=dict[str, ChatTemplate])

    def path(self, sha256: str) -> Path:
        """Raises CannotAsk: the pack is neither in the store nor where it lay, with the bytes it had."""
        if sha256 not in self._paths:
            self._paths[sha256] = self._find(sha256)
        return self._paths[sha256]

    def template(self, sha256: str) -> ChatTemplate:
        """Raises CannotAsk as ``path``."""
        if sha256 not in self._templates:
            self._templates[sha256] = template_of(self.path(sha256))
        return self._templates[sha256]

    def adapters(self, tier: TierTried) -> dict[str, Path]:
        """What was loaded beside a tier's pack, by SHA-256. Raises CannotAsk: it is not there any more."""
        if tier.adapter is None:
            return {}
        sha256 = tier.adapter.sha256
        kept, made = self.store.home.adapter_directory(sha256), self.store.home.adapter(sha256)
        if kept.exists():
            return {sha256: adapter_for_llamacpp(self.store.home, kept, sha256, self.path(tier.pack))}
        if not made.exists():  # of an adapter that was never kept only what was made of it is here
            raise CannotAsk(f"its adapter {sha256[:12]} is not here any more")
        return {sha256: made}

    def identity(self, tier: TierTried) -> EngineIdentity:
        """The instrument that answered, as it is here and now."""
        choice = EngineChoice(name=LLAMACPP.name, threads=tier.engine.threads, batch=tier.engine.batch)
        return LLAMACPP.identify(choice)

    @contextmanager
    def speaking(self, tier: TierTried) -> Generator["Asking"]:
        """Load the pack of a tier as it was served.

        Raises:
            CannotAsk: as ``path``.
            MissingTool: llama.cpp is not installed.
        """
        pack, identity, adapters = self.path(tier.pack), self.identity(tier), self.adapters(tier)
        context = min(USUAL_CONTEXT, GgufPacks().context(pack) or USUAL_CONTEXT)
        with closing(asyncio.new_event_loop()) as loop:

            async def load() -> LlamaCppSpeaker:
                return LlamaCppSpeaker(pack, identity, slots=identity.batch, context=context, adapters=adapters)

            with closing(loop.run_until_complete(load())) as speaker:
                yield Asking(loop, speaker)

    def _find(self, sha256: str) -> Path:
        try:
            return verified_pack(self.store, sha256)
        except BadFile:
            path = self.file.pack_path(sha256)
        if path is None or not path.is_file() or sha256_of(path) != sha256:
            raise CannotAsk(f"its pack {sha256[:12]} is not here any more")
        return path


def replay(home: Path | None, record_id: str, choice: int = 0) -> Replayed:
    """Ask for one recorded answer again.

    Raises:
        UnknownName: no such record.
        BadFile: nothing was ever recorded here.
        MissingTool: llama.cpp is not installed.
    """
    with open_store(home) as store, served_records(store.home.served) as file:
        record = file.record(record_id)
        try:
            return replayed(PacksAgain(store, file), record, choice)
        except CannotAsk as error:
            return Replayed(record=record_id, choice=choice, outcome=Replay.CANNOT, why=str(error))


def replayed(packs: PacksAgain, record: ServedRecord, choice: int) -> Replayed:
    """As ``replay``: alone, and where that differs in a full batch, since an answer may have been made in company.

    Raises:
        CannotAsk: why it cannot be asked.
    """
    tier = given_tier(record, choice)
    one = ready(packs, record, choice)
    identity = packs.identity(tier)
    with packs.speaking(tier) as ask:
        changed = identity.changes_since(tier.engine)
        alone = asyncio.run(compared(one, ask([one.speech])[0], asked="alone", changed=changed))
        if alone.outcome is Replay.SAME or identity.batch == 1:
            return alone
        together = ask([one.speech] * identity.batch)[0]
        company = asyncio.run(compared(one, together, asked=f"in a batch of {identity.batch}", changed=changed))
        return company if company.outcome is Replay.SAME else alone


def ready(packs: PacksAgain, record: ServedRecord, choice: int) -> Again:
    """Raises CannotAsk: the pack, the prompt or the engine is not what it was."""
    tier = given_tier(record, choice)
    if tier.engine.name != packs.engine:
        raise CannotAsk(f"it was answered by {tier.engine.name}, which is not asked again")
    packs.adapters(tier)
    return again(record, choice, packs.template(tier.pack))


class Asking:
    """Asks one pack, several prompts at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop, speaker: Speaker) -> None:
        self._loop, self._speaker = loop, speaker

    def __call__(self, speeches: Sequence[Speech]) -> list[Heard]:
        """Raises CannotAsk: the engine refuses or fails."""
        try:
            return self._loop.run_until_complete(self._all(speeches))
        except SutureError as error:
            raise CannotAsk(f"the engine does not answer it: {error}") from None

    async def _all(self, speeches: Sequence[Speech]) -> list[Heard]:
        return list(await asyncio.gather(*(self._one(speech) for speech in speeches)))

    async def _one(self, speech: Speech) -> Heard:
        async with aclosing(self._speaker.speak(speech)) as said:
            return Heard(tuple([part async for part in said]))
