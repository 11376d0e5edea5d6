"""Files that are of another format than was said, questions that are asked twice, and definitions of tools."""

import json

import pytest
from tests.support.converting import TOOL, why

from suture.core.errors import BadFile, UsageError

ROWS = {
    "xlam": {"query": "a", "tools": "[]", "answers": "[]"},
    "openai": {"messages": []},
    "evals": {"input": "a", "ideal": "b"},
    "inspect": {"input": "a", "target": "b"},
    "hermes": {"conversations": []},
    "toolace": {"system": 'Functions: [{"name": "f"}]', "conversations": []},
    "glaive": {"system": "a", "chat": "b"},
    "spider": {"question": "a", "query": "b", "db_id": "c"},
    "bird": {"question": "a", "SQL": "b", "db_id": "c"},
}
TABLE = {"prompt": "a", "expected": "b", "as_kind": "exact"}


class TestOtherLayouts:
    @pytest.mark.parametrize("name", [*ROWS, "csv", "promptfoo"])
    @pytest.mark.parametrize("other", ROWS)
    def test_rows_of_another_format_are_refused_with_the_command_that_reads_them(self, converted, name, other):
        given = TABLE if name == "csv" else {}
        if name == other:
            assert converted(name, ROWS[other]).left_out
            return
        with pytest.raises(BadFile, match=f"they look like {other}") as caught:
            converted(name, ROWS[other], **given)
        assert "\n" not in str(caught.value)
        assert f"--from {other} " in str(caught.value.mend)

    def test_rows_that_no_format_knows_are_named_by_their_fields(self, converted):
        said = "the fields instruction, input, output; format xlam reads query and tools and answers"
        with pytest.raises(BadFile, match=said) as caught:
            converted("xlam", {"instruction": "a", "input": "b", "output": "c"})
        assert "--from inspect" in str(caught.value.mend)
        assert "--prompt '{instruction} {input}' --expected output" in str(caught.value.mend)

    def test_rows_without_any_text_are_named_too(self, converted):
        with pytest.raises(BadFile, match="its rows have the fields a;") as caught:
            converted("glaive", {"a": []})
        assert caught.value.mend == "suture suite convert --help"

    def test_a_table_is_mended_by_a_command_with_its_columns(self, converted):
        said = "a table with the columns input, target, id; format inspect reads rows of JSON"
        with pytest.raises(BadFile, match=said) as caught:
            converted("inspect", text="input,target,id\na,b,c\n", file="samples.csv")
        assert "--from csv" in str(caught.value.mend)
        assert "--prompt input --expected target" in str(caught.value.mend)

    def test_a_configuration_is_mended_by_its_format(self, converted):
        said = "YAML, such as promptfoo's; format openai reads rows of JSON"
        with pytest.raises(BadFile, match=said) as caught:
            converted("openai", text="description: a\nprompts: [a]\ntests: []\n", file="p.yaml")
        assert "--from promptfoo" in str(caught.value.mend)

    def test_rows_that_are_laid_out_are_named_one_by_one(self, converted):
        conversion = converted("inspect", {"input": "a", "target": ""}, {"question": "b"})
        assert why(conversion) == ["it has no target", "not laid out as this format is: it has no field 'input'"]

    @pytest.mark.parametrize("text", ["", "\n", "[]", "{}", "[1]", "nothing", "\x00"])
    @pytest.mark.parametrize("name", ["openai", "promptfoo", "csv", "toolace", "bird"])
    def test_files_of_nothing_are_refused(self, converted, name, text):
        with pytest.raises(UsageError):
            converted(name, text=text, **(TABLE if name == "csv" else {}))


class TestAskedTwice:
    @pytest.mark.parametrize(
        ("one", "other"), [("5+3=", "5-3="), ("f([1, 2])", "f([12])"), ("a < b", "a > b"), ("3", "-3")]
    )
    def test_signs_tell_questions_apart(self, converted, one, other):
        rows = [{"input": text, "target": text} for text in (one, other)]
        assert len(converted("inspect", *rows, as_kind="exact").kept) == 2

    @pytest.mark.parametrize("other", ["what is  two?", "What is two", "“What” is two?!"])
    def test_case_spacing_and_marks_around_words_do_not(self, converted, other):
        rows = [{"input": text, "target": "2"} for text in ("What is two?", other)]
        conversion = converted("inspect", *rows, as_kind="exact")
        assert conversion.reasons == [("it asks what another row asks, with the same answer", 1)]

    def test_what_the_system_says_tells_them_apart_too(self, converted):
        rows = [
            {"messages": [{"role": "system", "content": told}, {"role": "user", "content": "Hi"}, ANSWER]}
            for told in ("one", "two")
        ]
        assert len(converted("openai", *rows, as_kind="exact").kept) == 2


ANSWER = {"role": "assistant", "content": "Hello"}


class TestTools:
    def row(self, tools):
        return {"messages": [{"role": "user", "content": "Joke?"}, ANSWER], "tools": tools}

    @pytest.mark.parametrize(
        "tools",
        [
            [{"type": "function", "function": {"name": "weather"}}],
            [
                {
                    "name": "weather",
                    "parameters": {"type": "dict", "properties": {"a": {"type": "str"}}, "required": None},
                }
            ],
            [{"name": "weather", "parameters": {"properties": {"a": {"type": ["string", "null"]}}}}],
            json.dumps([{"type": "function", "function": TOOL}]),
            json.dumps(TOOL),
        ],
    )
    def test_definitions_in_the_wild(self, converted, tools):
        tool = converted("openai", self.row(tools)).kept[0]["tools"][0]
        assert (tool["name"], tool["parameters"]["type"]) == ("weather", "object")

    def test_a_tool_that_is_no_function_is_named(self, converted):
        assert why(converted("openai", self.row([{"type": "file_search"}]))) == [
            "a tool of the type 'file_search' is no function"
        ]

    @pytest.mark.parametrize("written", [7, "Callable[[int], int]", "Tensor"])
    def test_a_type_that_json_does_not_have_is_named(self, converted, written):
        tool = {"name": "f", "parameters": {"type": "object", "properties": {"a": {"items": {"type": written}}}}}
        assert f"type {written!r}" in why(converted("openai", self.row([tool])))[0]

    def test_a_parameter_may_be_called_type(self, converted):
        tool = {"name": "f", "parameters": {"type": {"type": "str", "default": "game"}}}
        assert converted("openai", self.row([tool])).kept[0]["tools"][0]["parameters"] == {
            "type": "object",
            "properties": {"type": {"type": "string", "default": "game"}},
            "required": [],
        }

    def test_what_is_not_said_to_be_required_is_not_where_others_are(self, converted):
        first = {"name": "f", "parameters": {"a": {"type": "str", "required": True}, "b": {"type": "str"}}}
        tools = [first, {"name": "g", "parameters": {"c": {"type": "str"}}}]
        made = converted("openai", self.row(tools)).kept[0]["tools"]
        assert [tool["parameters"]["required"] for tool in made] == [["a"], []]
