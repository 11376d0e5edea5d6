"""Variations of tool tasks: other values in the question, the same ones in the calls."""

import json
import re

import pytest
from kinds import own

from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.suites.kinds import kind_of
from suture.suites.kinds.tool_calls.copied import copied_values, in_place
from suture.suites.kinds.tool_calls.kind import reference_of


def tool(name, **properties):
    kinds = {key: {"type": value} for key, value in properties.items()}
    return {"name": name, "description": f"Does {name}.", "parameters": {"type": "object", "properties": kinds}}


WEATHER = tool("get_weather", city="string", days="integer", share="number")
FLIGHT = tool("book_flight", goal="string", seats="integer")


def asked(question, call, tools, id="a", calls=None):
    wanted = [call] if calls is None else calls
    return own("tool-calls", {"calls": wanted}, tools=tools, prompt=question, id=id)


BERN = asked(
    "Weather in Bern for 12 days, please; 0.25 of it.",
    {"name": "get_weather", "arguments": {"city": "Bern", "days": 12, "share": 0.25}},
    [WEATHER],
)
OSLO = asked(
    "Book 3 seats to Oslo.", {"name": "book_flight", "arguments": {"goal": "Oslo", "seats": 3}}, [FLIGHT], id="b"
)


def vary(*tasks, count=4, seed=0):
    return kind_of(tasks[0]).varying.vary(tasks, count, seed=seed)


def question(task):
    return task.messages[-1].content


def calls(task):
    return json.loads(task.check.calls_text)


def test_a_variation_asks_for_what_it_wants():
    varied = [task for task in vary(BERN, OSLO)["a"] if len(calls(task)) == 1]
    assert len(varied) == 4
    assert len({question(task) for task in varied}) == 4
    for task in varied:
        arguments = calls(task)[0]["arguments"]
        assert question(task) == (
            f"Weather in {arguments['city']} for {arguments['days']} days, please; {arguments['share']} of it."
        )
        assert arguments["city"] in ("Bern", "Oslo")
        assert isinstance(arguments["days"], int)
        assert isinstance(arguments["share"], float)


def test_a_variation_is_a_task_whose_reference_passes():
    for varied in vary(BERN, OSLO).values():
        for task in varied:
            assert kind_of(task).decide(task, reference_of(task)).passed
            assert task.content_digest not in (BERN.content_digest, OSLO.content_digest)


def test_equal_arguments_give_equal_variations_and_another_seed_gives_others():
    assert vary(BERN, OSLO, seed=1) == vary(BERN, OSLO, seed=1)
    assert vary(BERN, OSLO, seed=1)["a"] != vary(BERN, OSLO, seed=2)["a"]


def test_the_wanted_calls_of_other_tools_become_a_refusal():
    refusals = [task for seed in range(8) for task in vary(BERN, OSLO, seed=seed)["a"] if not calls(task)]
    assert refusals
    for task in refusals:
        assert question(task) == question(BERN)
        assert [tool.name for tool in task.tools] == ["book_flight"]


def test_values_that_are_not_copied_stay():
    """A value that the question does not hold as a whole word, one that the tools name, and one inside another."""
    unit = WEATHER | {"description": "In Bern or elsewhere."}
    wanted = {"name": "get_weather", "arguments": {"city": "Bern", "days": 1}}
    assert copied_values(asked("Bern, for a day.", wanted, [unit])) == ()
    assert copied_values(asked("Weather in Bern for 1.5 days.", wanted, [WEATHER])) == ("Bern",)
    twice = {"name": "book_flight", "arguments": {"goal": "New York", "seats": 2}}
    again = {"name": "book_flight", "arguments": {"goal": "York", "seats": 2}}
    assert copied_values(asked("To New York and York, 2 seats.", None, [FLIGHT], calls=[twice, again])) == ()


def test_a_task_that_calls_nothing_has_no_variation():
    silent = asked("Tell me about 12 birds.", None, [WEATHER], calls=[])
    assert vary(silent, OSLO)["a"] == ()


def test_alternatives_of_a_value_stay_allowed():
    check = ToolCallsCheck(
        rule="bfcl-ast@2026.3.23",
        calls_text=json.dumps([{"get_weather": {"city": ["Bern", "Berne"], "days": [12], "share": ["", 0.25]}}]),
    )
    task = BERN.model_copy(update={"check": check})
    varied = next(one for one in vary(task, OSLO)["a"] if calls(one))
    ((_, parameters),) = calls(varied)[0].items()
    assert parameters["city"][1] == "Berne"
    assert str(parameters["days"][0]) in question(varied)


def several(*tasks, seeds=16):
    """Of the first task: its variations that ask for several calls, over seeds."""
    found = [task for seed in range(seeds) for task in vary(*tasks, seed=seed)[tasks[0].id]]
    return [task for task in found if task.id.endswith("~several")]


def in_words(values):
    return f"{', '.join(map(str, values[:-1]))} and {values[-1]}" if len(values) > 1 else str(values[0])


def seats(number, goal="Norway"):
    call = {"name": "book_flight", "arguments": {"goal": goal, "seats": number}}
    return asked(f"Book {number} seats to Oslo, {goal}.", call, [FLIGHT], id=f"{number} {goal}")


GOES_ON = re.compile(r"(?:do the same|repeat it|once more) with|(?:do it again|the same) for")
IN_FULL = re.compile(r"\. (Also|Then|After that|Next),? book|\. And book")


@pytest.fixture(scope="module")
def asked_again():
    """Variations of four questions for one call, by how they ask for several."""
    found = {"lists": [], "goes on": [], "in full": []}
    for number, goal in ((2, "Norway"), (3, "Sweden"), (4, "Iceland"), (5, "Finland")):
        for task in several(seats(number, goal), seats(7, "Denmark"), seats(8, "Poland"), BERN, OSLO):
            way = (
                "goes on"
                if GOES_ON.search(question(task))
                else "in full"
                if IN_FULL.search(question(task))
                else "lists"
            )
            found[way].append(task)
    return found


def test_a_question_for_one_call_becomes_one_for_several_in_each_of_three_ways(asked_again):
    assert all(asked_again.values())
    every = [task for tasks in asked_again.values() for task in tasks]
    assert {len(calls(task)) for task in every} == {2, 3, 4}
    for task in every:
        arguments = [call["arguments"] for call in calls(task)]
        assert len({json.dumps(one) for one in arguments}) == len(arguments)
        assert kind_of(task).decide(task, reference_of(task)).passed


def both(task):
    return [[call["arguments"][key] for call in calls(task)] for key in ("seats", "goal")]


def test_values_are_listed(asked_again):
    for task in asked_again["lists"]:
        numbers, goals = both(task)
        if len(set(goals)) > 1 and len(set(numbers)) > 1:
            assert question(task) == f"Book {in_words(numbers)} seats to Oslo, {in_words(goals)}, respectively."
        elif len(set(goals)) > 1:
            assert question(task) == f"Book {numbers[0]} seats to Oslo, {in_words(goals)}."
        else:
            assert question(task) == f"Book {in_words(numbers)} seats to Oslo, {goals[0]}."


def test_a_question_goes_on_with_what_differs(asked_again):
    """With the names of parameters or without: "..., then do the same with goal Peru and seats 4"."""
    for task in asked_again["goes on"]:
        numbers, goals = both(task)
        differing = [(name, values) for name, values in (("goal", goals), ("seats", numbers)) if len(set(values)) > 1]
        pattern = rf"Book {numbers[0]} seats to Oslo, {goals[0]}"
        for number in range(1, len(numbers)):
            said = in_words([rf"(?:{name} )?{values[number]}" for name, values in differing])
            pattern += rf", [a-z ]+ (?:{GOES_ON.pattern}) {said}"
        assert re.fullmatch(pattern + r"\.", question(task)), question(task)


def test_a_question_is_asked_again_in_full(asked_again):
    for task in asked_again["in full"]:
        sentences = re.split(r"\. (?:Also, |Then, |After that, |Next, |And )", question(task).removesuffix("."))
        assert sentences == [
            f"{'b' if number else 'B'}ook {seat} seats to Oslo, {goal}"
            for number, (seat, goal) in enumerate(zip(*both(task), strict=True))
        ]


def test_a_value_that_another_call_has_elsewhere_is_not_put_in_place_twice():
    """5 becomes 7 where the first number stood, and the second number, which was 7, becomes 9: not 9 and 9."""
    assert in_place({5: "7", 7: "9"}, "From 5 to 7.") == "From 7 to 9."


def test_a_sentence_that_follows_keeps_the_case_of_names():
    oslo = asked(
        "Oslo in 3 days?", {"name": "get_weather", "arguments": {"city": "Oslo", "days": 3}}, [WEATHER], id="o"
    )
    want = asked("I want 3 seats.", {"name": "book_flight", "arguments": {"seats": 3}}, [FLIGHT], id="i")
    for task in several(oslo, BERN, seeds=48):
        assert not re.search(r", (oslo|bern) in", question(task))
    followed = [
        question(task) for task in several(want, BERN, seeds=48) if re.search(r"\. \w[\w ]*,? I want", question(task))
    ]
    assert followed and not [text for text in followed if " i want" in text]


def test_each_value_of_a_list_has_the_quotes_of_the_first():
    quoted = asked("Weather in 'Bern'!", {"name": "get_weather", "arguments": {"city": "Bern"}}, [WEATHER])
    lists = [task for task in several(quoted, OSLO) if " and 'Oslo'" in question(task)]
    assert lists
    for task in lists:
        assert question(task) == "Weather in 'Bern' and 'Oslo'!"


def test_of_a_conversation_nothing_is_asked_again():
    spoken = BERN.model_copy(update={"messages": (*BERN.messages, *BERN.messages)})
    assert not several(spoken, OSLO)


def test_what_is_asked_in_several_ways_is_not_listed():
    """Several calls already; nothing that is copied; a value that stands twice, which a list would say twice."""
    twice = {"name": "book_flight", "arguments": {"goal": "Oslo", "seats": 4}}
    assert not several(asked("Book 3 and 4 seats to Oslo.", None, [FLIGHT], calls=[calls(OSLO)[0], twice]), OSLO)
    assert not several(asked("Book some seats.", calls(OSLO)[0], [FLIGHT]), OSLO)
    assert not several(
        asked("Oslo, 3 seats; 3 seats to Oslo.", calls(OSLO)[0], [FLIGHT]),
        OSLO,
    )
