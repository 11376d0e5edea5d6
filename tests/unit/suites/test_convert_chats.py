"""Chats of ToolACE, glaive and ShareGPT as tasks.

Rows have the shapes of ToolACE, glaive v2 and LLaMA-Factory's demonstration of glaive (Apache-2.0 all); their texts
were written for these tests.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.converting import CALL, TOOL, passes, why

from suture.cli.main import run
from suture.suites.convert.toolace import bracketed_calls


def chat(*turns, **more):
    return {"conversations": [{"from": name, "value": text} for name, text in turns], **more}


class TestShareGpt:
    def test_the_first_answer_that_calls_is_wanted_and_later_ones_are_counted(self, converted):
        row = chat(
            ("human", "Is it nice out?"),
            ("gpt", "Where?"),
            ("human", "Oslo."),
            ("function_call", json.dumps(CALL)),
            ("observation", "rain"),
            ("gpt", "It rains."),
            ("human", "And in Bergen?"),
            ("function_call", json.dumps({**CALL, "arguments": {"city": "Bergen"}})),
            tools=json.dumps([TOOL]),
        )
        conversion = converted("sharegpt", row)
        assert [message["content"] for message in conversion.kept[0]["messages"]] == [
            "Is it nice out?",
            "Where?",
            "Oslo.",
        ]
        assert passes(conversion.kept[0], json.dumps([CALL]))
        assert [item.answers for item in conversion.further] == [1]

    def test_words_before_a_call_are_one_answer_with_it(self, converted):
        turns = [("human", "Oslo?"), ("gpt", "I look."), ("function_call", json.dumps(CALL))]
        assert len(converted("sharegpt", chat(*turns, tools=[TOOL])).kept[0]["messages"]) == 1

    def test_a_broken_call_after_the_wanted_one_does_not_matter(self, converted):
        turns = [("human", "Oslo?"), ("function_call", json.dumps(CALL)), ("function_call", "{")]
        assert len(converted("sharegpt", chat(*turns, tools=[TOOL])).kept) == 1

    def test_no_call_where_tools_are_offered_is_a_task_to_refrain(self, converted):
        (row,) = converted("sharegpt", chat(("human", "Joke?"), ("gpt", "No."), tools=[TOOL])).kept
        assert row["check"] == {"calls": []}

    def test_words_need_a_way_to_compare(self, converted):
        row = chat(("human", "Capital of Norway?"), ("gpt", "Oslo"))
        assert why(converted("sharegpt", row)) == ["it offers no tools: its answer is free text"]
        assert passes(converted("sharegpt", row, as_kind="loose").kept[0], "oslo.")

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (chat(("bard", "a")), "a turn is from 'bard'"),
            (chat(("human", None)), "no text"),
            (chat(("human", "a")), "nobody answers"),
            (chat(("gpt", "a")), "nobody asks"),
            (chat(("human", "a"), ("function_call", "[1]"), tools=[TOOL]), "no name and arguments"),
            (chat(("human", "a"), ("function_call", json.dumps(CALL))), "no tools are given"),
            (chat(("human", "a"), ("gpt", "b"), tools="[{"), "tools are no JSON"),
            (chat(("human", "a"), ("gpt", "b"), tools=[1]), "no list of functions"),
            (chat(("human", "a"), ("gpt", "b"), tools=[{"type": "web_search"}]), "'web_search' is no function"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, row, reason):
        assert reason in why(converted("sharegpt", row))[0]


LISTED = "You compose functions. Here is a list of functions in JSON format that you can invoke:\n"


class TestToolAce:
    def row(self, answer, name="Get Weather (Daily) V2", **parameters):
        properties = {"city": {"type": "string"}, **parameters}
        schema = {"type": "dict", "properties": properties, "required": ["city"]}
        tools = [{"name": name, "description": "Tells.", "parameters": schema, "required": None}]
        system = (
            f"{LISTED}{json.dumps(tools)}. \nPut it in the format of [func1(a=b)]\n\nNO other text MUST be included."
        )
        return {**chat(("user", "Oslo?"), ("assistant", answer)), "system": system}

    @pytest.mark.parametrize("name", ["Get Weather (Daily) V2", "/v1/weather", "M4.5+ Rain, Past 7 Days", "weather"])
    def test_names_of_functions_may_hold_anything(self, converted, name):
        answer = f'[{name}(city="Oslo", days=2, from=[1, {{"a": True}}])]'
        kinds = {"days": {"type": "int"}, "from": {"type": "list"}}
        (row,) = converted("toolace", self.row(answer, name, **kinds)).kept
        arguments = {"city": "Oslo", "days": 2, "from": [1, {"a": True}]}
        assert row["check"] == {"calls": [{"name": name, "arguments": arguments}]}
        assert [message["role"] for message in row["messages"]] == ["user"]
        assert row["tools"][0]["parameters"]["type"] == "object"

    def test_an_answer_in_words_is_a_task_to_refrain(self, converted):
        assert converted("toolace", self.row("None of them fits.")).kept[0]["check"] == {"calls": []}

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ("[Get Weather (Daily) V2(city=Oslo)]", "'city' of a call is no literal"),
            ("[Get Weather (Daily) V2('Oslo')]", "has no name"),
            ('[Get Weather (Daily) V2(city="a", city="b")]', "the same as another"),
            ('[Get Weather (Daily) V2(city="a"]', "cannot be read"),
            ('[Get Weather (Daily) V2(city="a") Get Weather (Daily) V2(city="b")]', "stands between the calls"),
            ('[other(city="a")]', "'other', which is not offered"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, answer, reason):
        assert reason in why(converted("toolace", self.row(answer)))[0]

    def test_system_texts_without_functions_are_left_out(self, converted):
        rows = [{**self.row("a"), "system": text} for text in ('[{"name": "weather"', "Be brief.")]
        assert why(converted("toolace", *rows)) == [
            "the functions in its system text are no JSON",
            "its system text lists no functions",
        ]

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["Get It", "a/b", "f(x) V2", "f"]),
                st.dictionaries(
                    st.sampled_from(["a", "from", "max-n"]),
                    st.recursive(
                        st.integers() | st.booleans() | st.text(st.characters(codec="utf-8"), max_size=8),
                        lambda inner: st.lists(inner, max_size=3),
                        max_leaves=4,
                    ),
                ),
            ),
            min_size=1,
            max_size=3,
        )
    )
    def test_calls_that_were_written_are_read_again(self, calls):
        written = [f"{name}({', '.join(f'{key}={value!r}' for key, value in given.items())})" for name, given in calls]
        read = bracketed_calls(", ".join(written), ["Get It", "a/b", "f(x) V2", "f"])
        assert [(call["name"], call["arguments"]) for call in read] == calls


class TestGlaive:
    TOLD = "SYSTEM: You are a helpful assistant with access to the following functions. Use them if required -"
    SYSTEM = f"{TOLD}\n{json.dumps(TOOL, indent=4)}\n"

    def row(self, *turns, system=SYSTEM):
        return {"system": system, "chat": "".join(f"{turn}\n\n\n" for turn in turns)}

    @pytest.mark.parametrize(
        ("arguments", "city"),
        [
            ("""'{"city": "Oslo"}'""", "Oslo"),
            ("""'{"city": "L\\'Aquila"}'""", "L'Aquila"),
            ("""'{"city": "L'Aquila"}'""", "L'Aquila"),
            ("""'{\n  "city": "Oslo"\n}'""", "Oslo"),
            ('{"city": "Oslo"}', "Oslo"),
            (json.dumps('{"city": "Oslo"}'), "Oslo"),
        ],
    )
    def test_arguments_in_single_quotes(self, converted, arguments, city):
        call = f'ASSISTANT: <functioncall> {{"name": "weather", "arguments": {arguments}}} <|endoftext|>'
        (row,) = converted("glaive", self.row("USER: Is it nice there?", call, 'FUNCTION RESPONSE: {"rain": 1}')).kept
        assert row["check"] == {"calls": [{"name": "weather", "arguments": {"city": city}}]}
        assert row["messages"] == [{"role": "user", "content": "Is it nice there?"}]
        assert row["tools"] == [TOOL]

    def test_several_functions_and_a_question_back(self, converted):
        system = (
            f"SYSTEM: Use them if required -\n{json.dumps(TOOL)}\n\n{json.dumps({'name': 'now', 'parameters': {}})}\n"
        )
        turns = ["USER: Is it nice?", "ASSISTANT: Where? <|endoftext|>", "USER: Oslo, USA: is it warm?"]
        call = """ASSISTANT: <functioncall> {"name": "weather", "arguments": '{"city": "Oslo"}'} <|endoftext|>"""
        (row,) = converted("glaive", self.row(*turns, call, system=system)).kept
        assert [tool["name"] for tool in row["tools"]] == ["weather", "now"]
        assert row["tools"][1]["parameters"] == {"type": "object", "properties": {}, "required": []}
        assert [message["content"] for message in row["messages"]] == [
            "Is it nice?",
            "Where?",
            "Oslo, USA: is it warm?",
        ]

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ({"system": "SYSTEM: x", "chat": "Hello"}, "does not begin with USER:"),
            ({"system": "SYSTEM: {", "chat": "USER: a ASSISTANT: b"}, "functions in its system text are no JSON"),
            ({"system": "SYSTEM: Be brief.", "chat": "USER: a ASSISTANT: b"}, "free text"),
            ({"system": SYSTEM, "chat": "USER: a ASSISTANT: <functioncall> {weather}"}, "is no JSON"),
            ({"system": SYSTEM, "chat": "USER: a ASSISTANT: <functioncall> [1]"}, "is no JSON"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, row, reason):
        assert reason in why(converted("glaive", row))[0]


@pytest.mark.usefixtures("suites_at_hand_once")
def test_the_verb_says_how_many_answers_are_no_tasks(tmp_path, capsys):
    path, out = tmp_path / "rows.jsonl", tmp_path / "o.jsonl"
    calls = [("human", "a"), ("function_call", json.dumps(CALL)), ("human", "b"), ("function_call", json.dumps(CALL))]
    path.write_text(json.dumps(chat(*calls, tools=[TOOL])) + "\n")
    arguments = ["suite", "convert", str(path), "--from", "sharegpt", "--out", str(out)]
    assert run(arguments) == 0
    assert "1 further answers that call, in 1 rows, are no tasks: a row is one" in capsys.readouterr().out
    assert run([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["further"] == [{"at": f"{path}, line 1", "answers": 1}]
