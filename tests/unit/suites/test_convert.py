"""Other people's files as tasks: what each format says, what is left out and why."""

import json
import shlex
import sqlite3

import pytest

from suture.cli.main import run
from suture.core.errors import BadFile, UnknownName, UsageError
from suture.suites.catalog import load_suite
from suture.suites.convert.conversion import convert
from suture.suites.convert.converter import Choices
from suture.suites.convert.xlam import schema_of
from suture.suites.kinds import kind_of
from suture.suites.own_rows import own_task

TOOL = {
    "name": "weather",
    "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CALL = {"name": "weather", "arguments": {"city": "Oslo"}}


@pytest.fixture
def converted(tmp_path):
    def from_rows(name, *rows, text=None, file="rows.jsonl", **choices):
        path = tmp_path / file
        path.write_text(text if text is not None else "".join(json.dumps(row) + "\n" for row in rows))
        return convert(path, name, Choices(**choices))

    return from_rows


def passes(row, answer):
    task = own_task(row, suite="s", origin="o")
    return kind_of(task).decide(task, answer).passed


def why(conversion):
    return [item.why for item in conversion.left_out]


def chat(*turns, **more):
    return {"messages": [dict(zip(("role", "content"), turn, strict=True)) for turn in turns], **more}


def openai_call(name="weather", arguments='{"city": "Oslo"}'):
    function = {"name": name, "arguments": arguments}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]}


class TestOpenAI:
    def tool_row(self, answer, **more):
        return {
            "messages": [{"role": "user", "content": "Weather in Oslo?"}, answer],
            "tools": [{"type": "function", "function": TOOL}],
            **more,
        }

    @pytest.mark.parametrize("arguments", ['{"city": "Oslo"}', {"city": "Oslo"}, '"{\\"city\\": \\"Oslo\\"}"'])
    def test_calls_are_wanted_whether_arguments_are_a_text_or_an_object(self, converted, arguments):
        (row,) = converted("openai", self.tool_row(openai_call(arguments=arguments))).kept
        assert passes(row, json.dumps([CALL]))
        assert not passes(row, json.dumps([{**CALL, "arguments": {"city": "Bergen"}}]))

    def test_the_old_form_with_functions(self, converted):
        answer = {"role": "assistant", "function_call": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
        row = {"messages": [{"role": "user", "content": "Weather?"}, answer], "functions": [TOOL]}
        assert passes(converted("openai", row).kept[0], json.dumps([CALL]))

    def test_an_answer_without_calls_where_tools_are_offered_is_a_task_to_refrain(self, converted):
        (row,) = converted("openai", self.tool_row({"role": "assistant", "content": "I cannot do that."})).kept
        assert row["check"] == {"calls": []}
        assert passes(row, "No tool fits.")
        assert not passes(row, json.dumps([CALL]))

    def test_earlier_turns_stay_with_their_calls_and_results(self, converted):
        turns = [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Weather in Oslo?"}]},
            openai_call(),
            {"role": "tool", "tool_call_id": "1", "content": "rain"},
            {"role": "user", "content": "And in Bergen?"},
            openai_call(arguments='{"city": "Bergen"}'),
        ]
        (row,) = converted("openai", {"messages": turns, "tools": [{"type": "function", "function": TOOL}]}).kept
        assert [message["role"] for message in row["messages"]] == ["system", "user", "assistant", "tool", "user"]
        assert row["messages"][3]["name"] == "weather"
        assert row["messages"][2]["tool_calls"] == [CALL]

    def test_free_text_needs_a_way_to_compare(self, converted):
        row = chat(("user", "Capital of Norway?"), ("assistant", "Oslo"))
        assert "say how to compare it with --as" in why(converted("openai", row))[0]
        assert passes(converted("openai", row, as_kind="exact").kept[0], "Oslo")

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (chat(("user", "Hi?")), "last turn is not the assistant's"),
            (chat(("assistant", "Hi.")), "nobody asks"),
            ({"messages": [{"role": "user", "content": "a"}, {**openai_call(), "weight": 0}]}, "weight 0"),
            ({"messages": [{"role": "user", "content": "a"}, openai_call()]}, "no tools are given"),
            ({"messages": [{"role": "user", "content": "a"}, openai_call(arguments="{city")]}, "are no JSON"),
            ({"messages": [{"role": "user", "content": "a"}, openai_call(arguments="[1]")]}, "are no object"),
            (chat(("narrator", "a"), ("assistant", "b")), "the role 'narrator'"),
            (chat(("user", [{"type": "image_url"}]), ("assistant", "b")), "content that is no text"),
            ({"prompt": "a", "completion": "b"}, "not laid out as this format"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, row, reason):
        assert reason in why(converted("openai", row))[0]

    def test_a_call_of_a_tool_that_is_not_offered_is_left_out(self, converted):
        assert converted("openai", self.tool_row(openai_call(name="other"))).kept == []


class TestXlam:
    def row(self, **more):
        parameters = {
            "city": {"type": "str", "description": "Where."},
            "days": {"type": "int, optional", "description": "How many.", "default": "3"},
            "units": {"type": "str", "default": ""},
        }
        tool = {"name": "weather", "description": "Tells.", "parameters": parameters}
        answers = [{"name": "weather", "arguments": {"city": "Oslo", "days": 3}}]
        said = {"id": 7, "query": "Oslo?", "tools": json.dumps([tool]), "answers": json.dumps(answers)}
        return {**said, **more}

    def test_flat_parameters_become_a_schema(self, converted):
        (row,) = converted("xlam", self.row()).kept
        schema = row["tools"][0]["parameters"]
        assert schema["required"] == ["city"]
        assert schema["properties"]["days"] == {"type": "integer", "description": "How many.", "default": 3}
        assert passes(row, row["reference"])
        assert passes(row, '[{"name": "weather", "arguments": {"city": "Oslo"}}]')
        assert not passes(row, '[{"name": "weather", "arguments": {"city": "Oslo", "days": 4}}]')

    @pytest.mark.parametrize(
        ("written", "schema", "optional"),
        [
            ("str", {"type": "string"}, False),
            ("int, optional", {"type": "integer"}, True),
            ("float, optional, default 2", {"type": "number"}, True),
            ("List[int]", {"type": "array", "items": {"type": "integer"}}, False),
            ("List[List[str]]", {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, False),
            ("Dict[str, Any]", {"type": "object"}, False),
            ("Optional[bool]", {"type": "boolean"}, True),
            ("Union[int, str]", {"anyOf": [{"type": "integer"}, {"type": "string"}]}, False),
            ("Tuple[float, float]", {"type": "array"}, False),
        ],
    )
    def test_types_as_python_names_them(self, written, schema, optional):
        assert schema_of(written) == (schema, optional)

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"tools": "[{"}, "tools are no JSON"),
            ({"answers": "{}"}, "answers are no list"),
            (
                {"tools": '[{"name": "weather", "parameters": {"f": {"type": "Callable[[float], float]"}}}]'},
                "the type 'Callable",
            ),
            ({"answers": '[{"name": "weather"}]'}, "not laid out"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, more, reason):
        assert reason in why(converted("xlam", self.row(**more)))[0]


class TestHermes:
    def row(self, answer, **more):
        system = {"from": "system", "value": "You call functions. <tools> [...] </tools>"}
        turns = [system, {"from": "human", "value": "Oslo?"}, {"from": "gpt", "value": answer}]
        tools = json.dumps([{"type": "function", "function": TOOL}])
        return {"id": "a", "conversations": turns, "tools": tools, "category": "Weather", **more}

    @pytest.mark.parametrize("call", [json.dumps(CALL), "{'name': 'weather', 'arguments': {'city': 'Oslo'}}"])
    def test_calls_in_json_or_as_pythons_literal(self, converted, call):
        (row,) = converted("hermes", self.row(f"<tool_call>\n{call}\n</tool_call>")).kept
        assert passes(row, json.dumps([CALL]))
        assert [message["role"] for message in row["messages"]] == ["user"]

    def test_tools_may_stand_in_the_system_text_alone(self, converted):
        row = self.row(f"<tool_call>{json.dumps(CALL)}</tool_call>", tools=None)
        row["conversations"][0]["value"] = f"<tools>{json.dumps([TOOL])}</tools>"
        assert converted("hermes", row).kept[0]["tools"] == [TOOL]

    def test_an_answer_by_a_schema_is_of_kind_json(self, converted):
        schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
        row = self.row('{"n": 3}', tools=None)
        row["conversations"][0]["value"] = f"Answer in JSON. <schema>{json.dumps(schema)}</schema>"
        (made,) = converted("hermes", row).kept
        assert passes(made, '{"n": 3.0}')
        assert not passes(made, '{"n": 4}')

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ("<tool_call>{'name': f()}</tool_call>", "neither JSON nor a literal"),
            ("<tool_call>\n" + json.dumps(CALL), "not closed"),
            (json.dumps(CALL) + "\n</tool_call>", "not opened"),
            ("<tool_call>[1]</tool_call>", "no name and arguments"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, answer, reason):
        assert reason in why(converted("hermes", self.row(answer)))[0]

    def test_free_text_is_left_out(self, converted):
        row = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
        assert "neither tools nor a schema" in why(converted("hermes", row))[0]


class TestInspect:
    def test_rows_in_other_fields_are_named_with_the_field_they_lack(self, converted):
        left = why(converted("inspect", {"question": "Largest organ?", "answer": "Skin"}, as_kind="loose"))
        assert left == ["not laid out as this format is: it has no field 'input'"]

    def test_choices_and_a_letter(self, converted):
        (row,) = converted("inspect", {"input": "Sky?", "choices": ["red", "blue"], "target": "B"}).kept
        assert passes(row, "B")
        assert passes(row, "blue")
        assert not passes(row, "A")

    def test_several_targets_are_one_of(self, converted):
        rows = converted("inspect", {"input": "Say yes.", "target": ["yes", "Yeah!"]}, as_kind="loose").kept
        assert passes(rows[0], "YEAH")
        assert not passes(rows[0], "no")

    def test_includes_is_a_part_whatever_its_case(self, converted):
        (row,) = converted("inspect", {"input": "Pi?", "target": "3.14"}, as_kind="includes").kept
        assert passes(row, "It is 3.14159.")
        assert not passes(row, "It is 3514.")

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ({"input": "a", "target": "b"}, "its scorer is not in the file"),
            ({"input": "a", "target": ""}, "no target"),
            ({"input": "a", "target": "b", "files": {"x": "y"}}, "has files"),
            ({"input": "a", "target": "C", "choices": ["x", "y"]}, "not the letter of one choice"),
            ({"input": "a", "target": ["A", "B"], "choices": ["x", "y"]}, "not the letter of one choice"),
            ({"input": [{"role": "tool", "content": "x"}], "target": "b"}, "a tool's"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, row, reason):
        assert reason in why(converted("inspect", row))[0]


PROMPTFOO = """
prompts: ["Say {{word}} to {{ who.name }}."]
defaultTest: {vars: {who: {name: Ada}}}
tests:
- vars: {word: hi}
  assert: [{type: %s}, {type: latency, threshold: 10}]
"""


class TestPromptfoo:
    def test_tests_in_another_file_are_named(self, converted):
        listed = "prompts: ['{{q}}']\ntests: ['file://more.csv']\n"
        assert why(converted("promptfoo", text=listed)) == ["its tests stand in another file, file://more.csv"]
        with pytest.raises(BadFile, match="its tests stand in another file"):
            converted("promptfoo", text="prompts: ['{{q}}']\ntests: file://more.csv\n")

    @pytest.mark.parametrize(
        ("asserted", "right", "wrong"),
        [
            ("equals, value: '{{word}}'", "hi", "hi you"),
            ("equals, value: {a: 1}", '{"a": 1}', '{"a": 2}'),
            ("contains, value: 'a.b'", "xa.by", "xaxby"),
            ("icontains, value: 'HI'", "oh hi", "oh"),
            ("contains-any, value: [x, y]", "a y", "a"),
            ("contains-any, value: 'x, y'", "a y", "a"),
            ("icontains-all, value: [x, y]", "Y and X", "x"),
            ("regex, value: '^[0-9]+'", "12 a", "a 12"),
            ("starts-with, value: hi", "hi\nyou", "oh hi"),
            ("is-json, value: {type: object, required: [a]}", '{"a": 1}', "{}"),
        ],
    )
    def test_an_assertion_decides_as_it_did(self, converted, asserted, right, wrong):
        (row,) = converted("promptfoo", text=PROMPTFOO % asserted, file="p.yaml").kept
        assert row["prompt"] == "Say hi to Ada."
        assert passes(row, right)
        assert not passes(row, wrong)

    @pytest.mark.parametrize(
        ("asserted", "reason"),
        [
            ("llm-rubric, value: nice", "llm-rubric has no counterpart"),
            ("not-contains, value: a", "not-contains has no counterpart"),
            ("javascript, value: 'output.length'", "javascript has no counterpart"),
            ("is-json", "any JSON would pass"),
            ("equals, value: a, transform: 'output.trim()'", "transforms the answer by code"),
            ("equals, value: 'file://a.txt'", "stands in another file"),
            ("equals, value: '{{nobody}}'", "nobody has no value"),
            ("regex, value: '(?=a)b'", "pattern"),
            ("latency, threshold: 3", "asserts nothing about the answer"),
            ("equals, value: a}, {type: contains, value: b", "several assertions at once: equals, contains"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, asserted, reason):
        conversion = converted("promptfoo", text=PROMPTFOO % asserted, file="p.yaml")
        assert conversion.kept == []
        assert reason in why(conversion)[0]
        assert "p.yaml, test 1" in conversion.left_out[0].at

    def test_json_equal_and_by_schema_hold_both(self, converted):
        asserted = "equals, value: {a: 1}}, {type: is-json, value: {type: object}"
        (row,) = converted("promptfoo", text=PROMPTFOO % asserted, file="p.yaml").kept
        assert sorted(row["check"]) == ["equals", "schema"]

    def test_prompts_with_logic_or_lists_are_left_out(self, converted):
        text = (
            "prompts: ['{% if a %}x{% endif %}', '{{a}}']\n"
            "tests: [{vars: {a: [1]}, assert: [{type: equals, value: b}]}]"
        )
        assert why(converted("promptfoo", text=text, file="p.yaml")) == [
            "its prompt is a template with logic",
            "its variable a is a list: several tests in one",
        ]

    def test_a_chat_as_json_is_a_chat(self, converted):
        text = (
            'prompts: [\'[{"role": "system", "content": "s"}, {"role": "user", "content": "{{a}}"}]\']\n'
            "tests: [{vars: {a: q}, assert: [{type: equals, value: b}]}]"
        )
        assert converted("promptfoo", text=text, file="p.yaml").kept[0]["messages"][1]["content"] == "q"

    @pytest.mark.parametrize("text", ["prompts: [a]\ntests: file://t.csv", "tests: [{vars: {}}]", "- a", "a: [", "!!x"])
    def test_a_file_that_is_none_is_refused_whole(self, converted, text):
        with pytest.raises(BadFile):
            converted("promptfoo", text=text, file="p.yaml")


class TestCsv:
    def test_bom_semicolons_and_quoted_newlines(self, converted):
        text = '\ufeffid;Question;Answer\n1;"a; b\nc";4\n2;d;5\n3;e;\n4;f;1,5\n'
        conversion = converted("csv", text=text, file="t.csv", prompt="Question", expected="Answer", as_kind="number")
        assert conversion.kept[0]["prompt"] == "a; b\nc"
        assert passes(conversion.kept[0], "It is 4")
        assert [item.at.partition(", ")[2] for item in conversion.left_out] == ["line 5"]
        assert conversion.left_out[0].why == "it has no wanted answer"

    @pytest.mark.parametrize("line", ["a,b,c,d", "a"])
    def test_a_line_with_other_cells_is_left_out(self, converted, line):
        conversion = converted(
            "csv", text=f"q,a\nx,y\n{line}\n", file="t.csv", prompt="q", expected="a", as_kind="exact"
        )
        assert [row["prompt"] for row in conversion.kept] == ["x"]
        assert "more or fewer cells" in why(conversion)[0]

    def test_an_unknown_column_offers_the_nearest(self, converted):
        with pytest.raises(UnknownName, match="did you mean 'question'"):
            converted("csv", text="question,a\n", file="t.csv", prompt="qestion", expected="a", as_kind="exact")

    @pytest.mark.parametrize(
        ("as_kind", "text"), [("number", "many"), ("json", "{"), ("regex", "(?=a)"), ("regex", "a*")]
    )
    def test_a_wanted_answer_that_is_none_is_left_out(self, converted, as_kind, text):
        conversion = converted("csv", text=f"q,a\nx,{text}\n", file="t.csv", prompt="q", expected="a", as_kind=as_kind)
        assert len(conversion.left_out) == 1


@pytest.fixture
def database(tmp_path):
    def in_directory(directory):
        path = tmp_path / directory / "shop" / "shop.sqlite"
        path.parent.mkdir(parents=True)
        with sqlite3.connect(path) as connection:
            connection.executescript(
                "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price REAL);"
                "INSERT INTO item VALUES (1, 'a;\nb', 2.5), (2, 'c', 4);"
            )
            connection.execute("INSERT INTO item VALUES (3, CAST(x'ff41' AS TEXT), 1)")
        connection.close()

    return in_directory


class TestSql:
    def test_spider(self, converted, database):
        database("database")
        query = "SELECT name FROM item WHERE price > 3"
        rows = [{"question": "Which cost more than 3?", "query": query, "db_id": "shop"}, {"db_id": "gone"}]
        conversion = converted("spider", *rows, file="dev.jsonl")
        (row,) = conversion.kept
        assert "CREATE TABLE item" in row["prompt"]
        assert "INSERT" not in row["prompt"]
        assert "INSERT" in row["check"]["setup"]
        assert why(conversion) == ["its database gone.sqlite is not there"]

    def test_birds_hint_is_part_of_the_question(self, converted, database, tmp_path):
        database("elsewhere")
        row = {
            "question_id": 5,
            "question": "Which are dear?",
            "evidence": "dear means price > 3",
            "SQL": "SELECT name FROM item WHERE price > 3",
            "db_id": "shop",
            "difficulty": "simple",
        }
        (made,) = converted("bird", row, databases=tmp_path / "elsewhere").kept
        assert "Hint: dear means price > 3" in made["prompt"]
        assert made["id"] == "bird/5"
        assert made["tags"] == ["shop", "simple"]

    def test_what_is_no_database_is_said(self, converted, tmp_path):
        (tmp_path / "database" / "x").mkdir(parents=True)
        (tmp_path / "database" / "x" / "x.sqlite").write_text("no database at all, only text" * 20)
        row = {"question": "a", "query": "SELECT 1", "db_id": "x"}
        assert "cannot be read" in why(converted("spider", row, file="dev.jsonl"))[0]


def test_the_same_question_twice_is_named(converted):
    rows = [chat(("user", "Two?"), ("assistant", text)) for text in ("2", "two", "2")]
    conversion = converted("openai", *rows, as_kind="exact")
    assert len(conversion.kept) == 1
    assert [item.why.rpartition(", with ")[2] for item in conversion.left_out] == ["another answer", "the same answer"]
    assert all("line 1 asks" in item.why for item in conversion.left_out)


def test_an_id_that_is_used_twice_is_named(converted):
    rows = [{"id": "a", "input": text, "target": text} for text in ("x", "y")]
    assert "its id is that of" in why(converted("inspect", *rows, as_kind="exact"))[0]


def test_what_another_suite_asks_is_left_out(tmp_path):
    known = load_suite("extraction:3")
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"input": known[0].messages[0].content, "target": "x"}))
    conversion = convert(path, "inspect", Choices(as_kind="exact"), known=known)
    assert why(conversion) == ["it asks what extraction/3 asks"]


@pytest.mark.parametrize(
    ("name", "choices", "message"),
    [
        ("promptfo", {}, "did you mean 'promptfoo'"),
        ("csv", {"prompt": "q"}, "needs --expected and --as"),
        ("xlam", {"as_kind": "exact"}, "takes no --as"),
        ("openai", {"as_kind": "exactly"}, "did you mean 'exact'"),
    ],
)
def test_wrong_options_are_said_before_the_file_is_read(tmp_path, name, choices, message):
    with pytest.raises(UsageError, match=message):
        convert(tmp_path / "nothing", name, Choices(**choices))


@pytest.mark.usefixtures("suites_at_hand_once")
def test_the_verb_writes_what_can_be_read_again(tmp_path, capsys):
    path, out = tmp_path / "t.csv", tmp_path / "o.jsonl"
    path.write_text("q,a\nCapital of Norway?,Oslo\nBad?,\n")
    options = ["--from", "csv", "--prompt", "q", "--expected", "a", "--as", "loose", "--out", str(out)]
    assert run(["suite", "convert", str(path), *options, "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert (result["converted"], result["left_out"][0]["why"]) == (1, "it has no wanted answer")
    assert "extraction" in result["compared"]
    (task,) = load_suite(str(out))
    assert kind_of(task).decide(task, task.reference).passed


def test_the_verb_leaves_nothing_where_the_file_is_broken(tmp_path, capsys):
    path, out = tmp_path / "rows.jsonl", tmp_path / "o.jsonl"
    path.write_text('{"input": "a", "target": "b"}\n{"input": \n')
    assert run(["suite", "convert", str(path), "--from", "inspect", "--as", "exact", "--out", str(out)]) == 2
    assert "line 2" in capsys.readouterr().err
    assert not out.exists()


class TestTables:
    TABLE = "text,class\nThe wifi drops.,network\nI forgot my password.,account\n"

    def test_the_values_of_a_column_are_the_labels(self, converted):
        found = converted("csv", text=self.TABLE, file="t.csv", prompt="text", expected="class", as_kind="label")
        assert [row["check"] for row in found.kept] == [
            {"one_of": ["network", "account"], "target": "network", "ignore": ["case", "punctuation"]},
            {"one_of": ["network", "account"], "target": "account", "ignore": ["case", "punctuation"]},
        ]
        assert passes(found.kept[1], "Account.")
        assert passes(found.kept[1], "account")
        assert not passes(found.kept[1], "network")

    def test_labels_that_differ_in_marks_alone_are_told_apart(self, converted):
        table = "text,class\nGood.,+1\nBad.,-1\n"
        found = converted("csv", text=table, file="t.csv", prompt="text", expected="class", as_kind="label")
        assert passes(found.kept[0], "+1")
        assert not passes(found.kept[0], "-1")

    def test_a_question_may_be_written_around_the_columns(self, converted):
        asked = "Ticket: {text} Network or account?"
        found = converted("csv", text=self.TABLE, file="t.csv", prompt=asked, expected="class", as_kind="label")
        assert found.kept[0]["prompt"] == "Ticket: The wifi drops. Network or account?"

    @pytest.mark.parametrize("choices", [{}, {"prompt": "txt", "expected": "class", "as_kind": "exact"}])
    def test_what_is_missing_is_mended_by_a_command_with_the_table_s_own_columns(self, tmp_path, monkeypatch, choices):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "t.csv").write_text(self.TABLE)
        with pytest.raises(UsageError) as caught:
            convert(tmp_path / "t.csv", "csv", Choices(**choices))
        assert caught.value.mend is not None
        assert run(shlex.split(caught.value.mend)[1:]) == 0
        assert len(load_suite("t.jsonl")) == 2

    def test_a_table_in_place_of_tasks_is_mended_by_the_same(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "t.csv").write_text(self.TABLE)
        with pytest.raises(BadFile, match=r"a CSV table \(columns text, class\)") as caught:
            load_suite("t.csv")
        assert caught.value.mend is not None
        assert run(shlex.split(caught.value.mend)[1:]) == 0
        assert len(load_suite("t.jsonl")) == 2
