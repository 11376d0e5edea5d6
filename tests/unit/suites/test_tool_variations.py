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


def allowing(question, tools=(WEATHER,), **allowed):
    """A task in BFCL's form: of each parameter, all values that are allowed."""
    check = ToolCallsCheck(rule="bfcl-ast@2026.3.23", calls_text=json.dumps([{tools[0]["name"]: allowed}]))
    return asked(question, None, list(tools), calls=[]).model_copy(update={"check": check})


def test_what_else_was_allowed_in_the_place_of_a_value_goes_with_it():
    """In whichever place the value stands that the question has; a parameter that may be left out still may."""
    task = allowing(
        "Weather in Bern for 12 days; 0.25 of it.", city=["Bern, CH", "Bern", "Berne"], days=[12], share=["", 0.25]
    )
    varied = [one for one in vary(task, OSLO, count=8)["a"] if len(calls(one)) == 1 and "Oslo" in question(one)]
    assert varied
    for one in varied:
        ((_, parameters),) = calls(one)[0].items()
        (city,), (days,), (share, left_out) = (parameters[name] for name in ("city", "days", "share"))
        assert question(one) == f"Weather in {city} for {days} days; {share} of it."
        assert left_out == ""
        assert kind_of(one).decide(one, reference_of(one)).passed


def test_the_name_of_a_function_is_no_value_that_is_copied():
    search = {**tool("search", text="string"), "description": "Finds."}
    cats = asked("search for cats", {"name": "search", "arguments": {"text": "cats"}}, [search])
    assert copied_values(cats) == ("cats",)
    assert vary(cats, OSLO)["a"]


def test_values_that_are_written_alike_are_left_as_they_are():
    room = tool("book_room", id="string", count="integer", area="number")
    same = {"name": "book_room", "arguments": {"id": "55", "count": 55, "area": 7.5}}
    assert copied_values(asked("Room 55 with 7.5 m2.", same, [room])) == (7.5,)
    equal = {"name": "book_room", "arguments": {"count": 5, "area": 5.0, "id": "ab"}}
    assert copied_values(asked("Room ab, 5 of 5.0 m2.", equal, [room])) == ("ab",)


def several(*tasks, seeds=16):
    """Of the first task: its variations that ask for several calls, over seeds."""
    found = [task for seed in range(seeds) for task in vary(*tasks, seed=seed)[tasks[0].id]]
    return [task for task in found if task.id.endswith("~several")]


def in_words(values):
    return f"{', '.join(map(str, values[:-1]))} and {values[-1]}" if len(values) > 1 else str(values[0])


def seats(number, goal="Norway"):
    call = {"name": "book_flight", "arguments": {"goal": goal, "seats": number}}
    return asked(
        f"Book {number} seats on the boat that leaves for {goal} today.", call, [FLIGHT], id=f"{number} {goal}"
    )


GOES_ON = re.compile(r"(?:do the same|repeat it|once more) with|(?:do it again|the same) for")
SENTENCE = re.compile(r"[.?!]['\"]? (?:Also, |Then, |After that, |Next, |And )")


def way_of(task):
    return "goes on" if GOES_ON.search(question(task)) else "in full" if SENTENCE.search(question(task)) else "lists"


def ways(*tasks):
    return {way_of(task) for task in several(*tasks, seeds=48)}


@pytest.fixture(scope="module")
def asked_again():
    """Variations of four questions for one call, by how they ask for several."""
    found = {"lists": [], "goes on": [], "in full": []}
    for number, goal in ((2, "Norway"), (3, "Sweden"), (4, "Iceland"), (5, "Finland")):
        for task in several(seats(number, goal), seats(7, "Denmark"), seats(8, "Poland"), BERN, OSLO):
            found[way_of(task)].append(task)
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
        end = ", respectively" if len(set(goals)) > 1 and len(set(numbers)) > 1 else ""
        number, goal = (in_words(each) if len(set(each)) > 1 else str(each[0]) for each in (numbers, goals))
        assert question(task) == f"Book {number} seats on the boat that leaves for {goal} today{end}."


def test_a_question_goes_on_with_what_differs_in_its_own_order(asked_again):
    """With the names of parameters or without: "..., then do the same with seats 4 and goal Peru"."""
    for task in asked_again["goes on"]:
        numbers, goals = both(task)
        differing = [(name, values) for name, values in (("seats", numbers), ("goal", goals)) if len(set(values)) > 1]
        pattern = rf"Book {numbers[0]} seats on the boat that leaves for {goals[0]} today"
        for number in range(1, len(numbers)):
            said = in_words([rf"(?:{name} )?{values[number]}" for name, values in differing])
            pattern += rf", [a-z ]+ (?:{GOES_ON.pattern}) {said}"
        assert re.fullmatch(pattern + r"\.", question(task)), question(task)


def test_a_question_is_asked_again_in_full(asked_again):
    for task in asked_again["in full"]:
        sentences = SENTENCE.split(question(task).removesuffix("."))
        assert sentences == [
            f"{'b' if number else 'B'}ook {seat} seats on the boat that leaves for {goal} today"
            for number, (seat, goal) in enumerate(zip(*both(task), strict=True))
        ]


CHARGE = tool("find_field", charge="number", distance="number")


def test_what_new_values_stand_for_is_said_where_it_could_be_either():
    """One of two numbers alone, after the other one in the call's order: "do the same with 8" would be a guess."""
    call = {"name": "find_field", "arguments": {"charge": 2, "distance": 3}}
    found = several(asked("Find the field 3 meters away from a charge of 2 coulombs.", call, [CHARGE]), seeds=96)
    goes_on = [task for task in found if way_of(task) == "goes on"]
    assert goes_on
    for task in goes_on:
        for wanted, after in zip(calls(task)[1:], GOES_ON.split(question(task).rstrip("."))[1:], strict=True):
            charge, distance = wanted["arguments"]["charge"], wanted["arguments"]["distance"]
            assert after.partition(",")[0].strip() in {
                f"{distance} and {charge}",
                f"distance {distance} and charge {charge}",
                *([f"charge {charge}"] if distance == 3 else []),
                *([f"distance {distance}"] if charge == 2 else []),
            }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The sides are 4 and 5.", 4),
        ("From 4 to 9 o'clock.", 4),
        ("At 4:30 in the morning.", 4),
        ("Is a=4?", 4),
        ("Weather in “Bern” today.", "Bern"),
        ("Weather in Bern, please.", "Bern"),
    ],
)
def test_nothing_is_listed_beside_what_is_a_list_already(text, value):
    call = {"name": "get_weather", "arguments": {"city" if isinstance(value, str) else "days": value}}
    assert "lists" not in ways(asked(text, call, [WEATHER]), OSLO)


def test_a_part_of_a_list_is_no_call_of_its_own():
    """Bern and Rome may be one call for two cities: only in full is it clear that they are not."""
    many = tool("get_weathers", cities="array")
    assert ways(
        asked("Weather in Bern!", {"name": "get_weathers", "arguments": {"cities": ["Bern"]}}, [many]), OSLO
    ) == {"in full"}


@pytest.mark.parametrize("text", ["Weather in Bern? I travel soon.", "Say 'Bern.'", "Bern\nor not", "Bern?!"])
def test_only_one_plain_sentence_goes_on(text):
    call = {"name": "get_weather", "arguments": {"city": "Bern"}}
    assert "goes on" not in ways(asked(text, call, [WEATHER]), OSLO)


def test_yes_is_not_1_and_a_value_of_two_parameters_is_not_asked_for_again():
    counts = tool("count", number="integer", exact_match="boolean", width="integer")
    yes = asked("Count 1 bird.", {"name": "count", "arguments": {"number": 1, "exact_match": True}}, [counts])
    found = several(yes, seeds=48)
    assert {way_of(task) for task in found} >= {"goes on", "lists"}
    assert not [task for task in found if "exact match" in question(task)]
    square = {"name": "count", "arguments": {"number": 7, "width": 7}}
    assert not several(asked("A square of 7.", square, [counts]))


def test_quotes_go_with_what_stands_in_them():
    said = asked("Weather in 'Bern' today!", {"name": "get_weather", "arguments": {"city": "Bern"}}, [WEATHER])
    goes_on = [question(task) for task in several(said, OSLO, seeds=48) if way_of(task) == "goes on"]
    assert goes_on and all(text.endswith(("with 'Oslo'!", "for 'Oslo'!", " city 'Oslo'!")) for text in goes_on)


def test_a_value_that_another_call_has_elsewhere_is_not_put_in_place_twice():
    """5 becomes 7 where the first number stood, and the second number, which was 7, becomes 9: not 9 and 9."""
    assert in_place({5: "7", 7: "9"}, "From 5 to 7.") == "From 7 to 9."


@pytest.mark.parametrize("text", ["GDP of Oslo", "Oslo now?", "I want Oslo.", "Alice wants Oslo."])
def test_a_sentence_that_follows_keeps_the_case_of_names(text):
    call = {"name": "get_weather", "arguments": {"city": "Oslo"}}
    found = [question(task) for task in several(asked(text, call, [WEATHER], id="o"), BERN, seeds=48)]
    followed = [said for said in found if SENTENCE.search(said)]
    assert followed
    assert all(
        re.fullmatch(r"(GDP of|I want|Alice wants|)\s?(Oslo|Bern)( now)?[.?]?", one)
        for said in followed
        for one in SENTENCE.split(said)
    )


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
