"""A door with a fake speaker behind it, and the official client in front."""

import json

import openai
import pytest
from doors import open_door, responder
from fake_speaker import FakeSpeaker


@pytest.fixture(scope="module")
def speaker():
    return FakeSpeaker(lambda speech: "one two three")


@pytest.fixture(scope="module")
def door(speaker):
    with open_door(responder(speaker)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def fresh(speaker):
    """What a test changed of the speaker is as it was for the next."""
    before = {name: vars(speaker)[name] for name in ("_answer", "pause", "failing")}
    speaker.heard.clear()
    yield
    vars(speaker).update(before)


@pytest.fixture
def client(door):
    with openai.OpenAI(base_url=door.url, api_key="none", max_retries=0) as client:
        yield client


def _events(response):
    """The JSON of each event, and whether the stream ended with ``[DONE]``."""
    lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
    done = lines[-1] == "[DONE]"
    return [json.loads(line) for line in (lines[:-1] if done else lines)], done


@pytest.fixture
def events():
    return _events


@pytest.fixture
def says(speaker):
    """Have the speaker say another text."""

    def says(text):
        speaker._answer = text if callable(text) else lambda _: text

    return says
