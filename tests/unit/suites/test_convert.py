"""Other people's files as tasks: what each format says, what is left out and why."""

import json

import pytest
from tests.support.converting import CALL, TOOL, passes, why

from suture.cli.main import run
from suture.core.errors import UsageError
from suture.suites.catalog import load_suite
from suture.suites.convert.conversion import convert
from suture.suites.convert.converter import Choices
from suture.suites.convert.tool_definitions import schema_of
from suture.suites.kinds import kind_of


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
            ({"messages": [{"role": "user", "content": "a"}, "b"]}, "not laid out as this format"),
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
        assert passes(row, '[{"name": "weather", "arguments": {"city": "Oslo", "units": ""}}]')
        assert not passes(row, '[{"name": "weather", "arguments": {"city": "Oslo", "days": 4}}]')

    @pytest.mark.parametrize("default", ["{1, 2}", "...", "b'x'"])
    def test_a_default_that_json_does_not_have_stays_a_text(self, converted, default):
        tools = json.dumps([{"name": "weather", "parameters": {"city": {"type": "list", "default": default}}}])
        answers = json.dumps([{"name": "weather", "arguments": {}}])
        (row,) = converted("xlam", self.row(tools=tools, answers=answers)).kept
        assert row["tools"][0]["parameters"]["properties"]["city"]["default"] == default

    def test_arguments_may_be_a_json_text_and_defaults_pythons_literals(self, converted):
        parameters = {"days": {"type": "List[str]", "default": "['a']"}, "n": {"type": "int", "default": "None"}}
        tools = json.dumps([{"name": "weather", "parameters": parameters}])
        answers = json.dumps([{"name": "weather", "arguments": "{}"}])
        (row,) = converted("xlam", self.row(tools=tools, answers=answers)).kept
        properties = row["tools"][0]["parameters"]["properties"]
        assert (properties["days"]["default"], properties["n"]["default"]) == (["a"], None)
        assert passes(row, '[{"name": "weather", "arguments": {"days": ["a"]}}]')

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
            ({"answers": '[{"name": "weather"}]'}, "no name and arguments"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, more, reason):
        assert reason in why(converted("xlam", self.row(**more)))[0]


class TestInspect:
    def test_rows_in_other_fields_are_read_by_their_names(self, converted):
        row = {"question": "Largest organ?", "answer": "Skin", "hint": "outside"}
        (made,) = converted("inspect", row, as_kind="loose", prompt="{question} ({hint})", expected="answer").kept
        assert made["prompt"] == "Largest organ? (outside)"
        assert passes(made, "skin")
        beside = converted("inspect", row, {"question": "a"}, as_kind="loose", prompt="question", expected="answer")
        assert why(beside) == ["it has no answer"]

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
