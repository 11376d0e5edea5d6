"""Prompts through a model's own template, which is a program from a file and is not trusted."""

import pytest

from suture.core.errors import UsageError
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.task import Message

SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}"
    "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
ASK = [Message(role="user", content="add {{ 1 }}")]


def test_a_real_template():
    assert ChatTemplate(source=SMOLLM2).render(ASK, "```python\n") == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        "<|im_start|>user\nadd {{ 1 }}<|im_end|>\n<|im_start|>assistant\n```python\n"
    )


@pytest.mark.parametrize(("adds_bos", "prompt"), [(True, "add {{ 1 }}"), (False, "<s>add {{ 1 }}")])
def test_bos_stands_there_once(adds_bos, prompt):
    source = "{{ bos_token }}{{ messages[0].content }}"
    assert ChatTemplate(source=source, bos="<s>", adds_bos=adds_bos).render(ASK) == prompt


def test_only_the_first_bos_is_taken_off():
    source = "{{ bos_token }}{{ bos_token }}x"
    assert ChatTemplate(source=source, bos="<s>", adds_bos=True).render(ASK) == "<s>x"


def test_blocks_leave_no_blank_lines():
    assert ChatTemplate(source="{% if true %}\n  {% if true %}\na\n  {% endif %}\n{% endif %}\nb").render(ASK) == "a\nb"


def test_the_date_never_changes():
    assert ChatTemplate(source="{{ strftime_now('%Y-%m-%d') }}").render(ASK) == "2025-01-01"


def test_a_template_may_refuse_a_chat():
    with pytest.raises(UsageError, match="roles must alternate"):
        ChatTemplate(source="{{ raise_exception('roles must alternate') }}").render(ASK)


@pytest.mark.parametrize(
    "source",
    ["{% for x in", "{{ messages[9].content }}", "{{ 1 / 0 }}", "{{ 'a' + 1 }}", "{{ range(10 ** 9) | list }}"],
)
def test_a_broken_template_is_one_clear_error(source):
    with pytest.raises(UsageError, match="chat template cannot render"):
        ChatTemplate(source=source).render(ASK)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ raise_exception.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.system('true') }}",
        "{{ '{0.__class__.__mro__}'.format(1) }}",
        "{{ messages.append(1) }}",
        "{{ messages[0].update({'role': 'system'}) }}",
    ],
)
def test_a_template_reaches_neither_python_nor_the_chat(source):
    try:
        text = ChatTemplate(source=source).render(ASK)
    except UsageError:
        return
    assert text == ""


@pytest.mark.longer  # transformers loads torch
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ messages[0].content | tojson }}", "\"a < b && 'größe'\""),
        ("{{ {'b': 1, 'a': 'é'} | tojson }}", '{"b": 1, "a": "é"}'),
        ("{{ {'b': 1, 'a': 2} | tojson(sort_keys=true, separators=(',', ':')) }}", '{"a":2,"b":1}'),
        ("{{ [1] | tojson(indent=2) }}", "[\n  1\n]"),
        ("{{ 'ü' | tojson(ensure_ascii=true) }}", '"\\u00fc"'),
        ("{{ tools is defined }} {{ tools is none }} {{ documents is none }}", "True True True"),
        ("{% generation %}{% set x = 1 %}a{% endgeneration %}{{ x is defined }}", "aFalse"),
    ],
)
def test_filters_and_names_are_those_of_transformers(source, text):
    pytest.importorskip("transformers")
    from transformers.utils.chat_template_utils import render_jinja_template

    chat = [Message(role="user", content="a < b && 'größe'")]
    assert ChatTemplate(source=source).render(chat) == text
    theirs, _ = render_jinja_template(
        [[message.model_dump() for message in chat]], chat_template=source, add_generation_prompt=True
    )
    assert theirs == [text]


def test_text_is_brought_into_the_form_that_the_tokenizer_takes():
    chat = [Message(role="user", content="cafe\u0301")]
    source = "{{ messages[0].content }}"
    assert ChatTemplate(source=source, normalise="NFC").render(chat, "e\u0301") == "caf\xe9\xe9"
    assert ChatTemplate(source=source).render(chat) == "cafe\u0301"
