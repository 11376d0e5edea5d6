"""The program in an answer, however awkwardly it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.suites.kinds.fences import single_block
from suture.suites.kinds.python.answer import defines, extract_code

CODE = "def f(x):\n    return x\n"


@pytest.mark.parametrize(
    ("answer", "program"),
    [
        (CODE, CODE),
        (CODE + "```", CODE),
        (CODE + "```\nThis doubles x.\n", CODE),
        (CODE + "~~~\nThis doubles x.\n", CODE),
        ("    return x\n", "    return x\n"),
        ("def f(x):\n    return (x +", "def f(x):\n    return (x +"),
        ("```python\n" + CODE + "```", CODE),
        ("\n```python\n" + CODE, CODE),
        ("```\n" + CODE + "```\n", CODE),
        (CODE + "```\nor shorter:\n```python\nf = abs\n```", CODE),
        ("x = 1\n```\nIn full:\n```python\n" + CODE + "```", CODE),
        ("x = 1\n```\nIn full:\n```python\ny = 2\n```", "x = 1\n"),
        (CODE.replace("\n", "\r\n") + "```\r\n", CODE.replace("\n", "\r\n")),
        (
            "def f(x):\n    '''Like ```g```, with `x`.'''\n    return x\n",
            "def f(x):\n    '''Like ```g```, with `x`.'''\n    return x\n",
        ),
        ("```\nHere it is:\n```python\n" + CODE + "```", CODE),
        ("```\n```", None),
        ("", None),
        (" \n\t\n", None),
        ("```", None),
    ],
    ids=[
        "as asked for",
        "closed",
        "prose after",
        "closed by tildes",
        "goes on from the signature",
        "cut off",
        "fence opened once more",
        "fence opened once more after a blank line",
        "bare fence opened once more",
        "two blocks",
        "entry point in the second block",
        "entry point nowhere",
        "windows newlines",
        "backticks inside a line",
        "closed at once and begun again",
        "empty block",
        "nothing",
        "blank",
        "closed at once",
    ],
)
def test_the_prompt_opened_the_fence(answer, program):
    assert extract_code(answer, opened=True, entry_point="f") == program


@pytest.mark.parametrize(
    ("answer", "program"),
    [
        ("Sure!\n```python\n" + CODE + "```\nDone.", CODE),
        ("Sure!\n```py\n" + CODE, CODE),
        ("~~~python\n" + CODE + "~~~", CODE),
        ("  ```python\n" + CODE + "  ```", CODE),
        ("``` python\n" + CODE + "```", CODE),
        ("```python\nassert f(1)\n```\n```python\n" + CODE + "```", CODE),
        ("```python\r\n" + CODE + "```\r\n", CODE),
        (CODE, CODE),
        ("import math\nf = math.sqrt\n", "import math\nf = math.sqrt\n"),
        ("Sorry, I cannot do that.", None),
        ("42", None),
        ("def f(x:\n", None),
        ("x\0 = 1", None),
        ("", None),
    ],
    ids=[
        "prose around",
        "never closed",
        "tildes",
        "indented fence",
        "space before the language",
        "entry point in the second block",
        "windows newlines",
        "a bare program",
        "a bare program without def",
        "a refusal",
        "an expression is no program",
        "a bare program that does not parse",
        "a null byte",
        "nothing",
    ],
)
def test_the_answer_opens_its_own_fence(answer, program):
    assert extract_code(answer, opened=False, entry_point="f") == program


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "```",
            "~~~",
            "python",
            "\n",
            "\r\n",
            " ",
            "def f(x):",
            "    return x",
            "é",
            "(",
            "\0",
        ]
    )
)


@given(text=st.text() | FRAGMENTS.map("".join), opened=st.booleans(), name=st.sampled_from(["", "f", "a.b", "é("]))
def test_no_text_at_all_is_an_error(text, opened, name):
    program = extract_code(text, opened=opened, entry_point=name)
    assert program is None or (program in text and program.strip())


@given(body=st.lists(st.sampled_from(["def f(x):", "    return x", "", "x = '```'", "# ~~~ no"])).map("\n".join))
def test_a_program_without_fences_comes_through_unchanged(body):
    assert extract_code(body, opened=True, entry_point="f") == (body if body.strip() else None)


@pytest.mark.parametrize(
    "source", ["def f(x): 0", "async def f(): 0", "class f:", "f = 1", "f=1", "f: int = 1", "x\ndef f("]
)
def test_defined_at_top_level(source):
    assert defines(source, "f")


@pytest.mark.parametrize("source", ["", "    def f(x): pass", "def ff(x): pass", "print(f)", "f == 1", "# def f"])
def test_not_defined_at_top_level(source):
    assert not defines(source, "f")


FENCED = f"```python\n{CODE}```\n"
DOCTEST = 'def f(x):\n    """\n    ```\n    f(1)\n    ```\n    """\n    return x\n'


def test_a_comment_about_tags_ends_no_reasoning():
    program = "def f(x):\n    # drop all up to </think>\n    return x\n"
    assert extract_code(program, opened=True) == program


def test_the_last_channel_is_the_answer():
    assert single_block("<|channel|>final<|message|>42", opened=False) == "42"


DRAFT = "def f(x):\n    return 0\n"


@pytest.mark.parametrize(
    "thought",
    [
        f"[THINK]Or\n```python\n{DRAFT}```\n[/THINK]\n",
        f"<seed:think>Or\n```python\n{DRAFT}```\n</seed:think>\n",
        f"<|begin_of_thought|>Or\n```python\n{DRAFT}```\n<|end_of_thought|>\n",
        f"<|channel|>analysis<|message|>Or\n```python\n{DRAFT}```<|end|><|start|>assistant<|channel|>final<|message|>",
        f"Or\n```python\n{DRAFT}```\nThat isn't final.</think>\n",
    ],
)
def test_a_draft_in_any_marks_of_reasoning_is_no_answer(thought):
    assert extract_code(thought + FENCED, opened=False, entry_point="f") == CODE


@pytest.mark.parametrize(
    "answer",
    [
        f'```python title="a.py"\n{CODE}```',
        f"```{{python}}\n{CODE}```",
        f"```python {{.numberLines}}\n{CODE}```",
        f"````python\n{CODE}````\nDone.",
        f"~~~~\n{CODE}~~~~~",
    ],
)
def test_fences_of_any_length_that_say_more_than_a_language(answer):
    assert extract_code(answer, opened=False, entry_point="f") == CODE


def test_a_shorter_fence_ends_no_block():
    inner = "x = (\n```\n"
    assert extract_code(f"````python\n{inner}````", opened=False) == inner
    assert single_block("````json\n[1,\n```\n2]\n````", opened=False) == "[1,\n```\n2]\n"


@pytest.mark.parametrize(
    ("answer", "program"),
    [
        (f"Here is the function:\n\n{FENCED}", CODE),
        (f"Sure! First a helper:\n```python\ny = 2\n```\nand then:\n{FENCED}", CODE),
        (f"<think>\nA draft:\n```python\ndef f(x):\n    return 0\n```\n</think>\n\n{FENCED}", CODE),
        (f"<think>\n{FENCED}\nstill thinking", None),
        (f"I think first.\n</think>\n{FENCED}", CODE),
        (f"```python\n<thinking>\nno\n</thinking>\n{FENCED}", CODE),
        (DOCTEST + "```\nThat is all.", DOCTEST),
        (DOCTEST.replace("    ```", "```") + "```\n", DOCTEST.replace("    ```", "```")),
        ("def f(x):\n    return '</think>'\n```", "def f(x):\n    return '</think>'\n"),
        ("The answer is that I cannot help with this.\n", None),
        ("I am sorry:\n- one\n- two\n```", None),
        ("def f(x:\n    return x\n```", "def f(x:\n    return x\n"),
    ],
    ids=[
        "prose before the block",
        "prose and another block before it",
        "a draft in the reasoning",
        "reasoning that never ends",
        "reasoning that the template opened",
        "reasoning inside the opened fence",
        "a fence in a docstring",
        "a fence at the margin of a docstring",
        "a program about tags",
        "prose alone",
        "a list of prose",
        "broken code is code",
    ],
)
def test_what_stands_before_around_and_inside_the_program(answer, program):
    assert extract_code(answer, opened=True, entry_point="f") == program
