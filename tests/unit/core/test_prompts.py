"""Prompts with tools: through templates that carry them, and as text where they do not."""

import json

import pytest

from suture.core.measure.chat import ChatTemplate
from suture.core.measure.prompts import prompt_of, written_calls
from suture.core.measure.signatures import signature_of
from suture.core.measure.task import AnswerForm, Message, Task
from suture.core.measure.tools import Tool, ToolCall
from suture.core.measure.tools_by import ToolsBy, tools_by
from suture.suites.kinds.tool_calls.reading import read_calls

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CARRIES = (
    "{% if tools %}{{ '<|im_start|>system\n' }}{% for t in tools %}{{ t | tojson }}{% endfor %}{{ '<|im_end|>\n' }}"
    "{% endif %}{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content }}"
    "{% for c in m.tool_calls or [] %}{{ '<tool_call>\n' + (c.function | tojson) + '\n</tool_call>' }}{% endfor %}"
    "{{ '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
WITHOUT_SYSTEM = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
)
TOOL = Tool.model_validate(
    {
        "name": "book",
        "description": "Books a room.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Where."},
                "stars": {"type": "integer", "default": 3, "minimum": 1},
                "view": {"enum": ["sea", "yard"]},
                "guests": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
            },
            "required": ["city"],
        },
    }
)
CALL = ToolCall(name="book", arguments_text='{"city": "Bern"}')


def template(source, **more):
    return ChatTemplate(source=source, eos="<|im_end|>", **more)


def task(*messages, form=None):
    chat = messages or (Message(role="user", content="A room in Bern, please."),)
    check = {"kind": "tool-calls", "calls": []}
    return Task(id="t", suite="s", messages=chat, tools=(TOOL,), check=check, form=form or AnswerForm())


@pytest.mark.parametrize(
    ("source", "by"),
    [
        (CHATML, ToolsBy.CHAT),
        (CARRIES, ToolsBy.TEMPLATE),
        (WITHOUT_SYSTEM, ToolsBy.CHAT),
        (CARRIES.replace("c.function | tojson", "c.function.name"), ToolsBy.CHAT),  # drops what was called with
        (CARRIES.replace("t | tojson", "t.function.name"), ToolsBy.CHAT),
        (CARRIES.replace("m.tool_calls or []", "[]"), ToolsBy.CHAT),
        ("{{ raise_exception('never') }}", ToolsBy.CHAT),
    ],
)
def test_a_template_carries_tools_when_every_sentinel_comes_through(source, by):
    assert tools_by(template(source)) is by


def test_tools_go_into_the_system_message_beside_what_stands_there():
    chat = (Message(role="system", content="Be brief."), Message(role="user", content="A room."))
    prompt = prompt_of(task(*chat), template(CHATML))
    assert prompt.text.count("<|im_start|>system") == 1
    assert "- book(city: string, stars?: integer" in prompt.text
    assert "Be brief.<|im_end|>" in prompt.text
    assert prompt.text.endswith("assistant\n```json\n")
    assert (prompt.form.opening, prompt.form.stop) == ("```json\n", ("\n```\n",))


def test_a_template_without_system_role_gets_them_before_the_question():
    chat = (Message(role="system", content="Be brief."), Message(role="user", content="A room."))
    text = prompt_of(task(*chat), template(WITHOUT_SYSTEM)).text
    assert text.startswith("<user>Call functions")
    assert text.index("Be brief.") < text.index("A room.")


def test_earlier_calls_and_results_stay_and_roles_alternate():
    chat = (
        Message(role="user", content="A room."),
        Message(role="assistant", content="", tool_calls=(CALL,)),
        Message(role="tool", name="book", content="Full."),
        Message(role="user", content="Then in Thun."),
    )
    text = prompt_of(task(*chat), template(WITHOUT_SYSTEM)).text
    assert '[{"name": "book", "arguments": {"city": "Bern"}}]' in text
    assert "<user>Result of book:\nFull.\n\nThen in Thun." in text


def test_the_template_s_own_form_is_asked_for_and_taught():
    carries = template(CARRIES)
    prompt = prompt_of(task(), carries)
    assert '"minimum": 1' in prompt.text
    assert prompt.form == AnswerForm()
    written = written_calls(task(), carries, [CALL])
    assert written == '<tool_call>\n{"name": "book", "arguments": {"city": "Bern"}}\n</tool_call>'
    assert written_calls(task(), carries, []) == "None of these functions can do that."


def test_a_stated_form_is_kept():
    stated = AnswerForm(opening="[", closing="\n", stop=("\n",))
    assert prompt_of(task(form=stated), template(CHATML)).form == stated


def test_no_tools_render_as_none():
    bare = task().model_copy(update={"tools": ()})
    assert prompt_of(bare, template(CARRIES)).text == "<|im_start|>user\nA room in Bern, please.<|im_end|>\n" + (
        "<|im_start|>assistant\n"
    )


def test_a_signature_drops_nothing():
    assert signature_of(TOOL) == (
        'book(city: string, stars?: integer {"minimum": 1} = 3, view?: "sea" | "yard", guests?: {name?: string}[]): '
        "Books a room.\n  city: Where."
    )


def with_calls(each, before="", after=""):
    """A template that writes the calls of a turn in another form."""
    calls = f"{{% for c in m.tool_calls or [] %}}{each}{{% endfor %}}"
    begun = f"{{% if m.tool_calls %}}{before}{{% endif %}}"
    ended = f"{{% if m.tool_calls %}}{after}{{% endif %}}"
    head, tail = CARRIES.split("{% for c in m.tool_calls or [] %}")
    return head + begun + calls + ended + tail.partition("{% endfor %}")[2]


JSON_CALL = "{{ c.function | tojson }}"
LLAMA = (
    '{{ \'{"name": "\' + c.function.name + \'", "parameters": \' }}{{ c.function.arguments | tojson }}{{ "}" }}'
    "{% if m.tool_calls | length > 1 %}{{ raise_exception('only one call at a time') }}{% endif %}"
)
PYTHON = "{{ c.function.name }}({% for k, v in c.function.arguments.items() %}{{ k }}={{ v | tojson }}{% endfor %})"
FORMS = {
    "hermes": with_calls(f"<tool_call>\n{JSON_CALL}\n</tool_call>"),
    "mistral": with_calls(JSON_CALL, "[TOOL_CALLS] [", "]"),
    "lfm2": with_calls(PYTHON, "<|tool_call_start|>[", "]<|tool_call_end|>"),
    "llama": with_calls(LLAMA),
}
UNREAD = {
    "functiongemma": with_calls("<start_function_call>call:{{ c.function.name }}{{ c.function.arguments | tojson }}"),
    "qwen3-coder": with_calls(
        "<tool_call>\n<function={{ c.function.name }}>\n{% for k, v in c.function.arguments.items() %}"
        "<parameter={{ k }}>\n{{ v }}\n</parameter>\n{% endfor %}</function>\n</tool_call>"
    ),
    "a dict in a text": with_calls(
        '{{ \'{"name": "\' + c.function.name + \'", "arguments": "\' }}'
        "{% for k, v in c.function.arguments.items() %}{'{{ k }}': '{{ v }}'}{% endfor %}\"}"
    ),
    "arguments first": with_calls("[ARGS]{{ c.function.arguments | tojson }}{{ c.function.name }}"),
}


@pytest.mark.parametrize("source", FORMS.values(), ids=FORMS)
def test_what_a_template_is_taught_to_write_is_read_back(source):
    assert tools_by(template(source)) is ToolsBy.TEMPLATE
    [found] = read_calls(written_calls(task(), template(source), [CALL]), ["book"])
    assert (found.name, found.arguments) == ("book", {"city": "Bern"})


@pytest.mark.parametrize("source", UNREAD.values(), ids=UNREAD)
def test_a_form_that_nobody_can_read_back_is_not_asked_for(source):
    assert tools_by(template(source)) is ToolsBy.CHAT


def test_several_calls_in_a_template_of_one_are_a_list_and_turns_of_their_own():
    llama = template(FORMS["llama"])
    assert (
        json.loads(written_calls(task(), llama, [CALL, CALL])) == [{"name": "book", "arguments": {"city": "Bern"}}] * 2
    )
    chat = (
        Message(role="user", content="Two rooms."),
        Message(role="assistant", content="So.", tool_calls=(CALL, CALL)),
        Message(role="tool", name="book", content="First."),
        Message(role="tool", name="book", content="Second."),
        Message(role="user", content="Thanks."),
    )
    text = prompt_of(task(*chat), llama).text
    turns = [turn.partition("\n")[0] for turn in text.split("<|im_start|>")[2:]]
    assert turns == ["user", "assistant", "tool", "assistant", "tool", "user", "assistant"]
    assert text.count('"name": "book", "parameters"') == 2 and text.count("So.") == 1
