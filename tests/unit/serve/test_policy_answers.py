"""A policy behind the door: tiers in order, each held to what the prompt shows."""

import asyncio

import pytest
from doors import CHATML
from fake_speaker import FakeSpeaker
from policies import ask, behind, python_question, said, text_question, tier

from suture.core.errors import Fault
from suture.core.measure.findings import USUAL_TRIGGERS, Trigger
from suture.core.measure.grounds import Grounds
from suture.core.measure.policy import Policy, Silent
from suture.core.measure.speech import Load
from suture.core.measure.task import Message, fenced
from suture.core.measure.tools import Tool
from suture.serve.api_error import ApiError
from suture.serve.responder import Begun, Inquiry

ADD = "def add(a, b):\n    return a + b"
SUB = "def add(a, b):\n    return a - b"
KEEP = Policy(tiers=(tier("base", "0"), tier("repaired", "1")))


def test_the_first_answer_that_does_what_the_prompt_shows_is_given():
    base, repaired = said(ADD), said(SUB)
    text, how = ask(behind(KEEP, {"base": base, "repaired": repaired}, kind="python"), python_question())
    assert text == f"```python\n{ADD}\n```" and not repaired.heard
    assert (how.grounds, how.gave, how.fallback, len(how.tiers)) == (Grounds.EXAMPLES, 0, "", 1)


def test_a_later_tier_answers_what_an_earlier_one_got_wrong():
    text, how = ask(behind(KEEP, {"base": said(SUB), "repaired": said(ADD)}, kind="python"), python_question())
    assert ADD in text and (how.gave, how.fallback) == (1, "examples")
    assert [(one.tier, one.accepted) for one in how.tiers] == [("base", False), ("repaired", True)]
    assert how.tiers[0].finding.startswith("examples: ") and how.tiers[0].text == SUB and how.tiers[1].text == ""


def test_where_none_holds_the_last_greedy_tier_answers_anyway():
    tries = tier("tries", "1", answers=2, temperature=0.8)
    policy = Policy(tiers=(*KEEP.tiers, tries))
    voices = {"base": said("nothing"), "repaired": said(SUB), "tries": said("def add(a, b): return 7")}
    text, how = ask(behind(policy, voices, kind="python"), python_question())
    assert SUB in text and how.gave == 1 and how.given is not None and not how.given.accepted
    assert [one.tier for one in how.tiers] == ["base", "repaired", "tries", "tries"]
    seeds = [one.sampling.seed for one in how.tiers[2:]]
    assert len(set(seeds)) == 2 and how.given.text == "" and how.tiers[0].text == "nothing"


@pytest.mark.parametrize(
    ("answer", "why"), [("", "empty"), ("def add(a, b:", "unparsable"), (SUB, "examples"), ("    ", "empty")]
)
def test_each_trigger_has_a_name(answer, why):
    _, how = ask(behind(KEEP, {"base": said(answer), "repaired": said(ADD)}, kind="python"), python_question())
    assert how.fallback == why


def test_an_answer_that_was_cut_off_is_named_so():
    base = said("def add(a, b):\n    return (a +")
    inquiry = python_question().model_copy(update={"max_tokens": 4})
    _, how = ask(behind(KEEP, {"base": base, "repaired": said("x")}, kind="python"), inquiry)
    assert how.tiers[0].finding.startswith("cut-off")


def test_a_trigger_that_is_not_named_sends_nothing_on():
    silent = KEEP.model_copy(update={"triggers": tuple(t for t in USUAL_TRIGGERS if t is not Trigger.EXAMPLES)})
    text, how = ask(behind(silent, {"base": said(SUB), "repaired": said(ADD)}, kind="python"), python_question())
    assert SUB in text and how.fallback == ""


def test_a_refusal_sends_a_prompt_on_only_where_that_is_named():
    voices = {"base": said("I'm sorry, but I can't help with that."), "repaired": said("Yes.")}
    plain = KEEP.model_copy(update={"silent": Silent.SAID})
    assert ask(behind(plain, voices), text_question())[1].fallback == ""
    named = plain.model_copy(update={"triggers": tuple(Trigger)})
    text, how = ask(behind(named, voices), text_question())
    assert (text, how.fallback) == ("Yes.", "refused")


def test_a_prompt_that_shows_nothing_is_streamed_at_once():
    base = said("one two three")
    pieces = ask(behind(KEEP.model_copy(update={"silent": Silent.STAND}), {"base": base}), text_question(), events=True)
    assert isinstance(pieces[0], Begun) and len(pieces) == 5


def test_an_empty_answer_that_would_be_streamed_is_another_tiers():
    policy = KEEP.model_copy(update={"silent": Silent.SAID})
    inquiry = text_question().model_copy(update={"streamed": True})
    voices = {"base": said(" "), "repaired": said("Here.")}
    text, how = ask(behind(policy, voices), inquiry)
    assert (text, how.fallback, how.gave) == ("Here.", "empty", 1)


def test_a_cut_off_answer_is_a_trigger_unless_the_client_wanted_it_short():
    policy = KEEP.model_copy(update={"silent": Silent.SAID})
    long = FakeSpeaker(lambda _: "word " * 50, context=20)
    _, how = ask(behind(policy, {"base": long, "repaired": said("Short.")}), text_question())
    assert how.fallback == "cut-off"
    short = text_question().model_copy(update={"max_tokens": 2})
    assert ask(behind(policy, {"base": said("one two three"), "repaired": said("no")}), short)[1].fallback == ""


def test_a_model_that_fails_sends_the_prompt_on_and_the_last_one_says_why():
    base = said("x")
    base.failing = (0, Fault("the engine failed: gone"))
    for silent in Silent:
        policy = KEEP.model_copy(update={"silent": silent})
        text, how = ask(behind(policy, {"base": base, "repaired": said("Yes.")}), text_question())
        assert text == "Yes."
        assert how.fallback == ("failed" if len(how.tiers) == 2 else "")
    broken = {"base": base, "repaired": base}
    with pytest.raises(Fault, match="gone"):
        ask(behind(KEEP.model_copy(update={"silent": Silent.SAID}), broken), text_question())


def test_whoever_was_to_answer_alone_and_failed_has_the_others_answer():
    repaired = said("x")
    repaired.failing = (0, Fault("gone"))
    text, how = ask(behind(KEEP, {"base": said("Here."), "repaired": repaired}), text_question())
    assert (text, how.fallback, [one.tier for one in how.tiers]) == ("Here.", "failed", ["repaired", "base"])


def test_a_schema_that_the_request_brings_is_held_to_whatever_the_route_says():
    schema = '{"type": "object", "required": ["n"]}'
    inquiry = text_question().model_copy(update={"schema_text": schema})
    voices = {"base": said('{"m": 1}'), "repaired": said('{"n": 1}')}
    text, how = ask(behind(KEEP, voices, kind="python"), inquiry)
    assert (text, how.fallback, how.kind) == ('{"n": 1}', "schema", "json")
    with pytest.raises(ApiError) as refused:
        ask(behind(KEEP, {"base": said("{}"), "repaired": said("[]")}, kind="python"), inquiry)
    assert refused.value.code == "invalid_answer"


def test_a_tool_that_nobody_offered_sends_the_prompt_on():
    tool = Tool(name="weather", description="", parameters_text='{"type": "object", "properties": {}}')
    inquiry = Inquiry(model="m", messages=(Message(role="user", content="Rain?"),), tools=(tool,))
    voices = {
        "base": said('[{"name": "news", "arguments": {}}]'),
        "repaired": said('[{"name": "weather", "arguments": {}}]'),
    }
    events = ask(behind(KEEP, voices), inquiry, events=True)
    assert events[-1].calls[0].name == "weather" and events[-1].how.fallback == "tools"


def test_who_answered_is_said_in_the_model_and_the_pack():
    voices = {"base": said(SUB), "repaired": said(ADD)}
    begun = ask(behind(KEEP, voices, kind="python"), python_question(), events=True)[0]
    assert (begun.model, begun.pack) == ("repaired", "1" * 64)
    assert begun.how.gave == 1 and begun.how.policy == KEEP.sha256


def test_a_reader_who_leaves_frees_the_slot_of_the_tier_that_is_asked():
    speaker = said("one two three")
    waiting = asyncio.Event

    async def leave():
        gate = waiting()
        speaker.pause = gate.wait
        answers = behind(KEEP, {"base": speaker, "repaired": speaker}, kind="python")
        task = asyncio.create_task(_first(answers.respond(python_question(), answers.told)))
        while not speaker.load().speaking:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return speaker.load()

    assert asyncio.run(leave()) == Load(0, 0)


async def _first(events):
    async for event in events:
        return event
    return None


def test_an_answer_form_is_part_of_what_is_asked():
    base = said(ADD)
    ask(behind(KEEP, {"base": base, "repaired": base}, kind="python"), python_question())
    assert base.heard[0].prompt.endswith("```python\n") and base.heard[0].stop == fenced("python").stop
    assert CHATML.render(python_question().messages, "```python\n") == base.heard[0].prompt
