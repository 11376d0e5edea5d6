"""Which function a prompt asks for, and which of its examples are certain. What may be read in two ways is left out: a
right answer that is refused would be lost."""

import pytest

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.findings import USUAL_TRIGGERS
from suture.core.measure.grounds import Grounds
from suture.core.measure.policy import Policy, Tier
from suture.core.measure.task import Message
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.suites.kinds import KINDS
from suture.suites.kinds.acceptance import Acceptance, acceptance_of
from suture.suites.kinds.python.prompt_examples import MOST


def block(source):
    return f"```python\n{source}\n```\n"


def stub(signature, docstring):
    lines = "\n".join("    " + line if line else "" for line in docstring.split("\n"))
    return block(f'{signature}\n    """{lines.lstrip()}\n    """')


def shown(*texts):
    roles = ("user",) if len(texts) == 1 else ("system", "user")
    messages = tuple(Message(role=role, content=text) for role, text in zip(roles, texts, strict=True))
    return KINDS["python"].shown(Asked(kind="python", messages=messages))


def statements(*texts):
    """None where nothing is shown; empty where it is the form alone."""
    found = shown(*texts)
    if found is None:
        return None
    return list(found.check.tests.statements) if found.grounds is Grounds.EXAMPLES else []


def first_holds(check, found):
    """Whether the first example holds of a function that gives this."""
    space = {"f": lambda _: found}
    exec(check.tests.setup, space)
    try:
        exec(check.tests.statements[0], space)
    except AssertionError:
        return False
    return True


FEW_SHOTS = """Write a function to square. Your code should pass these tests:

assert square(2) == 4

[BEGIN]
def square(n):
    return n * n
[DONE]

Write a function to cube. Your code should pass these tests:

assert cube(2) == 8

[BEGIN]
"""
HELPER = block("def helper(x):\n    return 2 * x\n\nassert helper(2) == 4")
ERROR = "class ParseError(Exception):\n    pass\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (FEW_SHOTS, "cube"),
        (f"Given is:\n\n{HELPER}\nWrite a function area(r) that uses it, so that area(1) == 6.", "area"),
        ("Write f.\n\n" + block("from math import isclose\nassert isclose(f(2), 1.41)\nassert f(4) == 2"), "f"),
        ("Write f.\n\n" + block("from solution import f\nassert f(4) == 2"), "f"),
        ("Mend f.\n\n" + block("def f(n):\n    return n\n\nassert f(4) == 2"), "f"),
        (block(f'def parse(s):\n    """Parse.\n\n    >>> parse("a")\n    1\n    """\n\n{ERROR}'), "parse"),
        (block('def area(r):\n    """Area.\n\n    >>> area(1)\n    3\n    """\n\ndef log(message):\n    pass'), "area"),
        ("Write area for\n\n" + block("class Shape:\n    pass") + "\nsuch that area(2) == 4.", "area"),
        (block("def f(n):\n    pass"), "f"),
    ],
)
def test_the_function_that_is_asked_for_is_found(text, name):
    assert shown(text).check.entry_point == name


@pytest.mark.parametrize(
    "texts",
    [
        [f"An example.\n\nTask: write square(n).\n{HELPER}\nNow write a function `cube`."],
        ["There is a helper:\n\n>>> helper(2)\n4\n\nWrite a function area(r) that uses it."],
        [f"Write a function parse(s) that raises ParseError.\n\n{block(ERROR)}"],
        ["Let f(x) be a sum: f(123) = 6. Read n from standard input and print f(n)."],
        [block("class Solution:\n    def total(self, nums: list[int]) -> int:\n        ") + "For example, f(1) == 2."],
        [
            "You write Python. A session:\n\n>>> square(3)\n9",
            "Write a function named reverse, which turns a text round.",
        ],
        ["End with a test such as:\n\nassert add(1, 2) == 3", "Write a function and call it reverse."],
    ],
)
def test_where_another_function_may_be_meant_nothing_is_shown(texts):
    assert statements(*texts) is None


@pytest.mark.parametrize(
    ("signature", "docstring", "wanted"),
    [
        ("def f(s):", "Input: text = 'abc'\nOutput: 3", ["assert f('abc') == 3"]),
        ("def f(a, b):", "Input: b = 1, a = 2\nOutput: 3", ["assert f(2, 1) == 3"]),
        ("def f(numbers):", "Input: 1, 2, 3\nOutput: 6", []),
        ("def f(a, b):", "Input: (1, 2)\nOutput: 3", []),
        ("def f(n):", "Input: 6\nOutput: 2 and 3", []),
        ("def f(n):", "Input: 6\nOutput: 2 (and 3)", []),
        ("def f(n):", ">>> f(1)  # wrong!\n3", []),
        ("def f(n):", "Possible output:\n>>> f(6)\n4", []),
        ("def f(n):", ">>> f(6)  # e.g.\n4", []),
        ("def f(n):", "Distinct, in any order.\n\n>>> f([2, 1])\n[1, 2]", []),
        ("def f(n):", ">>> f(1)\n2\n>>> f(1)\n3\n>>> f(2)\n5", ["assert f(2) == 5"]),
        ("def f(n):", "Prints each.\n\n>>> f(3)\n1\n2\n3", []),
        ("def f(n):", "Print the double.\n\n>>> f(2)\n4", []),
        ("def f(s):", "Split.\n\n>>> f('a\\tb')\n['a', 'b']", []),
        ("def f(s):", "Count.\n\n>>> f('a\\\\b')\n1", []),
        ("def f(s):", ">>> print(f(1))\n(\n'a\\n'\n)", []),
        ("def f(s):", ">>> f(1)\n'\\\\left'\n>>> f(2)\n3", ["assert f(2) == 3"]),
        ("def f(s):", "f(7) returns 3, the rest is lost", ["assert f(7) == 3"]),
        ("def f(s):", "f(5) => 101", ["assert f(5) in (101, '101')"]),
        ("def f(s):", "f(5) == 101", ["assert f(5) == 101"]),
    ],
)
def test_only_what_is_certain_is_an_example(signature, docstring, wanted):
    assert statements(stub(signature, docstring)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "two(7, 2) returns 3 and 1.",
        "For example, two(7, 2) gives 3 with remainder 1.",
        "For example, two(7, 2) is 3, remainder 1.",
        "two(1) is 2 (or 3).",
        "two(1) is 2\u20133 words.",
        "two(2) returns 4 (expected 3).",
        "two(2) returns 4, I want 3.",
        "two(2) gives 4 although 3 is right.",
        "Right now two(2) is 4.",
        "two(2) is 4 when strict is off.",
        "I expected 2 for the first:\n\n>>> two(1)\n7",
        "Actual output:\n>>> two(1)\n7",
    ],
)
def test_a_value_with_more_behind_it_or_a_wrong_one_is_left_out(text):
    assert not statements(f"{text}\n\n{block('def two(a, b):' + chr(10) + '    return a')}")


def test_what_a_prompt_gives_runs_before_the_answer_and_never_beside_the_tests():
    check = shown(block('import os\nLIMIT = 3\n\ndef f(n):\n    """Inc.\n\n    >>> f(1)\n    2\n    """')).check
    assert check.prelude == ""
    assert "LIMIT = 3" in check.given
    check = shown(f"Given is:\n\n{HELPER}\nWrite a function area(r), so that area(1) == 6.").check
    assert (check.prelude, "def helper" in check.given, "assert" in check.given) == ("", True, False)


@pytest.mark.parametrize(
    ("found", "wanted", "holds"),
    [
        (2.333333, "2.3", True),
        (2.36, "2.3", False),
        (2.04, "2.0", False),
        ([0.5, 3.9999999], "[0.5, 4]", True),
        ({0.30000000000000004}, "{0.3}", True),
        ({0.4}, "{0.3}", False),
    ],
)
def test_fractions_are_compared_as_they_are_written(found, wanted, holds):
    assert first_holds(shown(stub("def f(n):", f">>> f(3)\n{wanted}")).check, found) is holds


def test_what_is_printed_may_have_another_order():
    check = shown(stub("def f(s):", ">>> print(f('ab'))\n{'b', 'a'}")).check
    for found, holds in (({"a", "b"}, True), ({"a"}, False), ("{'b', 'a'}", True)):
        assert first_holds(check, found) is holds


def test_an_assertion_says_what_is_returned_whatever_the_text_speaks_of():
    assert statements("Write a function to print the double.\n\nassert f(1) == 2") == ["assert f(1) == 2"]


def test_a_text_that_is_written_as_wide_as_it_is_told_to_never_runs():
    assert statements("Write f.\n\nassert '%2000000000d' % f(1) == 'x'") == []


LANGCHAIN = """The output should be a JSON instance that conforms to the JSON schema below.

As an example, for the schema {"properties": {"foo": {"type": "array"}}, "required": ["foo"]}
the object {"foo": ["bar"]} is well-formatted.

Here is the output schema:
```
%s
```"""
PERSON = '{"type": "object", "required": ["name"]}'
TEXT = '{"type": "object", "required": ["text"]}'


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        (LANGCHAIN % PERSON, PERSON),
        (f"Input fits this schema: {TEXT}\nOutput must fit this schema: {PERSON}", PERSON),
        (f"```json\n{PERSON}\n```\n\nAnswer with JSON that matches the schema above.", PERSON),
        ('Answer with JSON that matches this schema: {"enum": ["a", "b"]}', '{"enum": ["a", "b"]}'),
        (f"Convert the record, which matches {TEXT}, to a name.", None),
        (f'Does {{"name": 3}} fit this schema: {PERSON}? Answer {{"valid": true}}.', None),
        (f"Say whether 3 is valid by the following schema. Schema:\n{PERSON}", None),
        (f"Return three values that each match this schema: {PERSON}", None),
        (f"Return a list of persons who conform to {PERSON}", None),
        (f'Items match {PERSON}. Return {{"items": [...]}}.', None),
        (f"Write a JSON Schema. For example, cars follow this schema: {PERSON}", None),
        (f"Fit this schema: {PERSON}\n\nFit this schema: {TEXT}", None),
        ('Fit this schema: {"type": "object", "properties": {"a": {"type": "string", "nullable": true}}}', None),
    ],
)
def test_the_schema_of_the_answer_is_found_and_no_other(text, schema):
    found = KINDS["json"].shown(Asked(kind="json", messages=(Message(role="user", content=text),)))
    assert found.check.schema_text == (schema or "true")


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("CREATE TABLE a (x INT, -- it's (x\n y TEXT);", 1),
        ("CREATE TABLE a (x INT);\nCREATE TABLE a (x INT);", 1),
        ("CREATE TABLE a (x INT);\nCREATE TABLE a (y INT);", 0),
        ("CREATE TABLE a (x INT PRIMARY KEY AUTO_INCREMENT);", 0),
        ("CREATE TABLE a (x INT);\nCREATE TABLE b (y ENUM('p', 'q'));", 0),
        ("CREATE TABLE sales.a (x INT);", 0),
        ("CREATE TABLE a (x INT);\nCREATE VIEW v AS SELECT x FROM a;", 0),
        ("CREATE TABLE a (x INT);\nALTER TABLE a ADD COLUMN y INT;", 0),
        ("CREATE TABLE a (" * 20_000, 0),
    ],
)
def test_tables_are_shown_where_they_can_be_made(text, tables):
    pytest.importorskip("sqlglot")
    found = KINDS["sql"].shown(Asked(kind="sql", messages=(Message(role="user", content=text),)))
    assert (0 if found is None else found.check.setup[0].count("CREATE TABLE")) == tables


@pytest.mark.parametrize(("answer", "accepted"), [("def f(n):\n    return 0", True), ("", False)])
def test_a_check_that_cannot_run_here_holds_nothing_against_an_answer(answer, accepted):
    """The prompt's own code needs what is not installed: then only an empty answer is not taken."""
    said = Completion(text=answer, finish=FinishReason.STOP, prompt_tokens=1, tokens=1)
    broken = Verdict(outcome=Outcome.FAULT, reason=Reason.BROKEN_TASK, detail="no pandas here")
    lost = Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT, detail="the judge lost it")
    acceptance = Acceptance((), Grounds.EXAMPLES, None, USUAL_TRIGGERS)
    assert (acceptance.finding(said, broken) is None) is accepted
    assert acceptance.finding(said, lost) is not None


def policy(**tier):
    return Policy(tiers=(Tier(name="base", pack="0" * 64, **tier),))


def test_a_tier_that_may_answer_several_times_is_held_to_what_is_shown():
    asked = Asked(kind="python", messages=(Message(role="user", content="Write f, so that f(1) == 2."),))
    assert acceptance_of(policy(answers=3, temperature=1), asked, "own").grounds is Grounds.EXAMPLES
    assert acceptance_of(policy(), asked, "own").unconditional


HOSTILE = {
    "quotes and a tab": "\t" + "'" * 60_000,
    "tables without an end": "CREATE TABLE a " * 4_000,
    "comments without an end": "CREATE TABLE a (" + "/*" * 30_000,
    "many tables": "CREATE TABLE a (x INT); " * 2_600,
    "words before a value": "f(1) is 2 and " + "a " * 900 + "\n" * 5 + "f(1) gives 2 with " * 100,
    "asked for": "write a the a the python function " * 1_700,
    "prompts": ">>> f(1)\n2\n" * 5_000,
    "nested": "Fit this schema: " + '{"properties": ' * 600 + "{}" + "}" * 600,
    "order": "order " * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_hostile_prompt_shows_is_bounded(name):
    """It also ends in no time: whatever is searched again and again here takes minutes."""
    message = Message(role="user", content=HOSTILE[name])
    python, schema, tables = (
        KINDS[kind].shown(Asked(kind=kind, messages=(message,))) for kind in ("python", "json", "sql")
    )
    assert python is None or len(python.check.tests.statements) <= MOST
    assert schema.grounds is Grounds.FORM
    assert tables is None or tables.check.setup[0].count("CREATE TABLE") == 1
