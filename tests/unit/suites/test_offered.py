"""What an answer to a prompt with tools is held to, seen from the tools alone."""

import pytest
from kinds import verdict

from suture.core.measure.asked import Asked
from suture.core.measure.grounds import Grounds
from suture.core.measure.task import Message
from suture.core.measure.tools import Tool
from suture.suites.kinds import KINDS

TOOL = Tool.model_validate(
    {
        "name": "area",
        "parameters": {
            "type": "object",
            "properties": {"base": {"type": "integer"}, "unit": {"type": "string"}, "sides": {"type": "array"}},
            "required": ["base"],
        },
    }
)
ASKED = Asked(kind="tool-calls", messages=(Message(role="user", content="Area?"),), tools=(TOOL,))
SHOWN = KINDS["tool-calls"].shown(ASKED)


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ('[{"name": "area", "arguments": {"base": 3}}]', "pass"),
        (
            '[{"name": "area", "arguments": {"base": 3, "unit": "cm"}}, {"name": "area", "arguments": {"base": 4}}]',
            "pass",
        ),
        ("[]", "pass"),
        ("No function fits.", "pass"),
        ('[{"name": "area", "arguments": {"base": 3, "unit": null}}]', "pass"),
        ('[{"name": "volume", "arguments": {"base": 3}}]', "fail:wrong"),
        ('[{"name": "area", "arguments": {}}]', "fail:wrong"),
        ('[{"name": "area", "arguments": {"base": "3"}}]', "fail:wrong"),
        ('[{"name": "area", "arguments": {"base": 3.5}}]', "fail:wrong"),
        ('[{"name": "area", "arguments": {"base": 3, "colour": "red"}}]', "fail:wrong"),
        ('{"name": "area", "description": "of a triangle"}', "fail:syntax"),
        ('[{"name": "area", "arguments": {"base": ', "fail:syntax"),
        ("", "fail:no-answer"),
    ],
)
def test_an_answer_is_held_to_the_tools(answer, key):
    assert verdict(ASKED.checked_by(SHOWN.check), answer).key == key


def test_the_evidence_is_the_tools():
    assert SHOWN.grounds is Grounds.TOOLS
    assert KINDS["tool-calls"].shown(Asked(kind="tool-calls", messages=ASKED.messages)) is None


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"type": "object"}, "pass"),
        ({"type": "object", "properties": {}}, "fail:wrong"),
        ({"type": "object", "properties": {}, "additionalProperties": True}, "pass"),
    ],
)
def test_a_tool_that_names_no_parameter_takes_any(parameters, key):
    tool = Tool.model_validate({"name": "note", "parameters": parameters})
    asked = ASKED.model_copy(update={"tools": (tool,)})
    said = '[{"name": "note", "arguments": {"text": "x"}}]'
    assert verdict(asked.checked_by(KINDS["tool-calls"].shown(asked).check), said).key == key
