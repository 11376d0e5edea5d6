"""Checks that wrong answers pass easily are named, and others are not."""

import pytest
from kinds import own

from suture.judge import open_judge
from suture.loop.measuring.weakness import weak_tasks
from suture.suites.catalog import load_suite
from suture.suites.weak_checks import why_weak


def tool(name, *parameters, required=()):
    properties = {parameter: {"type": "string"} for parameter in parameters}
    return {"name": name, "parameters": {"type": "object", "properties": properties, "required": list(required)}}


NOW, FIND, SAY = tool("now"), tool("find", "word"), tool("say", "word", required=["word"])
LETTER = {"type": "object", "properties": {"a": {"type": "string"}}}
WEAK = [
    ("text", {"contains": "yes"}, {}, "opposite"),
    ("text", {"regex": "[A-D]"}, {}, "4 different answers of one character"),
    ("text", {"regex": "[0-9]+"}, {}, "one character"),
    ("text", {"regex": ".+"}, {}, "one character"),
    ("text", {"regex": "e|a", "search": True}, {}, "nothing in common"),
    ("text", {"regex": ".{2,}"}, {}, "nothing in common"),
    ("text", {"one_of": ["spam", "ham"]}, {"prompt": "Is it Ham or SPAM? Buy now."}, "without `target`"),
    (
        "text",
        {"one_of": ["bill", "fault", "other"]},
        {"prompt": "A bill. Is it fault, bill, or other?"},
        "target",
    ),
    ("text", {"number": 3, "abs_tol": 3}, {}, "0 passes"),
    ("text", {"number": -3, "rel_tol": 1}, {}, "0 passes"),
    ("json", {"schema": LETTER}, {}, "{} passes"),
    ("json", {"schema": True}, {}, "{} passes"),
    ("json", {"schema": {"type": "array"}}, {}, "[] passes"),
    ("json", {"schema": {"type": ["string", "null"], "minLength": 1}}, {}, "null passes"),
    ("json", {"schema": {"type": "string"}}, {}, '"" passes'),
    ("json", {"equals": {}, "subset": True}, {}, "{} passes"),
    ("tool-calls", {"calls": [{"find": {"word": ["a", ""]}}]}, {"tools": [FIND, SAY]}, "a call of find without any"),
    ("tool-calls", {"calls": [{"name": "now", "arguments": {}}]}, {"tools": [NOW]}, "a call of now without any"),
    ("grader", {"grader": "def grade(answer, task):\n    return answer == '1'"}, {}, "give a reference"),
]
STRONG = [
    ("text", {"contains": "yes", "not_contains": "not"}, {}),
    ("text", {"exact": "a"}, {}),
    ("text", {"one_of": ["spam", "ham"], "target": "ham"}, {"prompt": "Is it ham or spam? Buy now."}),
    ("text", {"one_of": ["Denver Broncos", "the Denver Broncos"]}, {"prompt": "The Denver Broncos won. Who won?"}),
    ("text", {"one_of": ["3 May", "May 3"]}, {"prompt": "It was 3 May, also written May 3rd: May 3. When?"}),
    ("text", {"one_of": ["yes", "it is"]}, {"prompt": "Is Peru in Europe, yes or no?"}),
    ("text", {"one_of": ["ham", "Ham!"]}, {"prompt": "Is it ham or spam? Buy now."}),
    ("text", {"regex": "[Bb]"}, {}),
    ("text", {"regex": "[A-Z]{2}-[0-9]{2}"}, {}),
    ("text", {"regex": "Peru", "search": True}, {}),
    ("text", {"number": 0, "abs_tol": 1}, {}),
    ("text", {"number": 3, "abs_tol": 0.1}, {}),
    ("json", {"schema": {**LETTER, "required": ["a"]}}, {}),
    ("json", {"equals": {}}, {}),
    ("json", {"equals": None}, {}),
    ("json", {"equals": {"a": 1}, "subset": True}, {}),
    ("tool-calls", {"calls": [{"say": {"word": ["a"]}}]}, {"tools": [SAY]}),
    ("tool-calls", {"calls": [{"name": "now", "arguments": {}}]}, {"tools": [NOW, SAY]}),
    ("tool-calls", {"calls": []}, {"tools": [NOW]}),
    ("grader", {"grader": "def grade(answer, task):\n    return answer == '1'"}, {"reference": "1"}),
]
ITEMS = "CREATE TABLE item(label TEXT, price REAL); INSERT INTO item VALUES ('mug', 4.5), ('rug', 50), ('pen', 2);"


@pytest.mark.parametrize(("kind", "check", "row", "said"), WEAK)
def test_a_weak_check_is_named(kind, check, row, said):
    assert said in (why_weak(own(kind, check, **row)) or "")


@pytest.mark.parametrize(("kind", "check", "row"), STRONG)
def test_a_strong_check_is_not(kind, check, row):
    assert why_weak(own(kind, check, **row)) is None


@pytest.mark.parametrize(
    ("setup", "reference", "weak"),
    [
        (ITEMS, "SELECT count(*) FROM item -- all", True),
        (ITEMS, "SELECT label FROM item WHERE price = 50", True),
        (ITEMS, "WITH cheap AS (SELECT * FROM item WHERE price < 4) SELECT label, price FROM cheap;", True),
        (ITEMS, "VALUES (1)", True),
        (ITEMS, "SELECT label FROM item WHERE price < 10 ORDER BY price", False),
        ([ITEMS, "CREATE TABLE item(label TEXT, price REAL);"], "SELECT count(*) FROM item", False),
    ],
)
def test_one_row_of_one_database_can_be_guessed(setup, reference, weak):
    with open_judge(workers=1) as judge:
        assert bool(weak_tasks(judge, [own("sql", {"setup": setup, "reference": reference})])) is weak


@pytest.mark.parametrize(
    ("tests", "weak"),
    [
        ("assert True", "`return None`"),
        ("assert f(0) is None", "`return None`"),
        ("assert f('x')", "`return True`"),
        ("assert f([]) == []\nassert f([1]) == [1]", "[0]`"),
        ("assert f(1) == 2", None),
    ],
)
def test_a_program_of_one_word_is_no_answer(tests, weak):
    task = own("python", {"entry_point": "f", "tests": {"kind": "assertions", "statements": tests.splitlines()}})
    with open_judge(workers=1) as judge:
        said = [found.why for found in weak_tasks(judge, [task])]
    assert said == [] if weak is None else weak in said[0]


def test_generated_suites_have_no_weak_check():
    assert [task.id for task in load_suite("extraction:test") if why_weak(task)] == []


def test_weak_tasks_keep_their_order_and_suite():
    tasks = [
        own("text", {"contains": "a"}),
        own("sql", {"setup": ITEMS, "reference": "SELECT 1"}).model_copy(update={"id": "u"}),
    ]
    with open_judge(workers=1) as judge:
        assert [(task.task_id, task.suite) for task in weak_tasks(judge, tasks)] == [("t", "s"), ("u", "s")]
