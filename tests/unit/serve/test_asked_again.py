"""A recorded answer asked for once more, from its record alone."""

import asyncio
from contextlib import aclosing, closing

import pytest
from doors import CHATML, open_door, responder
from fake_speaker import FakeSpeaker

from suture.core.errors import Fault
from suture.core.measure.replayed import Replay, first_difference
from suture.core.measure.speech import Scored, Token
from suture.core.measure.task import fenced
from suture.serve.asked_again import CannotAsk, Heard, again, compared
from suture.serve.record_settings import RecordSettings
from suture.serve.record_writer import RecordWriter
from suture.store.served_file import served_records

TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


def recorded(path, ask, *, answer=lambda _: "one two three", form=None, failing=None, settings=None):
    """The record of what ``ask`` asks a door, and the speaker behind it."""
    speaker = FakeSpeaker(answer)
    speaker.failing = failing
    with (
        closing(RecordWriter(path, settings)) as writer,
        open_door(responder(speaker, form=form), records=writer) as door,
    ):
        ask(door)
    with served_records(path) as file:
        return next(iter(file.records())), speaker


def hear(one, answer):
    speaker = FakeSpeaker(answer)

    async def collect():
        async with aclosing(speaker.speak(one.speech)) as said:
            return Heard(tuple([part async for part in said]))

    return asyncio.run(collect())


def replayed(record, choice, answer):
    one = again(record, choice, CHATML)
    return asyncio.run(compared(one, hear(one, answer), asked="alone", changed=()))


ASKS = {
    "chat": lambda door: door.chat(n=2, temperature=1, seed=4, stop=["never"], max_tokens=9, logit_bias={"3": 1}),
    "stream": lambda door: door.chat(n=2, stream=True),
    "completion": lambda door: door.complete(prompt=["a b", "c"], echo=True),
    "ids": lambda door: door.complete(prompt=[[1, 2, 3], [4]]),
    "schema": lambda door: door.chat(
        n=2, response_format={"type": "json_schema", "json_schema": {"schema": {"type": "integer"}}}
    ),
    "tools": lambda door: door.chat(n=2, tools=[TOOL]),
    "required tool": lambda door: door.chat(n=2, tools=[TOOL], tool_choice="required"),
}
SAID = {
    "schema": "17",
    "tools": '[{"name": "weather", "arguments": {"city": "Rome"}}]',
    "required tool": '[{"name": "weather", "arguments": {"city": "Rome"}}]',
}


@pytest.mark.parametrize("name", ASKS)
def test_what_is_asked_again_is_what_was_asked(tmp_path, name):
    """Law: the engine is asked the very same, but for the alternatives that it is to tell of."""
    said = SAID.get(name, "one two three")
    record, speaker = recorded(tmp_path / "served.db", ASKS[name], answer=lambda _: said, form=fenced("python"))
    for choice in (0, 1):
        one = again(record, choice, CHATML)
        plain = {one.speech.model_copy(update={"alternatives": None}).to_json_text()}
        assert plain <= {heard.to_json_text() for heard in speaker.heard}
        found = replayed(record, choice, lambda _: said)
        assert (found.outcome, found.says) == (Replay.SAME, "same, asked alone")


def test_where_it_differs_is_told(tmp_path):
    record, _ = recorded(tmp_path / "served.db", lambda door: door.chat(), form=fenced("python"))
    found = replayed(record, 0, lambda _: "one four three")
    assert (found.outcome, found.token) == (Replay.DIFFERS, 1)
    assert replayed(record, 0, lambda _: "one two").token == 2
    assert replayed(record, 0, lambda _: "one two three four").says.startswith("differs at token 2")


def test_calls_that_differ_are_told(tmp_path):
    record, _ = recorded(tmp_path / "served.db", ASKS["tools"], answer=lambda _: SAID["tools"])
    for other in (SAID["tools"].replace("Rome", "Oslo"), "no idea"):
        assert replayed(record, 0, lambda _, other=other: other).why == "it calls otherwise"


def test_a_failed_answer_is_compared_as_far_as_it_came(tmp_path):
    record, _ = recorded(tmp_path / "served.db", lambda door: door.chat(), failing=(2, Fault("it fell over")))
    assert record.answers[0].text == "one two "
    assert replayed(record, 0, lambda _: "one two ").outcome is Replay.SAME


def test_an_answer_that_breaks_its_promise_again_is_the_same(tmp_path):
    record, _ = recorded(tmp_path / "served.db", ASKS["schema"], answer=lambda _: "no number")
    assert record.answers[0].error.code == "invalid_answer"
    assert replayed(record, 0, lambda _: "no number").outcome is Replay.SAME
    assert replayed(record, 0, lambda _: "17").outcome is Replay.DIFFERS


def test_what_cannot_be_asked_says_why(tmp_path):
    record, _ = recorded(tmp_path / "a.db", lambda door: door.chat(model="other"))
    with pytest.raises(CannotAsk, match="nobody was asked"):
        again(record, 0, CHATML)
    record, _ = recorded(tmp_path / "b.db", lambda door: door.chat())
    with pytest.raises(CannotAsk, match="rendered otherwise"):
        again(record, 0, CHATML.model_copy(update={"source": "another {{ messages[0].content }}"}))
    with pytest.raises(CannotAsk, match="1 choices"):
        again(record, 4, CHATML)
    pytest.importorskip("re2")
    record, _ = recorded(tmp_path / "c.db", lambda door: door.chat(), settings=RecordSettings(redact=("Hell.",)))
    with pytest.raises(CannotAsk, match="redacted"):
        again(record, 0, CHATML)


def _token(text, logprob=-0.1, *others):
    scored = [Scored(text, logprob, tuple(text.encode())), *(Scored(o, p, tuple(o.encode())) for o, p in others)]
    return Token(scored[0], tuple(scored))


def test_the_margin_is_between_the_new_token_and_the_recorded_one():
    tokens = [_token("one "), _token("two", -0.25, ("three", -0.75), ("th", -2.0), ("", -9.0))]
    assert first_difference("one three", tokens) == (1, 0.5)
    assert first_difference("one four", tokens) == (1, None)
    assert first_difference("one ", tokens) == (1, None)
    assert first_difference("one two more", tokens) == (2, None)
