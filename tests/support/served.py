"""Records of answers that a script gave, and the same script asked again: for tests of what is made of claims."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from doors import CHATML, PACK, open_door, responder
from fake_speaker import FakeSpeaker

from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.served_answer import TierTried
from suture.core.measure.served_record import Claim, Opinion
from suture.core.measure.task import AnswerForm
from suture.serve.record_writer import RecordWriter
from suture.store.served_file import ServedFile
from suture.wiring.replay import Asking, PacksAgain

Says = Callable[[str], str]
"""An answer to a rendered prompt."""


def serve(
    path: Path, says: Says, prompts: Sequence[str], *, form: AnswerForm | None = None, **more: object
) -> list[str]:
    """Answer prompts behind a door; returns the ids of their records."""
    speaker = FakeSpeaker(lambda speech: says(str(speech.prompt)))
    with closing(RecordWriter(path)) as writer, open_door(responder(speaker, form=form), records=writer) as door:
        said = [door.chat(messages=[{"role": "user", "content": prompt}], **more) for prompt in prompts]
    return [one.json()["id"] for one in said]


def mark(path: Path, record: str, opinion: str, by: str = "ann", correction: str | None = None) -> None:
    claim = Claim(record=record, opinion=Opinion(opinion), by=by, at="2026-01-01T00:00:00+00:00", correction=correction)
    with closing(ServedFile(path)) as file, file.transaction():
        file.add_claim(claim)


class ScriptedPacks(PacksAgain):
    """``says``: what the pack says when it is asked again."""

    engine = "fake"

    def answering(self, says: Says) -> "ScriptedPacks":
        self.says = says
        return self

    def path(self, sha256: str) -> Path:
        return Path(PACK)

    def template(self, sha256: str) -> ChatTemplate:
        return CHATML

    def identity(self, tier: TierTried) -> EngineIdentity:
        return tier.engine

    @contextmanager
    def speaking(self, tier: TierTried) -> Generator[Asking]:
        speaker = FakeSpeaker(lambda speech: self.says(str(speech.prompt)))
        with closing(asyncio.new_event_loop()) as loop:
            yield Asking(loop, speaker)
