"""Clients who leave, a full house, and an end in the middle of an answer: nothing is held, nothing is left open."""

import asyncio
import json
import threading
import time

import httpx2
import pytest
from doors import HELLO, open_door, responder, until
from fake_speaker import FakeSpeaker

from suture.core.measure.speech import Load


@pytest.fixture
def slow():
    """A speaker that waits before every piece until it is let go."""
    speaker = FakeSpeaker(lambda _: "one two three", slots=1)
    speaker.let_go = False

    async def pause():
        while not speaker.let_go:
            await asyncio.sleep(0.005)

    speaker.pause = pause
    return speaker


def begin(door, **more):
    """A request of a client of its own, which goes away when it is closed."""
    client = httpx2.Client(base_url=door.root, timeout=60)

    def ask():
        try:
            said.append(client.post("/v1/chat/completions", json=HELLO | more))
        except httpx2.HTTPError as error:
            said.append(error)

    said = []
    thread = threading.Thread(target=ask)
    thread.start()
    return client, thread, said


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_who_leaves_frees_the_slot_and_its_place(slow, stream):
    with open_door(responder(slow)) as door:
        with httpx2.Client(base_url=door.root, timeout=0.3) as impatient, pytest.raises(httpx2.TimeoutException):
            impatient.post("/v1/chat/completions", json=HELLO | {"stream": stream})
        until(lambda: slow.load() == Load(0, 0) and door.door.admission.inside == 0)
        assert 'suture_answers_total{model="code",outcome="left"} 1.0' in door.http.get("/metrics").text
        slow.let_go = True
        assert door.chat().status_code == 200


def test_a_client_who_leaves_while_waiting_was_never_there(slow):
    with open_door(responder(slow)) as door:
        first, thread, said = begin(door)
        until(lambda: slow.load() == Load(0, 1))
        with httpx2.Client(base_url=door.root, timeout=0.3) as impatient, pytest.raises(httpx2.TimeoutException):
            impatient.post("/v1/chat/completions", json=HELLO)
        until(lambda: slow.load() == Load(0, 1) and door.door.admission.inside == 1)
        slow.let_go = True
        thread.join(30)
        assert said[0].status_code == 200 and len(slow.heard) == 1
        first.close()


def test_when_all_places_are_taken_more_are_told_to_come_again(slow):
    with open_door(responder(slow), most=2) as door:
        others = [begin(door) for _ in range(2)]
        until(lambda: door.door.admission.inside == 2)
        refused = door.chat()
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["error"]["code"] == "overloaded"
        slow.let_go = True
        for client, thread, said in others:
            thread.join(30)
            assert said[0].status_code == 200
            client.close()
        assert door.chat(n=2).status_code == 200 and door.chat(n=3).status_code == 503


def test_an_answer_that_was_begun_is_ended_before_the_server_is(slow):
    with open_door(responder(slow)) as door:
        client, thread, said = begin(door, stream=True)
        until(lambda: slow.load() == Load(0, 1))
        door.stop()
        time.sleep(0.3)
        slow.let_go = True
        thread.join(30)
        assert said[0].status_code == 200 and said[0].text.endswith("data: [DONE]\n\n")
        client.close()


def test_an_answer_that_does_not_end_in_time_is_never_passed_off_as_whole(slow):
    slow.let_go = True
    passed = 0

    async def second_piece_never_comes():
        nonlocal passed
        passed += 1
        while passed > 1:
            await asyncio.sleep(0.005)

    slow.pause = second_piece_never_comes
    with open_door(responder(slow), drain=0.3) as door:
        client, thread, said = begin(door, stream=True)
        until(lambda: passed > 1)
        door.stop()
        thread.join(30)
        *_, last = said[0].text.strip().split("\n\n")
        assert json.loads(last.removeprefix("data: "))["error"]["code"] == "draining"
        client.close()


def test_many_clients_get_each_their_own():
    speaker = FakeSpeaker(lambda speech: speech.prompt.split("user\n")[1].split("<|im_end|>")[0], slots=4)
    with open_door(responder(speaker), most=64) as door:

        async def ask(client, number):
            messages = [{"role": "user", "content": f"I am number {number}."}]
            said = await client.post("/v1/chat/completions", json=HELLO | {"messages": messages})
            return said.json()["choices"][0]["message"]["content"]

        async def all_at_once():
            async with httpx2.AsyncClient(base_url=door.root, timeout=60) as client:
                return await asyncio.gather(*(ask(client, number) for number in range(48)))

        assert asyncio.run(all_at_once()) == [f"I am number {number}." for number in range(48)]
        assert door.door.admission.inside == 0
