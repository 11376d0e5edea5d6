"""A server elsewhere as a speaker: a whole answer, or a failure that says what was wrong."""

import asyncio
from contextlib import aclosing

import pytest
from faulty_server import FAULTS, GOOD, faulty, nobody

from suture.core.measure.attempt import AdapterUse, EngineIdentity, FinishReason
from suture.core.measure.speech import Ending, Piece, Speech, UpstreamFailed
from suture.engines.openai_events import MOST, EventReader, same_model
from suture.engines.openai_speaker import OpenAISpeaker

IDENTITY = EngineIdentity(name="openai", version="v1", threads=1, batch=1, model="big")
ASKED = Speech(prompt="Hello", stop=("END",), max_tokens=9)


def speaker(url, **more):
    return OpenAISpeaker(url, IDENTITY, timeout=more.pop("timeout", 0.3), **more)


def said(url, speech=ASKED, **more):
    async def collect():
        async with aclosing(speaker(url, **more).speak(speech)) as parts:
            return [part async for part in parts]

    return asyncio.run(collect())


def test_a_whole_answer_comes_in_pieces_and_tells_its_tokens():
    with faulty(GOOD) as server:
        *pieces, ending = said(server.url)
    assert "".join(piece.text for piece in pieces) == "from elsewhere"
    assert ending == Ending(FinishReason.STOP, 3, 2)
    (body,) = server.asked
    assert (body["prompt"], body["model"], body["max_tokens"], body["stop"]) == ("Hello", "big", 9, ["END"])


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "empty"])
def test_whatever_goes_wrong_is_a_failure_and_never_an_answer(fault):
    with faulty(FAULTS[fault]) as server, pytest.raises(UpstreamFailed, match=r"127\.0\.0\.1"):
        said(server.url)


def test_a_server_that_is_not_there_is_a_failure():
    with pytest.raises(UpstreamFailed, match="ConnectError"):
        said(nobody())


def test_an_answer_that_drips_for_ever_is_a_failure():
    def drips(link, closed):
        link.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        while not closed.wait(0.02):
            link.sendall(b": still there\n\n")

    with faulty(drips) as server, pytest.raises(UpstreamFailed, match="did not answer in"):
        said(server.url, whole=0.2)


def test_the_slot_is_free_again_whatever_happened():
    async def load():
        asked = speaker(nobody())
        with pytest.raises(UpstreamFailed):
            async with aclosing(asked.speak(ASKED)) as parts:
                await anext(parts)
        return asked.load()

    held = asyncio.run(load())
    assert (held.waiting, held.speaking) == (0, 0)


def test_an_answer_stops_before_a_stop_string_that_the_server_did_not_keep():
    reader_text = [b'data: {"choices": [{"text": "one E"}]}\n\n', b'data: {"choices": [{"text": "ND two"}]}\n\n']

    def goes_on(link, _):
        link.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + b"".join(reader_text))

    with faulty(goes_on) as server:
        *pieces, ending = said(server.url)
    assert "".join(piece.text for piece in pieces) == "one " and ending.finish is FinishReason.STOP


def test_what_cannot_be_asked_elsewhere_is_said():
    for speech in (
        ASKED.model_copy(update={"adapter": AdapterUse(sha256="0" * 64, scale=1.0)}),
        ASKED.model_copy(update={"alternatives": 3}),
    ):
        with pytest.raises(UpstreamFailed, match="a server elsewhere"):
            said(nobody(), speech)


def test_events_may_come_in_any_pieces_of_bytes():
    stream = b'data: {"choices": [{"text": "\xc3\xa9t\xc3\xa9", "finish_reason": null}]}\n\n: ping\n\ndata: [DONE]\n\n'
    for size in (1, 3, 1000):
        reader = EventReader("big")
        parts = [piece for at in range(0, len(stream), size) for piece in reader.feed(stream[at : at + size])]
        assert parts == [Piece("été")] and reader.done
        with pytest.raises(UpstreamFailed, match="cut off"):
            reader.ending()


def test_far_too_much_is_refused_before_it_is_kept():
    reader = EventReader("big")
    with pytest.raises(UpstreamFailed, match="says more than"):
        for _ in range(MOST // 65536 + 1):
            reader.feed(b"x" * 65536)


@pytest.mark.parametrize(
    ("told", "same"),
    [
        (("big", "org/Big", "/models/big.gguf", "big-2024-08-06", "big:latest"), True),
        (("small", "bigger", "big-mini", "not-big"), False),
    ],
)
def test_a_name_with_a_path_a_date_or_a_tag_is_the_same_model(told, same):
    assert {same_model(name, "big") for name in told} == {same}
