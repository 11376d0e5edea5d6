"""Hermes function-calling rows as tasks.

Rows have the shapes of hermes-function-calling-v1 (Apache-2.0); their texts were written for these tests.
"""

import json

import pytest
from tests.support.converting import CALL, TOOL, passes, why


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

    def test_how_to_plan_calls_is_no_part_of_the_question(self, converted):
        row = self.row(f"<scratch_pad>\nGoal: go\n</scratch_pad>\n<tool_call>{json.dumps(CALL)}</tool_call>")
        plan = "<scratch_pad>\nGoal: <state task>\nActions:\n- {result} = functions.name(x=1)\n</scratch_pad>"
        row["conversations"][0]["value"] = f"You call functions. <tools> [...] </tools>\nExample:\n{plan}\nBe brief."
        (made,) = converted("hermes", row).kept
        assert [message["content"] for message in made["messages"]] == ["Be brief.", "Oslo?"]

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
            ('<tool_call>{"name": "f", "arguments": {"x": 1, "x": 2}}</tool_call>', "the key 'x' twice"),
            ("<tool_call>{'name': 'f', 'arguments': {'x': 1, 'x': 2}}</tool_call>", "the key 'x' twice"),
            ('<tool_call>{"name": "f", "arguments": {"x": 1.00000000000000000001}}</tool_call>', "would be read as"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, answer, reason):
        assert reason in why(converted("hermes", self.row(answer)))[0]

    def test_the_text_before_the_tools_may_speak_of_the_tags(self, converted):
        row = self.row(f"<tool_call>{json.dumps(CALL)}</tool_call>", tools=None)
        row["conversations"][0]["value"] = (
            f"Signatures stand within <tools> </tools> tags.\n<tools>\n[{TOOL}]\n</tools>"
        )
        (made,) = converted("hermes", row).kept
        assert made["tools"] == [TOOL]
        assert [message["role"] for message in made["messages"]] == ["user"]

    def test_one_tool_a_line(self, converted):
        row = self.row(f"<tool_call>{json.dumps(CALL)}</tool_call>", tools=None)
        other = {**TOOL, "name": "time"}
        row["conversations"][0]["value"] = f"<tools>\n{json.dumps(TOOL)}\n{json.dumps(other)}\n</tools>"
        assert [tool["name"] for tool in converted("hermes", row).kept[0]["tools"]] == ["weather", "time"]

    def test_what_the_system_says_besides_tools_stays(self, converted):
        row = self.row(f"<tool_call>{json.dumps(CALL)}</tool_call>")
        told = "You call functions if needed,\nor point it out. Today is 2 May 2024.\nYou are brief."
        row["conversations"][0]["value"] = f"{told}\n<tools>{json.dumps([TOOL])}</tools>"
        assert converted("hermes", row).kept[0]["messages"][0]["content"] == "Today is 2 May 2024.\nYou are brief."

    def test_reasoning_before_the_call_is_none_of_it(self, converted):
        thought = f"<think>I say <tool_call> now.</think>\n<tool_call>{json.dumps(CALL)}</tool_call>"
        assert passes(converted("hermes", self.row(thought)).kept[0], json.dumps([CALL]))

    def test_flat_parameters_with_types_of_python(self, converted):
        tool = {"name": "weather", "parameters": {"city": {"type": "str", "description": "Where."}}}
        row = self.row(f"<tool_call>{json.dumps(CALL)}</tool_call>", tools=json.dumps([tool]))
        schema = converted("hermes", row).kept[0]["tools"][0]["parameters"]
        assert schema["properties"]["city"] == {"type": "string", "description": "Where."}

    def test_free_text_is_left_out(self, converted):
        row = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
        assert "its answer is free text" in why(converted("hermes", row))[0]
