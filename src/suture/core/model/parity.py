"""Compares what two sides say of one model: a pack and the merged weights, a base and its source."""

import math
from collections.abc import Mapping, Sequence

from suture.core.digest import digest_of, digest_of_text
from suture.core.frozen import Frozen
from suture.core.measure.task import Message
from suture.core.model.proof import AnswerDifference, ChatProof, LogitProof

PROOF_CHATS: tuple[tuple[Message, ...], ...] = (
    (Message(role="user", content="Write a Python function that adds 12 and 345.\n\tIt's called `f2`."),),
    (
        Message(role="user", content="What is the capital of France?"),
        Message(role="assistant", content="Paris."),
        Message(role="user", content="And of Japan?"),
    ),
)
"""Conversations every pack is asked, whatever its repair was about: digits, white space, and more than one turn."""

BASE_CHATS: tuple[tuple[Message, ...], ...] = (
    PROOF_CHATS[0],
    (
        Message(role="system", content="Answer with code only."),
        Message(role="user", content="Say if a < b && b > 'größe' is \"true\" – for {x: [1]} in 日本語.  "),
        Message(role="assistant", content="x = 3"),
        Message(role="user", content="And now?"),
    ),
    PROOF_CHATS[1],
)
"""Conversations for the proof of a base: also what a template may escape, strip or leave out. The last is asked where
the template refuses another."""

BASE_CHATS_ASKED = 2

BASE_TEXT = "it's 4567, isn't it?  \n\n\tx = [1, 2]\ndef add(a, b):\n    return"
"""A text that no template is put around."""


UNLIKELY = math.log(1e-3)
"""Nats below the likeliest token: what both sides find a thousand times less likely is not compared one by one.

A model that is sure of its answer puts the tenth token at one in a million. Rounding alone moves its log-probability by
nats there, and nothing is changed by it. KL counts such tokens for what they weigh.
"""

RARE, WEIGHT_OF_RARE = math.log(1e-2), 0.75
"""What is less likely than a hundredth of the likeliest counts three quarters: rounding moves it further, the further
the likeliest token is away."""


class PromptReading(Frozen):
    """One side's reading of one prompt.

    Attributes:
        prompt_ids: token ids of the prompt, with BOS where the model is given one.
        answer: token ids that follow: on the pack's side its greedy answer, on the merged model's side its own.
        text: of ``answer``.
        tokens: text of each token of ``answer``, as far as it can be shown.
        logprobs: before each token of the *pack's* answer, natural log-probabilities of the likeliest tokens by id.
    """

    prompt_ids: tuple[int, ...]
    answer: tuple[int, ...]
    text: str
    tokens: tuple[str, ...]
    logprobs: tuple[dict[int, float], ...]


class ChatReading(Frozen):
    """One side's rendering of one conversation, and its token ids."""

    text: str
    ids: tuple[int, ...]


def compare_predictions(
    prompts: Sequence[str], packed: Sequence[PromptReading], merged: Sequence[PromptReading]
) -> tuple[LogitProof, ...]:
    """One proof a prompt, over the positions and tokens both sides report."""
    return tuple(
        LogitProof(
            prompt_digest=digest_of_text(prompt),
            same_tokens=here.prompt_ids == there.prompt_ids,
            same_top_token=here.answer[:1] == there.answer[:1],
            max_difference=max(map(_largest_difference, here.logprobs, there.logprobs), default=0.0),
            max_divergence=max(divergences, default=0.0),
            mean_divergence=math.fsum(divergences) / max(1, len(divergences)),
            positions=len(divergences),
        )
        for prompt, here, there in zip(prompts, packed, merged, strict=True)
        for divergences in [list(map(_divergence, here.logprobs, there.logprobs))]
    )


def differing_answers(
    prompts: Sequence[str], packed: Sequence[PromptReading], merged: Sequence[PromptReading]
) -> tuple[AnswerDifference, ...]:
    """The greedy answers that differ, in order."""
    found: list[AnswerDifference] = []
    for prompt, here, there in zip(prompts, packed, merged, strict=True):
        pairs = zip(here.answer, there.answer, strict=False)
        at = next((i for i, (ours, theirs) in enumerate(pairs) if ours != theirs), None)
        if at is None:
            continue
        expected = there.logprobs[at] if at < len(there.logprobs) else {}
        unseen = min(expected.values(), default=0.0)
        found.append(
            AnswerDifference(
                prompt_digest=digest_of_text(prompt),
                prompt_end=prompt[-60:],
                at=at,
                packed_token=here.tokens[at],
                merged_token=there.tokens[at],
                gap=expected.get(there.answer[at], unseen) - expected.get(here.answer[at], unseen),
                packed=here.text,
                merged=there.text,
            )
        )
    return tuple(found)


def compare_chats(
    chats: Sequence[Sequence[Message]],
    ours: Sequence[str],
    engine: Sequence[ChatReading],
    merged: Sequence[ChatReading],
    *,
    bos: str,
    bos_id: int | None,
    template_tells_time: bool,
) -> tuple[ChatProof, ...]:
    """One proof a conversation.

    Args:
        ours: what Suture renders.
        engine: what the serving engine renders by itself, and the ids its tokenizer gives for ``ours``.
        merged: what transformers renders, and the ids the base's tokenizer gives for ``ours``.
        template_tells_time: the text changes from day to day, so that only the ids of ``ours`` are compared.
    """
    proofs: list[ChatProof] = []
    for chat, text, here, there in zip(chats, ours, engine, merged, strict=True):
        renderings = {other.removeprefix(bos) for other in (text, here.text, there.text)}
        lead = 0
        while lead < len(here.ids) and here.ids[lead] == bos_id:
            lead += 1
        proofs.append(
            ChatProof(
                messages_digest=digest_of_chat(chat),
                tokens=len(here.ids),
                same_text=template_tells_time or len(renderings) == 1,
                same_tokens=here.ids == there.ids,
                leading_bos=lead,
            )
        )
    return tuple(proofs)


def digest_of_chat(chat: Sequence[Message]) -> str:
    return digest_of([message.to_json() for message in chat])


def _largest_difference(here: Mapping[int, float], there: Mapping[int, float]) -> float:
    """Over the tokens that count: the half that both sides are surest to report, down to ``UNLIKELY``; ``RARE`` ones
    less."""
    likelihood = {token: max(here[token], there[token]) for token in here.keys() & there.keys()}
    if not likelihood:
        return 1e9
    half = sorted(likelihood, key=lambda token: -likelihood[token])[: max(1, min(len(here), len(there)) // 2)]
    surest = likelihood[half[0]]
    return max(
        abs(here[token] - there[token]) * (1 if likelihood[token] >= surest + RARE else WEIGHT_OF_RARE)
        for token in half
        if likelihood[token] >= surest + UNLIKELY
    )


def _divergence(here: Mapping[int, float], there: Mapping[int, float]) -> float:
    """KL(there || here) of the distributions that are left when all tokens not in both are taken as one."""
    shared = here.keys() & there.keys()
    rest = [max(1e-9, 1 - math.fsum(math.exp(side[token]) for token in shared)) for side in (here, there)]
    known = math.fsum(math.exp(there[token]) * (there[token] - here[token]) for token in shared)
    return max(0.0, known + rest[1] * math.log(rest[1] / rest[0]))
