"""The laws of the port ``Speaker``, for the fake and for llama.cpp with the real model."""

import asyncio
import json
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from fake_speaker import FakeSpeaker

from suture.core.measure.attempt import EngineIdentity, FinishReason, Sampling
from suture.core.measure.speech import Ending, Load, Piece, PromptTooLong, RefusedByEngine, Speech
from suture.core.plan.speaker import Speaker
from suture.engines.isolated import IsolatedSpeaker

CONTEXT = 1024
CHILD = (sys.executable, str(Path(__file__).parents[1] / "support" / "fake_child.py"))
CHAT = "<|im_start|>user\nCount from {} to twenty.<|im_end|>\n<|im_start|>assistant\n"
LONG = "word " * 900
WAIT = 60.0
SLOWLY = pytest.mark.parametrize(
    "speaker", ["fake", pytest.param("llamacpp", marks=[pytest.mark.model, pytest.mark.slow])], indirect=True
)
"""The real model reads some 160 tokens a second on one core."""


def say(speech: Speech) -> str:
    return f"{speech.prompt[:40]!r} " + " ".join(str(n) for n in range(len(speech.prompt) % 7 + 12))


def to(number: int, **options) -> Speech:
    return Speech(prompt=CHAT.format(number), **{"max_tokens": 8} | options)


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as runner:
        yield runner


ALL = [
    "fake",
    "isolated",
    pytest.param("llamacpp", marks=pytest.mark.model),
    pytest.param("isolated llamacpp", marks=[pytest.mark.model, pytest.mark.longer]),  # a process, and its imports
]


@pytest.fixture(scope="module", params=ALL)
def speaker(request, runner):
    async def open_speaker() -> Speaker:
        identity = EngineIdentity(name="llamacpp", version="1", threads=1, batch=2)
        if request.param == "fake":
            return FakeSpeaker(say, slots=2, context=CONTEXT)
        if request.param == "isolated":
            return IsolatedSpeaker(Path("any.gguf"), identity, slots=2, context=CONTEXT, child=CHILD)
        pytest.importorskip("xllamacpp")
        from suture.engines.llamacpp_speaker import LlamaCppSpeaker

        of = IsolatedSpeaker if request.param == "isolated llamacpp" else LlamaCppSpeaker
        return of(request.getfixturevalue("real_gguf"), identity, slots=2, context=CONTEXT)

    opened = runner.run(open_speaker())
    yield opened
    opened.close()


async def told(speaker: Speaker, speech: Speech) -> tuple[str, list[Piece], Ending]:
    async with aclosing(speaker.speak(speech)) as parts:
        found = [part async for part in parts]
    *pieces, ending = found
    assert isinstance(ending, Ending) and all(isinstance(piece, Piece) for piece in pieces)
    return "".join(piece.text for piece in pieces), pieces, ending


async def idle(speaker: Speaker) -> None:
    async with asyncio.timeout(WAIT):
        while speaker.load() != Load(0, 0):
            await asyncio.sleep(0.005)


def test_an_answer_ends_once_and_last(speaker, runner):
    text, pieces, ending = runner.run(told(speaker, to(1)))
    assert text.strip() and len(pieces) >= 1
    assert (ending.finish, ending.tokens) == (FinishReason.LENGTH, 8)
    assert ending.prompt_tokens > 3


def test_greedy_twice_is_the_same(speaker, runner):
    assert runner.run(told(speaker, to(2)))[0] == runner.run(told(speaker, to(2)))[0]


def test_a_seed_repeats(speaker, runner):
    warm = to(3, sampling=Sampling(temperature=1.0, seed=7))
    assert runner.run(told(speaker, warm))[0] == runner.run(told(speaker, warm))[0]


def test_the_text_ends_before_the_first_stop_string(speaker, runner):
    whole, _, _ = runner.run(told(speaker, to(1)))
    mark = whole[len(whole) // 2 :][:2]
    text, _, ending = runner.run(told(speaker, to(1, stop=("never said", mark))))
    assert text == whole.partition(mark)[0]
    assert ending.finish is FinishReason.STOP


def test_callers_do_not_mix_and_more_than_there_are_slots_wait(speaker, runner):
    async def all_at_once() -> list[str]:
        await idle(speaker)
        asked = [asyncio.create_task(told(speaker, to(n, max_tokens=4))) for n in range(6)]
        await asyncio.sleep(0)
        assert speaker.load().waiting + speaker.load().speaking == 6
        return [text for text, _, _ in await asyncio.gather(*asked)]

    async def one_by_one() -> list[str]:
        return [(await told(speaker, to(n, max_tokens=4)))[0] for n in range(6)]

    assert runner.run(all_at_once()) == runner.run(one_by_one())
    runner.run(idle(speaker))


def test_a_caller_who_leaves_while_answered_frees_the_slot(speaker, runner):
    async def leave() -> None:
        async with aclosing(speaker.speak(to(1, max_tokens=900))) as parts:
            assert isinstance(await anext(parts), Piece)
            assert speaker.load() == Load(0, 1)
        await idle(speaker)

    runner.run(leave())


@SLOWLY
def test_a_caller_who_is_cancelled_while_the_prompt_is_read_frees_the_slot(speaker, runner):
    async def leave() -> None:
        asked = asyncio.create_task(told(speaker, Speech(prompt=LONG, max_tokens=50)))
        await asyncio.sleep(0.1 if not isinstance(speaker, FakeSpeaker) else 0)
        assert speaker.load() == Load(0, 1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await idle(speaker)

    runner.run(leave())


def test_a_caller_who_leaves_while_waiting_was_never_there(speaker, runner):
    async def leave() -> None:
        first, second = (speaker.speak(to(n, max_tokens=900)) for n in (1, 2))
        async with aclosing(first), aclosing(second):
            await anext(first)
            await anext(second)
            asked = asyncio.create_task(told(speaker, to(3)))
            await asyncio.sleep(0.01)
            assert speaker.load() == Load(1, 2)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            assert speaker.load() == Load(0, 2)
        await idle(speaker)

    runner.run(leave())


def test_log_probabilities_are_told_of_every_token(speaker, runner):
    text, pieces, ending = runner.run(told(speaker, to(4, alternatives=2)))
    tokens = [token for piece in pieces for token in piece.tokens]
    assert len(tokens) == ending.tokens
    assert b"".join(bytes(token.chosen.raw) for token in tokens).decode() == text
    assert all(token.chosen.logprob <= 0 and len(token.alternatives) == 2 for token in tokens)
    _, silent, _ = runner.run(told(speaker, to(4)))
    assert all(piece.tokens == () for piece in silent)


def test_a_prompt_that_does_not_fit_is_refused_with_its_length(speaker, runner):
    with pytest.raises(PromptTooLong) as refused:
        runner.run(told(speaker, Speech(prompt=LONG * 2, max_tokens=1)))
    assert refused.value.tokens > CONTEXT == refused.value.context
    runner.run(idle(speaker))


@SLOWLY
def test_an_answer_without_a_budget_ends_with_the_context(speaker, runner):
    prompt = "word " * (CONTEXT - 12)
    _, _, ending = runner.run(told(speaker, Speech(prompt=prompt, logit_bias=((2, -100.0), (0, -100.0)))))
    assert ending.prompt_tokens + ending.tokens <= CONTEXT


def test_token_ids_are_a_prompt_and_unknown_ones_are_refused(speaker, runner):
    _, _, ending = runner.run(told(speaker, Speech(prompt=(10, 20, 30), max_tokens=1)))
    assert (ending.prompt_tokens, ending.tokens) == (3, 1)
    with pytest.raises(RefusedByEngine, match="invalid tokens"):
        runner.run(told(speaker, Speech(prompt=(10, 999_999), max_tokens=1)))


@pytest.mark.model
@pytest.mark.parametrize("speaker", ["llamacpp"], indirect=True)
def test_a_schema_holds_the_answer(speaker, runner):
    schema = {"type": "object", "properties": {"a": {"enum": [7]}}, "required": ["a"], "additionalProperties": False}
    text, _, _ = runner.run(told(speaker, to(5, max_tokens=24, schema_text=json.dumps(schema))))
    assert json.loads(text) == {"a": 7}


@pytest.mark.model
@pytest.mark.parametrize("speaker", ["llamacpp"], indirect=True)
def test_characters_of_several_tokens_arrive_whole(speaker, runner):
    async def repeat() -> tuple[str, list[Piece], Ending]:
        return await told(speaker, Speech(prompt="🧵🧶🧵🧶🧵🧶🧵🧶🧵", max_tokens=24))

    _, pieces, _ = runner.run(repeat())
    assert any(ord(character) > 0xFFFF for piece in pieces for character in piece.text)
    assert all("\ufffd" not in piece.text for piece in pieces[:-1])
