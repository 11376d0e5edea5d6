"""What people say of served answers is weighed, asked again twice, and judged, before anything is made of it."""

import itertools
import json
from contextlib import closing
from types import SimpleNamespace

import pytest
from fakes import FakeJudge, recipe, scripted_workshop
from served import ScriptedPacks, mark, serve

from suture.core.measure.task import Message, fenced
from suture.core.teach.served_claims import ServedSettings
from suture.store.served_file import ServedFile
from suture.store.verify_served import verify_served
from suture.suites.catalog import load_suite
from suture.suites.own_rows import as_lines
from suture.wiring.served_claims import verify_claims
from suture.wiring.served_rehearsal import rehearsals
from suture.wiring.served_tasks import own_row, with_served

PYTHON = "Write f_{n}.\n```python\nassert f_{n}() == {n}\n```"
RIGHT, WRONG = "def f_{n}():\n    return {n}", "def f_{n}():\n    return -1"
WORDS = "Say something kind about {n}."


def wrong(prompt):
    """The scripted pack solves tasks above 50."""
    number = int(prompt.split("f_")[1].split(".")[0]) if "f_" in prompt else 0
    return (RIGHT if number > 50 else WORDS if not number else WRONG).format(n=number)


@pytest.fixture
def shop(tmp_path):
    """Somebody's store, with what they were served."""
    workshop = scripted_workshop(tmp_path)
    workshop.store.home.root.mkdir(exist_ok=True)
    yield SimpleNamespace(workshop=workshop, path=workshop.store.home.served)
    workshop.store.ledger.close()


def verified(shop, *, says=wrong, untouchable=(), **settings):
    with closing(ServedFile(shop.path)) as file:
        packs = ScriptedPacks(shop.workshop.store, file).answering(says)
        return verify_claims(shop.workshop, file, ServedSettings(**settings), untouchable, packs=packs)


def served(shop, *prompts, **more):
    return serve(shop.path, wrong, prompts, form=fenced("python"), **more)


def rewards(shop):
    with closing(ServedFile(shop.path)) as file:
        return {one.record: one.value for one in file.rewards()}


def why(found):
    return [one.why for one in found.left_out]


def test_a_failure_that_fails_again_twice_becomes_a_task(shop):
    [record] = served(shop, PYTHON.format(n=7))
    mark(shop.path, record, "bad")
    found = verified(shop)
    [held] = found.held
    assert found.left_out == () and held.task.id == f"served/{record}" and held.task.suite == "served"
    assert held.task.check.tests.statements == ("assert f_7() == 7",) and held.task.reference is None
    assert not held.verdict.passed and held.attempt.completion.text == WRONG.format(n=7)
    assert rewards(shop) == {record: -1} and verify_served(shop.path).damage == []


def test_asking_again_changes_nothing_and_a_reward_is_kept_once(shop):
    [record] = served(shop, PYTHON.format(n=7))
    mark(shop.path, record, "bad")
    assert verified(shop).held == verified(shop).held
    with closing(ServedFile(shop.path)) as file:
        assert len(file.rewards()) == 1


def test_a_failure_that_passes_once_when_asked_again_is_unstable(shop):
    [record] = served(shop, PYTHON.format(n=7))
    mark(shop.path, record, "bad")
    turns = itertools.cycle([RIGHT, WRONG])
    found = verified(shop, says=lambda prompt: next(turns).format(n=7))
    assert found.held == () and why(found) == ["unstable: 2 of 3 fail, as served and asked again twice"]
    assert rewards(shop) == {record: 0}


def test_a_complaint_about_an_answer_that_passes_is_left_out(shop):
    [record] = served(shop, PYTHON.format(n=70))
    mark(shop.path, record, "bad")
    found = verified(shop)
    assert found.held == () and why(found) == ["it passes what it is held to, as served and asked again twice"]
    assert rewards(shop) == {record: 1}


def test_a_good_answer_becomes_an_anchor_where_the_prompt_shows_that_it_is_right(shop):
    good, false, words = served(shop, PYTHON.format(n=70), PYTHON.format(n=7), WORDS.format(n=1))
    for record in (good, false, words):
        mark(shop.path, record, "good")
    found = verified(shop)
    assert [held.task.id for held in found.held] == [f"served/{good}"] and found.held[0].verdict.passed
    assert why(found)[0] == "its prompt shows nothing that an answer could be held to"
    assert why(found)[1].startswith("it fails what it is held to")
    assert rewards(shop) == {good: 1, false: -1}


def test_a_correction_counts_with_examples_that_it_passes(shop):
    right, failing = served(shop, PYTHON.format(n=7), PYTHON.format(n=8))
    mark(shop.path, right, "corrected", correction="```python\n" + RIGHT.format(n=7) + "\n```")
    mark(shop.path, failing, "corrected", correction=RIGHT.format(n=3))
    found = verified(shop)
    assert [held.task.reference.strip() for held in found.held] == [RIGHT.format(n=7)]
    assert why(found)[0].startswith("the correction fails what the prompt shows: wrong")


@pytest.mark.parametrize("backing", ["second key", "trust", "nobody", "another correction"])
def test_a_correction_without_examples_needs_a_second_key_or_trust(shop, backing):
    [record] = served(shop, WORDS.format(n=1))
    mark(shop.path, record, "corrected", correction="One is lovely.")
    if backing == "second key":
        mark(shop.path, record, "corrected", by="ben", correction="One  is lovely.\n")
    if backing == "another correction":
        mark(shop.path, record, "corrected", by="ben", correction="One is odd.")
    found = verified(shop, trust=["ann"] if backing == "trust" else [])
    if backing in ("second key", "trust"):
        [held] = found.held
        assert held.task.check.exact == held.task.reference == "One is lovely." and rewards(shop) == {record: -1}
    else:
        assert found.held == () and rewards(shop) == {}
        expected = "two corrections differ" if backing == "another correction" else "the correction has one word for it"
        assert why(found)[0].startswith(expected)


def test_people_who_contradict_each_other_settle_nothing_and_the_last_word_counts(shop):
    one, two = served(shop, PYTHON.format(n=7), PYTHON.format(n=8))
    mark(shop.path, one, "bad")
    mark(shop.path, one, "good", by="ben")
    mark(shop.path, two, "good")
    mark(shop.path, two, "bad")
    found = verified(shop)
    assert why(found) == ["people contradict each other"] and len(found.held) == 1


def test_what_resembles_a_task_that_must_stay_unseen_is_left_out(shop, tmp_path):
    [record] = served(shop, PYTHON.format(n=7))
    mark(shop.path, record, "bad")
    messages = (Message(role="user", content=PYTHON.format(n=7)),)
    own = load_suite(str(_rows(tmp_path, verified(shop).held)))
    held_out = [task.model_copy(update={"id": "x/1", "suite": "x", "messages": messages}) for task in own]
    found = verified(shop, untouchable=held_out)
    assert found.held == () and why(found)[0].startswith("it resembles x/1 of x")


def test_one_question_is_one_task(shop):
    first, again = served(shop, PYTHON.format(n=7), PYTHON.format(n=7) + " ")
    for record in (first, again):
        mark(shop.path, record, "bad")
    found = verified(shop)
    assert len(found.held) == 1 and why(found) == [f"{first} asks the same"]


def test_tool_calls_are_held_to_the_tools_or_to_the_right_calls(shop):
    tool = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    call = '[{"name": "weather", "arguments": {"city": "%s"}}]'
    more = {"tools": [{"type": "function", "function": tool}]}
    [record] = serve(shop.path, lambda _: call % "Oslo", ["The weather in Rome?"], **more)
    mark(shop.path, record, "corrected", correction=call % "Rome")
    found = verified(shop, says=lambda _: call % "Oslo", trust=["ann"])
    [held] = found.held
    assert json.loads(held.task.check.calls_text) == json.loads(call % "Rome") and not held.verdict.passed


WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


@pytest.mark.parametrize(("said", "calls"), [('[{"name": "weather", "arguments": {}}]', 1), ("[]", 0), ("Hello.", 0)])
@pytest.mark.parametrize("trusted", [True, False])
def test_trusted_praise_of_an_answer_with_tools_holds_it_to_its_own_calls(shop, said, calls, trusted):
    """Its tools alone would be fit by any other call, and by none."""
    [record] = serve(shop.path, lambda _: said, ["Is it raining?"], tools=[WEATHER])
    mark(shop.path, record, "good")
    found = verified(shop, says=lambda _: said, trust=["ann"] if trusted else [])
    assert found.left_out == ()
    [held] = found.held
    assert held.verdict.passed and held.task.check.rule == ("exact" if trusted else "offered")
    assert len(json.loads(held.task.check.calls_text)) == (calls if trusted else 0)


def test_a_model_behind_a_router_is_told_by_who_answered(shop):
    [record] = served(shop, PYTHON.format(n=7))
    with closing(ServedFile(shop.path)) as file, file.transaction():
        routed = file.record(record).model_copy(update={"id": "chatcmpl-routed", "model": "auto"})
        file.add_records([routed])
    mark(shop.path, routed.id, "bad")
    assert [one.task.id for one in verified(shop, model="code").held] == [f"served/{routed.id}"]
    assert len(verified(shop, model="auto").held) == 1
    assert verified(shop, model="tools") == verified(shop, since="3000")
    assert not routed.is_of("code", 1)


def test_a_schema_of_the_request_holds_an_answer(shop):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    more = {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}
    [record] = serve(shop.path, lambda _: '{"n": 3}', ["How many?"], **more)
    mark(shop.path, record, "corrected", correction='{"n": 4}')
    assert why(verified(shop, says=lambda _: '{"n": 3}'))[0].startswith("the correction has one word")
    [held] = verified(shop, says=lambda _: '{"n": 3}', trust=["ann"]).held
    assert json.loads(held.task.check.equals_text) == {"n": 4}


def test_an_answer_without_verdict_is_left_out(shop):
    [record] = served(shop, PYTHON.format(n=7))
    mark(shop.path, record, "bad")
    shop.workshop.judge = FakeJudge(faults=frozenset({f"served/{record}"}))
    found = verified(shop)
    assert found.held == () and why(found)[0].startswith("it has no verdict") and rewards(shop) == {}


def _rows(place, held):
    path = place / "served.jsonl"
    path.write_text(as_lines(own_row(one.task) for one in held))
    return path


def test_tasks_of_served_answers_are_own_rows(shop, tmp_path):
    """Law: what is written is read again as the same question with the same check."""
    ids = served(shop, PYTHON.format(n=7), PYTHON.format(n=70), WORDS.format(n=1))
    mark(shop.path, ids[0], "bad")
    mark(shop.path, ids[1], "good")
    mark(shop.path, ids[2], "corrected", correction="One is lovely.")
    held = verified(shop, trust=["ann"]).held
    read = load_suite(str(_rows(tmp_path, held)))
    assert [task.content_digest for task in read] == [one.task.content_digest for one in held]
    assert [(task.id, task.form, task.reference) for task in read] == [
        (one.task.id, one.task.form, one.task.reference) for one in held
    ]


def test_what_nobody_complained_of_is_rehearsed_and_nothing_like_it_that_somebody_did(shop):
    ids = served(shop, *(WORDS.format(n=n) for n in (1, 2, 3, 2)))
    served(shop, WORDS.format(n=4), temperature=1)
    mark(shop.path, ids[1], "bad")
    with closing(ServedFile(shop.path)) as file:
        packs = ScriptedPacks(shop.workshop.store, file).answering(wrong)
        pack = file.record(ids[0]).answers[0].how.given.pack
        rows = rehearsals(packs, file, ServedSettings(), (), pack=pack, most=9)
        assert rehearsals(packs, file, ServedSettings(), (), pack="cd" * 32, most=9) == ()
    assert [row.task_id for row in rows] == [f"served/{ids[2]}", f"served/{ids[0]}"]
    assert rows[0].target == WORDS.format(n=0) + "\n```" and rows[0].prompt.endswith("```python\n")


def test_what_was_withdrawn_is_neither_taught_nor_held_against_an_answer(shop):
    blamed, praised, words = served(shop, PYTHON.format(n=7), PYTHON.format(n=70), WORDS.format(n=1))
    for record, opinion in ((blamed, "bad"), (praised, "good"), (words, "bad")):
        mark(shop.path, record, opinion)
        mark(shop.path, record, "withdrawn")
    found = verified(shop)
    assert found.held == found.left_out == () and rewards(shop) == {}
    mark(shop.path, blamed, "bad")
    assert [held.task.id for held in verified(shop).held] == [f"served/{blamed}"]
    with closing(ServedFile(shop.path)) as file:
        packs = ScriptedPacks(shop.workshop.store, file).answering(wrong)
        pack = file.record(words).answers[0].how.given.pack
        rows = rehearsals(packs, file, ServedSettings(), (), pack=pack, most=9)
    assert f"served/{words}" in [row.task_id for row in rows]
    assert f"served/{blamed}" not in [row.task_id for row in rows]


def test_a_recipe_takes_the_suite_of_served_answers(tmp_path):
    base = recipe(tmp_path / "own.jsonl", tmp_path / "base.gguf", served={"trust": ["ann"]})
    more = with_served(base, tmp_path / "served.jsonl")
    assert more.suites == (*base.suites, str(tmp_path / "served.jsonl")) and more.splits.replayed == ("served",)
    declared = type(base).model_validate(base.to_json() | {"suites": [], "splits": {"repair": ["own.jsonl"]}})
    assert with_served(declared, tmp_path / "served.jsonl").splits.repair[-1] == str(tmp_path / "served.jsonl")
