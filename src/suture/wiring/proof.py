"""The two proofs, between llama.cpp and transformers: a base and its source, a pack and the merged weights."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from suture.core.errors import BadFile, MissingTool, UsageError
from suture.core.measure.task import Message
from suture.core.model.base import BASE_GGUF
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.parity import (
    BASE_CHATS,
    BASE_CHATS_ASKED,
    BASE_TEXT,
    PROOF_CHATS,
    PromptReading,
    compare_chats,
    compare_predictions,
    differing_answers,
    digest_of_chat,
)
from suture.core.model.proof import Agreement, ChatProof, Parity
from suture.core.plan.ports import Progress
from suture.engines.pack_reader import PackReader
from suture.machine.installing import install_extra
from suture.packs.bases.pack_template import template_of
from suture.packs.gguf.pack_info import PackInfo, read_info
from suture.packs.gguf.tensor_proof import compare_tensors
from suture.training.logits import MergedReference, one_thread


class Bounds(NamedTuple):
    """How far llama.cpp on a file may be from float32 on the weights in it: what the format's rounding may cost.

    Attributes:
        logits: nats of log-probability.
        divergence: nats of KL(reference || served) of one prediction, which may be a near tie.
        mean_divergence: the same on average over all predictions of a proof.
    """

    logits: float
    divergence: float
    mean_divergence: float


BOUNDS = {
    Quantisation.BF16: Bounds(0.5, 0.02, 0.002),
    Quantisation.F16: Bounds(0.25, 0.02, 0.002),
    Quantisation.Q8_0: Bounds(1.5, 0.5, 0.02),
    Quantisation.Q4_K_M: Bounds(6.0, 1.5, 0.25),
}

BASE_BOUNDS = Bounds(0.75, 0.05, 0.004)
"""Of a base in BF16, over the few predictions of its proof: a source in float32 is rounded too."""

ANSWER_TOKENS = 16
"""Of each greedy answer that a pack's proof compares; every one of them is also a prediction compared."""

BASE_TOKENS = 4
"""The same of a base's proof: what is compared there is all that came before, not how an answer goes on."""


def require_tools() -> None:
    """Raises MissingTool: what a proof needs is not installed."""
    missing = [name for name, module in (("train", "transformers"), ("llamacpp", "xllamacpp")) if not find_spec(module)]
    if missing:
        raise MissingTool(
            "a base is proved when it is prepared, by transformers and llama.cpp, and one of them is not installed",
            mend=install_extra(*missing),
        )


def prove_pack(pack: Path, merged: Path, prompts: Sequence[str], progress: Progress) -> Parity:
    """Ask llama.cpp and float32 the same: ``prompts`` and the ``PROOF_CHATS`` through the pack's own template."""
    progress.start("prove pack", 3)
    checked, failed, worst = compare_tensors(pack, merged)
    progress.advance()
    with closing(PackReader(pack)) as probe:
        sides = _Sides(pack, probe, PROOF_CHATS, most=len(PROOF_CHATS))
        asked = list(dict.fromkeys([*prompts, *sides.rendered]))
        here = [probe.read(prompt, tokens=ANSWER_TOKENS) for prompt in asked]
        progress.advance()
        reference = MergedReference(merged)
        there = [reference.read(prompt, packed.answer) for prompt, packed in zip(asked, here, strict=True)]
        agreement = sides.compared(asked, here, there, reference, BOUNDS[Quantisation(sides.info.quantisation)])
    progress.finish()
    return Parity(
        **dict(agreement),
        tensors_checked=checked,
        tensors_failed=failed,
        tensors=worst,
        answers_compared=len(asked),
        answers=differing_answers(asked, here, there),
    )


def prove_base(source: Path, prepared: Path) -> Agreement:
    """Compare a prepared base with what it was made from, in both computations that may meet it.

    A Hugging Face directory is read by transformers itself, and ``base.gguf`` by llama.cpp. A GGUF file is read by
    llama.cpp itself, and the prepared weights by transformers.

    Raises:
        MissingTool: transformers or llama.cpp is not installed.
        UsageError: either cannot load its side.
    """
    gguf = prepared / BASE_GGUF if source.is_dir() else source
    with ExitStack() as stack:
        try:  # one thread: a few short prompts, and two on busy cores take many times as long
            probe = stack.enter_context(closing(PackReader(gguf, threads=1)))
            sides = _Sides(gguf, probe, BASE_CHATS, most=BASE_CHATS_ASKED)
        except BadFile as error:
            raise _unreadable("llama.cpp", source, gguf, error) from error
        asked = [BASE_TEXT, *sides.rendered]
        here = [probe.read(text, tokens=BASE_TOKENS) for text in asked]
        stack.enter_context(one_thread())
        reference = _reference(source, prepared)
        there = [reference.read(text, read.answer, own_answer=False) for text, read in zip(asked, here, strict=True)]
        exact = sides.info.quantisation == Quantisation.BF16
        return sides.compared(asked, here, there, reference, BASE_BOUNDS if exact else BOUNDS[Quantisation.Q8_0])


def _reference(source: Path, prepared: Path) -> MergedReference:
    """Somebody's own directory in transformers, or what was made of their GGUF file."""
    try:
        return MergedReference.of_source(source) if source.is_dir() else MergedReference(prepared)
    except BadFile as error:
        raise _unreadable("transformers", source, prepared, error) from error


def _unreadable(tool: str, source: Path, copy: Path, error: BadFile) -> UsageError:
    """A complaint about the person's own file, not about the copy that was made of it."""
    reason = str(error).replace(str(copy), "it").replace(str(source), "it")
    return UsageError(f"{tool} cannot load {source}: {reason}", mend=f"use a model that {tool} loads")


class _Sides:
    """One pack in llama.cpp, and conversations as Suture renders them.

    What the template refuses is left out, as long as the other side refuses it too.
    """

    def __init__(self, pack: Path, probe: PackReader, chats: Sequence[Sequence[Message]], *, most: int) -> None:
        self.info: PackInfo = read_info(pack)
        self.probe = probe
        self.chats: list[Sequence[Message]] = []
        self.rendered: list[str] = []
        self.refused: list[Sequence[Message]] = []
        if not self.info.chat_template:
            return
        template = template_of(pack)
        for chat in chats:
            if len(self.chats) == most:
                break
            try:
                self.rendered.append(template.render(chat))
            except UsageError:
                self.refused.append(chat)
                continue
            self.chats.append(chat)

    def compared(
        self,
        asked: Sequence[str],
        here: Sequence[PromptReading],
        there: Sequence[PromptReading],
        reference: MergedReference,
        bounds: Bounds,
    ) -> Agreement:
        return Agreement(
            logits=compare_predictions(asked, here, there),
            logit_bound=bounds.logits,
            divergence_bound=bounds.divergence,
            mean_divergence_bound=bounds.mean_divergence,
            chats=self._chats(reference),
            same_eos=self.probe.eos == reference.eos,
            engine=self.probe.name,
            reference=reference.name,
        )

    def _chats(self, reference: MergedReference) -> tuple[ChatProof, ...]:
        pairs = list(zip(self.chats, self.rendered, strict=True))
        compared = compare_chats(
            self.chats,
            self.rendered,
            [self.probe.read_chat(chat, text) for chat, text in pairs],
            [reference.read_chat(chat, text) for chat, text in pairs],
            bos=self.info.bos or "",
            bos_id=self.probe.bos_id,
            template_tells_time="strftime_now" in self.info.chat_template,
        )
        return compared + tuple(
            ChatProof(messages_digest=digest_of_chat(chat), tokens=0, same_text=False, same_tokens=True, leading_bos=0)
            for chat in self.refused
            if not reference.refuses(chat)
        )
