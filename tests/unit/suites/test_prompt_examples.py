from contextlib import closing

import pytest

from suture.core.measure.asked import Asked, asked_of
from suture.core.measure.grounds import Grounds
from suture.core.measure.task import Message
from suture.judge import open_judge
from suture.suites.catalog import load_suite
from suture.suites.kinds import KINDS
from suture.suites.kinds.kind import Submission
from suture.suites.kinds.python.prompt_examples import assertions_in, examples_in


@pytest.mark.parametrize(
    ("line", "statement"),
    [
        ("f(1) == 2", "assert f(1) == 2"),
        ("f([1, 2], 'a)') = [3]", "assert f([1, 2], 'a)') == [3]"),
        ('f("a") => "b"', "assert f('a') == 'b'"),
        ("f(5) ➞ True.", "assert f(5) == True"),
        ("f(-3) -> -1  # a comment", "assert f(-3) == -1"),
        ("for example, f(3) should return [1, 2, 3].", "assert f(3) == [1, 2, 3]"),
        ("f(0) returns None", "assert f(0) == None"),
        ("f(4) ==> false", "assert f(4) == False"),
        ("f(2.5) == 1.25", "assert _close(f(2.5), 1.25)"),
        ("f((1, 2)) # => {'a': 1}", "assert f((1, 2)) == {'a': 1}"),
        ("For n = 3, k = 'x' the output should be 6", "assert f(3, 'x') == 6"),
        ("it is f(7) == 8 and not f(8)", "assert f(7) == 8"),
        ("f(1) == 2.", "assert f(1) == 2"),
        ("f(1) is 2 (the third one)", "assert f(1) == 2"),
        ("f(1) is 2, because it is small", "assert f(1) == 2"),
        ("`f(1)` is `2`", "assert f(1) == 2"),
        ("- f(1) == 2", "assert f(1) == 2"),
        ("> f(1) == 2", "assert f(1) == 2"),
        ("f(1) is 'a, b.' and more", "assert f(1) == 'a, b.'"),
    ],
)
def test_a_line_of_prose_is_read(line, statement):
    assert examples_in(line, "f") == [statement]


@pytest.mark.parametrize(
    "line",
    [
        "f(1) == x",
        "f(y) == 2",
        "f(1",
        "g(1) == 2",
        "self.f(1) == 2",
        "fit(1) == 2",
        "f(1) == 2 + 3",
        "f(1) == 19 - 5",
        "f(__import__('os')) == 1",
        "f(1) = (2 + 3) / 2",
        "f(1) is called often",
        "f(1) == ...",
        "f(1) == [1, ...]",
        "f(3) = 4 mod 3",
        "f(1) is 2 or 3",
        "f(1) is 2, 3 or 4",
        "f(1) is 2, 3",
        "f(1) is 5 less than f(2)",
        "f(0) + f(1) == 3",
        "2*f(3) == 8",
        "so that -f(3) == 8",
        "not f(2) == 3",
        "fix it: f(2) returns 3 but it should return 4",
        "currently f(2) gives 3",
    ],
)
def test_what_is_no_example_is_left_out(line):
    assert examples_in(line, "f") == []


def test_a_session_is_read_with_its_output():
    text = (
        "Say.\n  >>> f([1,\t2])\n  [2,\n   3]\n\n  >>> len(f('x')) # long\n  1\n  >>> f(3) == 4\n  True\n  >>> print(f)"
    )
    assert examples_in(text, "f") == [
        "assert f([1, 2]) == [2, 3]",
        "assert len(f('x')) == 1",
        "assert (f(3) == 4) == True",
    ]


@pytest.mark.parametrize(
    ("session", "statements"),
    [
        (">>> print(f(1))\ntwo words", ["assert _printed(f(1), 'two words')"]),
        (">>> print(f(1))\n  *\n ***", []),
        (">>> print(f(1), f(2))\n1 2", []),
        (">>> f(20)  # doctest: +ELLIPSIS\n[0, 1, ..., 361]", []),
        (">>> f(2)  # doctest: +SKIP\n3", []),
        (">>> f(2)  # doctest: +NORMALIZE_WHITESPACE\n[1,  2]", ["assert f(2) == [1, 2]"]),
        (">>> f([1,\n...    2])\n5", ["assert f([1, 2]) == 5"]),
        (">>> x = [3]\n>>> f(x)\n5\n>>> f(x)\n6", ["x = [3]\nassert f(x) == 5"]),
        (">>> x = 3\n>>> f(x)\n5\n>>> f(x) + 1\n6", ["x = 3\nassert f(x) == 5", "x = 3\nassert f(x) + 1 == 6"]),
        (">>> x = [3]\n>>> x.append(4)\n>>> f(x)\n5", []),
        (">>> f(3)\n[0.333, 0.667]", ["assert _close(f(3), [0.333, 0.667])"]),
        (">>> f(-1)\nTraceback (most recent call last):\nValueError: bad\n>>> f(4)\n5", ["assert f(4) == 5"]),
        (">>> f(1) == 2", ["assert f(1) == 2"]),
    ],
)
def test_what_a_session_shows(session, statements):
    assert examples_in(session, "f") == statements


PROMPTS = {
    "as MBPP puts it": "Your code should pass these tests:\n\nassert f(1) == 2\nassert f(2) == 3",
    "a session": "Write f(n).\n\n>>> f(1)\n2",
    "a session in a fence": "Write f.\n```python\n>>> f(1)\n2\n```",
    "a session of another language": "Write f.\n```pycon\n>>> f(1)\n2\n```",
    "prose": "Write a function f(a). For example, f(1) should return 2.",
    "a stub": 'Complete this:\n\ndef f(n):\n    """Add.\n\n    >>> f(1)\n    2\n    """\n\nThank you.',
    "no body yet": "```python\ndef f(n):\n    raise NotImplementedError('yours')\n```\nSo that f(1) == 2.",
    "a title": '```python title="x"\nassert f(1) == 2\n```',
    "a list's item": "1. Write f.\n\n    ```python\n    assert f(1) == 2\n    ```",
    "a fence in a docstring": '```python\ndef f(n):\n    """Add.\n\n```\n>>> f(1)\n2\n\n```\n"""\n```',
    "tests": "```python\nfrom solution import f\n\ndef test_f():\n    assert f(1) == 2\n```",
    "a helper in a block of its own": "```python\ndef g(x):\n    return x\n\nassert g(1) == 1\n```\n"
    '```python\ndef f(n):\n    """>>> f(1)\n    2\n    """\n```',
}


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_examples_are_found_wherever_a_prompt_shows_them(prompt):
    found = shown("python", prompt)
    assert (found.grounds, found.check.entry_point) == (Grounds.EXAMPLES, "f")
    assert found.check.tests.statements[0] == "assert f(1) == 2"


def test_a_stub_without_a_fence_ends_where_prose_goes_on():
    assert shown("python", PROMPTS["a stub"]).check.stub.endswith('    """\n')


@pytest.mark.parametrize(
    "prompt",
    ["Unlike foo(3), which returns 4, write bar(n).", "Why is int('3') 3?", "import nothing and write something good"],
)
def test_a_prompt_whose_function_is_in_doubt_shows_nothing(prompt):
    assert shown("python", prompt) is None


def test_the_systems_message_is_read_where_the_last_one_shows_nothing():
    system = Message(role="system", content="Pass these:\n\nassert f(1) == 2")
    asked = Asked(kind="python", messages=(system, Message(role="user", content="Now.")))
    assert KINDS["python"].shown(asked).check.entry_point == "f"


RIGHT = {
    "printed": (">>> print(f(4))\n5", "def f(n):\n    return n + 1"),
    "abridged": (">>> f(3)  # doctest: +ELLIPSIS\n[0, ..., 2]", "def f(n):\n    return list(range(n))"),
    "skipped": (">>> f(2)  # doctest: +SKIP\n3", "def f(n):\n    return 7"),
    "rounded": (">>> f(3)\n[0.333, {'a': (0.67,)}]", "def f(n):\n    return [1 / n, {'a': (2 / n,)}]"),
    "rounded once": ("f(3) is 0.33", "def f(n):\n    return 1 / n"),
    "whole": (">>> f(3)\n[1.0, 2.0]", "def f(n):\n    return [1, 2]"),
    "changed": (">>> x = [1]\n>>> f(x)\n2\n>>> f(x)\n3", "def f(x):\n    x.append(1)\n    return len(x)"),
    "one of two": ("f(1) is 2 or 3.", "def f(n):\n    return 3"),
    "modulo": ("f(3) = 4 mod 3", "def f(n):\n    return 1"),
}


@pytest.mark.parametrize("docstring", [True, False], ids=["docstring", "prose"])
def test_a_right_answer_fits_what_its_prompt_shows(docstring):
    indented = {name: example.replace("\n", "\n    ") for name, (example, _) in RIGHT.items()}
    with closing(open_judge(workers=1)) as judge:
        held = []
        for name, (example, answer) in RIGHT.items():
            stub = f'def f(n):\n    """Say.\n\n    {indented[name] if docstring else ""}\n    """'
            prompt = f"Write it.\n\n{'' if docstring else example}\n\n```python\n{stub}\n```"
            asked = Asked(kind="python", messages=(Message(role="user", content=prompt),))
            held.append(Submission(asked.checked_by(KINDS["python"].shown(asked).check), answer))
        found = dict(judge.judge(held))
    assert {name: found[at].detail for at, name in enumerate(RIGHT) if not found[at].passed} == {}


def test_wrong_answers_do_not_fit():
    with closing(open_judge(workers=1)) as judge:
        for example, answer in (
            (">>> f(3)\n[0.333, 0.667]", "def f(n):\n    return [0.33, 0.667]"),
            (">>> f(3)\n[0.5]", "def f(n):\n    return (0.5,)"),
            (">>> f(3)\n[0.5]", "def f(n):\n    return ['0.5']"),
            (">>> print(f(4))\n5", "def f(n):\n    return 4"),
        ):
            asked = Asked(kind="python", messages=(Message(role="user", content=f"Write f.\n\n{example}"),))
            test = asked.checked_by(KINDS["python"].shown(asked).check)
            [(_, verdict)] = judge.judge([Submission(test, answer)])
            assert not verdict.passed, example


def test_input_above_output_is_read():
    text = "Example 1:\n    Input: arr = [4, -4], k = 1\n    Output: [4] # the largest\n    Input: 3\n    Nothing."
    assert examples_in(text, "f") == ["assert f([4, -4], 1) == [4]"]


def test_assertions_that_could_do_more_than_compute_are_left_out():
    source = (
        "assert f(1) == 2\nassert f(open('/etc/passwd').read())\nassert f.__globals__\nassert set(f([1])) == {1}\nx = 1"
    )
    assert assertions_in(source, "f") == ["assert f(1) == 2", "assert set(f([1])) == {1}"]


def test_assertions_about_something_else_are_none_about_the_function():
    source = "assert g(1) == 2\nassert f(1) == 2\nassert g(f(1)) == 3"
    assert assertions_in(source, "f") == ["assert f(1) == 2"]


def test_the_assertions_of_a_test_function_that_does_nothing_else_are_examples():
    source = "def test_f():\n    assert f(1) == 2\n\ndef test_more():\n    x = 3\n    assert f(x) == 4"
    assert assertions_in(source, "f") == ["assert f(1) == 2"]


def shown(kind, content, **fields):
    return KINDS[kind].shown(Asked(kind=kind, messages=(Message(role="user", content=content),), **fields))


def test_a_signature_with_its_helpers_is_what_the_answer_may_go_on_from():
    code = "import math\n\ndef helper(x):\n    return x\n\ndef f(x):\n    '''Say.\n    >>> f(1)\n    2\n    '''"
    found = shown("python", f"Write it.\n\n```python\n{code}\n```")
    assert found.grounds is Grounds.EXAMPLES
    assert (found.check.entry_point, found.check.tests.statements) == ("f", ("assert f(1) == 2",))
    assert found.check.given.startswith("import math\n\ndef helper(x):")
    assert found.check.stub.startswith("def f(x):")


def test_a_signature_without_examples_shows_only_its_form():
    found = shown("python", "```python\ndef f(x):\n    '''Say.'''\n```")
    assert (found.grounds, found.check.entry_point) == (Grounds.FORM, "f")


def test_a_prompt_that_names_no_function_shows_nothing():
    assert shown("python", "Write something nice.") is None


def test_every_humaneval_prompt_but_twelve_shows_examples():
    tasks = load_suite("humaneval")
    silent = [task.id for task in tasks if KINDS["python"].shown(asked_of(task)).grounds is Grounds.FORM]
    assert silent == [f"HumanEval/{n}" for n in (38, 41, 50, 67, 80, 81, 83, 84, 105, 115, 149, 160)]


def test_a_schema_in_the_prompt_is_held_to():
    schema = '{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}'
    found = shown("json", f'Not this: {{"a": 1}}.\nIt must fit {schema} whole.')
    assert (found.grounds, found.check.schema_text) == (Grounds.SCHEMA, schema)
    assert shown("json", 'Mend {"type": "object"').grounds is Grounds.FORM
    assert shown("json", '{"type": "object", "required": 3}').grounds is Grounds.FORM


SCHEMA = '{"type": "object", "required": ["a"]}'


@pytest.mark.parametrize(
    "text",
    [
        f"Answer in JSON that conforms to {SCHEMA}.",
        f"Extract it.\n\nSchema:\n```json\n{SCHEMA}\n```",
        f"Answer by this schema: {SCHEMA}",
        f'It must fit {{"type": "object", "required": 3}}, no, it must fit {SCHEMA}',
        f"Give the person in this format:\n{SCHEMA}",
    ],
)
def test_a_schema_that_the_answer_is_to_fit_is_found(text):
    assert shown("json", text).check.schema_text == SCHEMA


@pytest.mark.parametrize(
    "text",
    [
        f"List the property names of this JSON Schema as a JSON array: {SCHEMA}",
        f"Mend it, and answer with JSON alone: {SCHEMA}",
        f"List the property names of the following schema as a JSON list: {SCHEMA}",
        f"Say how complicated this is, respectively how long: {SCHEMA}",
    ],
)
def test_a_schema_that_is_only_to_be_read_is_no_promise(text):
    assert shown("json", text).grounds is Grounds.FORM


@pytest.mark.parametrize(
    ("kind", "text"), [("json", f"All answers fit {SCHEMA}."), ("sql", "CREATE TABLE a(x INT); Write one query.")]
)
def test_what_the_system_says_of_every_answer_is_read(kind, text):
    messages = (Message(role="system", content=text), Message(role="user", content="How many?"))
    assert KINDS[kind].shown(Asked(kind=kind, messages=messages)).grounds is Grounds.SCHEMA


def test_what_the_system_shows_of_another_function_is_not_asked_of_this_one():
    messages = (
        Message(role="system", content="An example of a session:\n\n>>> square(3)\n9"),
        Message(role="user", content="Write reverse(s), which turns a text round."),
    )
    assert KINDS["python"].shown(Asked(kind="python", messages=messages)) is None
    named = (messages[0], Message(role="user", content="Write square(n)."))
    assert KINDS["python"].shown(Asked(kind="python", messages=named)).check.entry_point == "square"


HOSTILE = {
    "headers without end": "def f(\n" * 2000,
    "decorators": "@a\n" * 3000,
    "blanks": "for a=" + " " * 60_000 + "x\nWrite f(1).",
    "a fence that goes on": "```" + " " * 60_000 + "!",
    "calls": "\n".join(["f(1) [1," * 200] * 30),
    "sessions": ">>> f(\n" * 5000 + "2",
    "brackets": "f(" + "(" * 30_000,
    "a sum that is nested deeply": ">>> f(1)" + "+1" * 450 + "\n2",
    "an assertion that is nested deeply": "assert f(1)" + "+1" * 450 + " == 2",
    "letters beyond all size": "assert f(1) == 2\n" * 10_000,
}


@pytest.mark.parametrize("prompt", HOSTILE.values(), ids=HOSTILE)
def test_a_prompt_that_means_harm_shows_nothing_and_ends(prompt):
    found = shown("python", prompt)
    assert found is None or found.grounds is Grounds.FORM


@pytest.mark.parametrize(
    "expression",
    [
        "sum(range(9**999)) + f(1)",
        "f(1) in iter(int, 1)",
        "'x'.ljust(10**10)",
        "f'{f(1):>99999999999}'",
        "'{:>9999999999}'.format(f(1))",
        "f(1).to_bytes(99999999999, 'big')",
        "'{0.__globals__}'.format(f)",
        "bytes(10**9)",
        "[0] * 1000 * 1000",
        "max(f(1), key=eval)",
        "f(1)(2)",
        "f(1) << 99999",
    ],
)
def test_what_could_take_for_ever_or_reach_out_is_no_example(expression):
    assert examples_in(f">>> {expression}\n2", "f") == []
    assert assertions_in(f"assert {expression} == f(1)", "f") == []


def test_what_an_earlier_question_asked_for_is_not_asked_of_this_one():
    messages = tuple(
        Message(role=role, content=text)
        for role, text in (("user", "Pass `f(1) == 2`:\n\nassert f(1) == 2"), ("assistant", "..."), ("user", "And g?"))
    )
    assert KINDS["python"].shown(Asked(kind="python", messages=messages)) is None


def test_tables_in_the_prompt_are_what_a_query_has_to_run_on():
    found = shown("sql", "CREATE TABLE a(x INT, y TEXT DEFAULT 'b)');\nCREATE TABLE b(;\nHow many?")
    assert (found.grounds, found.check.setup) == (Grounds.SCHEMA, ("CREATE TABLE a(x INT, y TEXT DEFAULT 'b)');\n",))
    assert shown("sql", "Table a has column x. How many?") is None


@pytest.mark.parametrize("kind", ["text", "grader"])
def test_words_show_nothing(kind):
    assert shown(kind, "Is it good? A) yes B) no") is None
