"""``suture suite show`` and ``suture suite schema``: tasks as people and programs read them."""

import json

import pytest

TOOL = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
ROWS = [
    {
        "id": "t/1",
        "kind": "text",
        "prompt": "Capital of Peru?",
        "expected": "Lima",
        "reference": "Lima",
        "tags": ["geo"],
    },
    {"id": "t/2", "kind": "json", "prompt": "Ann is 31.", "check": {"equals": {"age": 31}, "unordered": True}},
    {
        "id": "t/3",
        "kind": "sql",
        "prompt": "How many?",
        "check": {"setup": "CREATE TABLE t(a)", "reference": "SELECT 1"},
    },
    {
        "id": "t/4",
        "kind": "tool-calls",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather in Bern?"}],
        "tools": [TOOL],
        "check": {"calls": [{"weather": {"city": ["Bern", "Berne", ""]}}]},
    },
    {"id": "t/5", "kind": "tool-calls", "prompt": "Hi", "tools": [TOOL], "check": {"calls": []}},
    {
        "id": "t/6",
        "kind": "grader",
        "prompt": "Say.",
        "check": {"grader": "def grade(answer, task):\n    return False"},
    },
    {
        "id": "t/7",
        "kind": "python",
        "prompt": "\n".join(f"line {n}" for n in range(40)),
        "check": {"entry_point": "f", "tests": {"kind": "assertions", "statements": ["assert f() == 1"]}},
    },
]


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return tmp_path / "own.jsonl"


def test_three_are_shown_and_how_to_see_more(suture, own):
    said = suture("suite", "show", own)
    assert said.code == 0
    assert [row["id"] for row in ROWS if f"{row['id']}  " in said.out] == ["t/1", "t/2", "t/3"]
    assert "4 more of 7 tasks: suture suite show" in said.out
    assert "--task t/1" in said.out


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("t/1", ["text", "[own, geo]", "Capital of Peru?", "the whole answer is 'Lima'", "reference    Lima"]),
        ("t/2", ['{"age": 31}', "lists may be in any order", 'reference    {"age": 31}']),
        ("t/3", ["rows equal, on its database, those of", "SELECT 1", "CREATE TABLE t(a)"]),
        ("t/4", ["system       Be brief.", "weather(city?: string)", 'city="Bern" or "Berne" or nothing']),
        ("t/5", ["it calls nothing"]),
        ("t/6", ["grade(answer, task) returns True", "return False"]),
        ("t/7", ["line 39", "the program with f passes these tests", "assert f() == 1"]),
    ],
)
def test_a_task_is_shown_whole(suture, own, task, words):
    said = suture("suite", "show", own, "--task", task)
    assert [word for word in words if word not in said.out] == []
    assert "more" not in said.out


def test_long_parts_are_cut_where_several_tasks_are_shown(suture, own):
    said = suture("suite", "show", own, "--limit", "7")
    assert "line 11\n" in said.out
    assert "line 12" not in said.out
    assert "... and 28 more lines" in said.out
    assert "more of 7 tasks" not in said.out


def test_json_has_every_field(suture, own):
    said = suture("suite", "show", own, "--limit", "2", "--json").json
    assert said["tasks"] == 7
    first = said["shown"][0]
    assert first["check"]["exact"] == "Lima"
    assert {"id", "suite", "kind", "messages", "reference", "tags", "groups", "form", "passes_when"} <= first.keys()


def test_an_unknown_id_is_answered_with_the_nearest(suture, own):
    said = suture("suite", "show", own, "--task", "t/11")
    assert said.code == 2
    assert "did you mean 't/1'?" in said.err


def test_a_list_of_known_names_stays_short(suture):
    said = suture("suite", "show", "json-repair", "--task", "nothing alike")
    assert said.code == 2
    assert "and 748 more" in said.err


@pytest.mark.parametrize("suite", ["humaneval", "json-repair", "extraction:train", "bfcl:multiple", "bfcl:irrelevance"])
def test_official_and_generated_suites_are_shown(suture, suite):
    said = suture("suite", "show", suite, "--limit", "1")
    assert said.code == 0
    assert "passes when" in said.out


def test_nothing_cannot_be_shown(suture, own):
    assert suture("suite", "show", own, "--limit", "0").code == 2


def test_the_schema_is_printed_with_and_without_json(suture):
    plain, compact = suture("suite", "schema"), suture("suite", "schema", "--json")
    assert plain.json == compact.json
    assert plain.json["$schema"].endswith("2020-12/schema")
    assert len(plain.out.splitlines()) > 100


def test_a_task_without_a_right_answer_says_that_it_is_not_taught(suture):
    assert (
        "reference    none: it is counted, and not taught"
        in suture("suite", "show", "basics", "--task", "basics/0").out
    )
