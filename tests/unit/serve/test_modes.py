"""Who may answer: the specialist, the fallback, one after the other; and what the fallback does wrong."""

import gc
import json

import openai
import pytest
from fake_speaker import FakeSpeaker
from faulty_server import FAULTS, GOOD, faulty, nobody
from lives import BROKEN, Shop, live_of, open_shop_door

from suture.core.errors import Fault, UnknownName, UsageError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.modes import Mode, mode_named, modes_within, narrowed, policy_in_mode
from suture.core.measure.policy import Policy, Silent, Tier
from suture.core.measure.speech import Load
from suture.core.plan.policy_settings import alone
from suture.engines.openai_speaker import OpenAISpeaker
from suture.router.written import WrittenRoutes
from suture.serve.voice import Voice

ADD, SUB = "def add(a, b):\n    return a + b", "def add(a, b):\n    return a - b"
QUESTION = [{"role": "user", "content": "```python\nassert add(1, 2) == 3\n```"}]
IDENTITY = EngineIdentity(name="openai", version="v1", threads=1, batch=1, model="big")
A, B, C, KEEP = "fallback-only", "specialists-only", "specialists-then-fallback", "keep"


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def routes(shop, specialist, fallback, mode, **more):
    shop.promote("code", shop.pack(specialist))
    written = {"name": "code", "model": "code", "kind": "python"}
    behind = {"model": str(shop.pack(fallback)), "name": "general"}
    return WrittenRoutes.model_validate({"routes": [written], "fallback": behind, "mode": mode} | more)


def ask(door, mode=None, **more):
    headers = {"x-suture-mode": mode} if mode else {}
    body = {"model": "code", "messages": QUESTION} | more
    return door.http.post("/v1/chat/completions", json=body, headers=headers)


def said(reply):
    assert reply.status_code == 200, reply.text
    return reply.json()["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("mode", "specialist", "fallback", "who", "why"),
    [
        (A, ADD, SUB, "general", None),
        (B, SUB, ADD, "code", None),
        (C, ADD, SUB, "code", None),
        (C, SUB, ADD, "general", "examples"),
        (C, "", ADD, "general", "empty"),
        (C, "def add(", ADD, "general", "unparsable"),
        (KEEP, SUB, ADD, "general", None),
        (KEEP, ADD, SUB, "code", "examples"),
    ],
)
def test_who_answers_in_which_mode(shop, mode, specialist, fallback, who, why):
    with open_shop_door(shop, routes(shop, specialist, fallback, mode)) as door:
        reply = ask(door)
        assert reply.json()["model"] == reply.headers["x-suture-model"] == who
        assert reply.headers["x-suture-mode"] == mode and reply.headers.get("x-suture-fallback") == why
        assert said(reply) == (fallback if who == "general" else specialist)
        text = door.http.get("/metrics").text
        assert ("suture_fallback_count_total{" in text) is (who == "general")
        assert f'suture_models_used_total{{model="{who}"' in text


def test_the_law_in_mode_b_no_object_exists_that_could_answer_in_a_specialists_place(shop):
    written = routes(shop, SUB, ADD, B)
    with open_shop_door(shop, written) as door:
        gc.collect()  # what other tests left
        assert said(ask(door)) == SUB
        assert [wanted.pack.read_text() for wanted in shop.opened] == [SUB]
        (route,) = live_of(door).table.routes.values()
        assert list(route.by_mode) == [Mode.SPECIALISTS_ONLY]
        mine = {id(one) for answerer in route.by_mode.values() for one in answerer.answers.voices.values()}
        reachable = [one for one in gc.get_objects() if type(one) is Voice and one.name == "general"]
        assert len(mine) == 1 and not reachable
        speakers = {one.speaker for one in live_of(door).shelf.loaded.values()}
        assert speakers == {shop.speakers[SUB]}
        assert "suture_fallback_count_total{" not in door.http.get("/metrics").text


def test_a_request_may_narrow_its_mode_and_never_widen_it(shop):
    with open_shop_door(shop, routes(shop, SUB, ADD, C)) as door:
        assert (said(ask(door)), said(ask(door, "B")), said(ask(door, "fallback-only"))) == (ADD, SUB, ADD)
        assert ask(door, "specialists-then-fallback").headers["x-suture-mode"] == C
        for wider in ("keep", "whatever"):
            refused = ask(door, wider)
            error = refused.json()["error"]
            assert refused.status_code == 400 and error["type"] == "invalid_request_error"
            assert error["param"] == "x-suture-mode"


def test_with_only_specialists_a_request_cannot_call_the_fallback(shop):
    with open_shop_door(shop, routes(shop, SUB, ADD, B)) as door:
        for wider in ("A", "C", "keep"):
            assert "only narrow" in ask(door, wider).json()["error"]["message"]


@pytest.mark.parametrize("fault", [*FAULTS, "refused"])
def test_the_fallback_fails_and_the_specialists_answer_is_given(shop, fault):
    with faulty(FAULTS.get(fault, GOOD)) as server:
        url = nobody() if fault == "refused" else server.url
        shop.elsewhere = lambda wanted: OpenAISpeaker(url, IDENTITY, timeout=0.2)
        with open_shop_door(shop, elsewhere(shop, C)) as door:
            reply = ask(door)
            assert (said(reply), reply.headers["x-suture-model"]) == (SUB, "code")
            assert "x-suture-fallback" not in reply.headers  # the first who was asked answered in the end
            assert live_of(door).load() == Load(0, 0)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", [*FAULTS, "refused"])
def test_the_fallback_fails_alone_and_no_answer_is_made_of_it(shop, fault, stream):
    """Not even half of one: an error before the first byte, or an event without ``[DONE]`` behind it."""
    with faulty(FAULTS.get(fault, GOOD)) as server:
        url = nobody() if fault == "refused" else server.url
        shop.elsewhere = lambda wanted: OpenAISpeaker(url, IDENTITY, timeout=0.2)
        with open_shop_door(shop, elsewhere(shop, A)) as door:
            reply = ask(door, stream=stream)
            if fault == "empty":  # a whole answer of nothing: there is nobody else to ask
                assert reply.status_code == 200
                return
            if stream and reply.status_code == 200:
                last = [line for line in reply.text.split("\n\n") if line][-1]
                error = json.loads(last.removeprefix("data: "))["error"]
            else:
                assert reply.status_code == 502
                error = reply.json()["error"]
            assert set(error) == {"message", "type", "param", "code"} and error["code"] == "upstream_failed"
            assert "one" not in error["message"].split()


def elsewhere(shop, mode):
    engine = {"name": "openai", "url": "http://127.0.0.1:9/v1", "model": "big"}
    written = routes(shop, SUB, "only its template is used", mode).to_json()
    written["fallback"]["engine"] = engine
    return WrittenRoutes.model_validate(written)


def test_a_good_fallback_elsewhere_answers_under_its_own_name(shop):
    with faulty(GOOD) as server:
        shop.elsewhere = lambda wanted: OpenAISpeaker(server.url, IDENTITY)
        with open_shop_door(shop, elsewhere(shop, A)) as door:
            reply = ask(door)
            assert (said(reply), reply.headers["x-suture-model"]) == ("from elsewhere", "general")
            assert "x-suture-pack" not in reply.headers
            assert server.asked[0]["prompt"].startswith("<|im_start|>user\n```python")


@pytest.mark.parametrize("route", ["code", "auto"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("specialist", [ADD, SUB])
def test_who_answered_is_told_alike_everywhere(shop, specialist, stream, route):
    who = "code" if specialist == ADD else "general"
    written = routes(shop, specialist, ADD, C).to_json()
    written["routes"][0]["rules"] = [{"contains": "assert"}]
    with open_shop_door(shop, WrittenRoutes.model_validate(written)) as door:
        client = openai.OpenAI(base_url=door.url, api_key="x", max_retries=0)
        with client:
            raw = client.chat.completions.with_raw_response.create(model=route, messages=QUESTION, stream=stream)
            answer = raw.parse()
            told = {chunk.model for chunk in answer} if stream else {answer.model}
        assert told == {who} == {raw.headers["x-suture-model"]}
        assert raw.headers["x-suture-route"] == "code" and raw.headers["x-suture-mode"] == C
        assert raw.headers.get("x-suture-fallback") == (None if who == "code" else "examples")


def test_a_prompt_of_no_route_is_the_fallbacks_or_nobodys(shop):
    written = routes(shop, SUB, "Hello there.", C)
    with open_shop_door(shop, written) as door:
        reply = ask(door, model="auto", messages=[{"role": "user", "content": "Hi"}])
        assert (said(reply), reply.headers["x-suture-route"], reply.headers["x-suture-mode"]) == (
            "Hello there.",
            "unknown",
            A,
        )
        assert "*fallback" not in door.http.get("/v1/models").text and ask(door, model="*fallback").status_code == 404
    with open_shop_door(shop, routes(shop, SUB, "x", B)) as door:
        refused = ask(door, model="auto", messages=[{"role": "user", "content": "Hi"}])
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "no_route")


def test_a_fallback_that_cannot_be_loaded_is_said_at_once(shop):
    with pytest.raises(UsageError, match="cannot load it"), open_shop_door(shop, routes(shop, ADD, BROKEN, C)):
        pass


SPECIALIST, GENERAL = alone("1" * 64, "pack"), alone("0" * 64, "pack")


def test_modes_are_policies_of_marked_tiers():
    orders = {mode: [tier.name for tier in policy_in_mode(mode, SPECIALIST, GENERAL).tiers] for mode in Mode}
    assert orders == {
        Mode.FALLBACK_ONLY: ["fallback"],
        Mode.SPECIALISTS_ONLY: ["pack"],
        Mode.SPECIALISTS_THEN_FALLBACK: ["pack", "fallback"],
        Mode.KEEP: ["fallback", "pack"],
    }
    assert policy_in_mode(Mode.SPECIALISTS_THEN_FALLBACK, SPECIALIST, GENERAL).silent is Silent.SAID
    with pytest.raises(UsageError, match="asks a fallback, and none is named"):
        policy_in_mode(Mode.KEEP, SPECIALIST, None)


def test_one_model_is_not_asked_twice_in_one_way():
    kept = Policy(tiers=(Tier(name="base", pack="0" * 64), Tier(name="repaired", pack="1" * 64)))
    then = policy_in_mode(Mode.SPECIALISTS_THEN_FALLBACK, kept, GENERAL)
    assert [tier.name for tier in then.tiers] == ["base", "repaired"]
    assert [tier.name for tier in policy_in_mode(Mode.KEEP, kept, GENERAL).tiers] == ["fallback", "repaired"]


def test_a_specialist_cannot_pass_for_the_fallback():
    odd = Policy(tiers=(Tier(name="fallback", pack="1" * 64),))
    with pytest.raises(UsageError, match="called 'fallback'"):
        policy_in_mode(Mode.SPECIALISTS_ONLY, odd, None)


def test_modes_have_letters_and_only_become_narrower():
    assert [mode_named(name) for name in ("A", "b", "keep")] == [A, B, KEEP]
    with pytest.raises(UnknownName, match="unknown mode"):
        mode_named("D")
    for mode in Mode:
        assert modes_within(mode) == tuple(dict.fromkeys([mode, *(one for one in Mode if narrowed(mode, one))]))
    assert narrowed(Mode.SPECIALISTS_ONLY, Mode.FALLBACK_ONLY) is None


def test_a_specialist_that_breaks_down_is_the_fallbacks(shop):
    with open_shop_door(shop, routes(shop, SUB, ADD, C)) as door:
        speaker = shop.speakers[SUB]
        assert isinstance(speaker, FakeSpeaker)
        speaker.failing = (0, Fault("gone"))
        reply = ask(door)
        assert (said(reply), reply.headers["x-suture-fallback"]) == (ADD, "failed")
