import pytest

from suture.core.measure.asked import Asked, asked_of
from suture.core.measure.grounds import Grounds
from suture.core.measure.task import Message
from suture.suites.catalog import load_suite
from suture.suites.kinds import KINDS
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
        ("f(2.5) == 1.25", "assert abs(f(2.5) - 1.25) <= 1e-06 * max(1.0, abs(1.25))"),
        ("f((1, 2)) # => {'a': 1}", "assert f((1, 2)) == {'a': 1}"),
        ("For n = 3, k = 'x' the output should be 6", "assert f(n=3, k='x') == 6"),
        ("it is f(7) == 8 and not f(8)", "assert f(7) == 8"),
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


def test_input_above_output_is_read():
    text = "Example 1:\n    Input: arr = [4, -4], k = 1\n    Output: [4] # the largest\n    Input: 3\n    Nothing."
    assert examples_in(text, "f") == ["assert f(arr=[4, -4], k=1) == [4]"]


def test_assertions_that_could_do_more_than_compute_are_left_out():
    source = (
        "assert f(1) == 2\nassert f(open('/etc/passwd').read())\nassert f.__globals__\nassert set(f([1])) == {1}\nx = 1"
    )
    assert assertions_in(source) == ["assert f(1) == 2", "assert set(f([1])) == {1}"]


def shown(kind, content, **fields):
    return KINDS[kind].shown(Asked(kind=kind, messages=(Message(role="user", content=content),), **fields))


def test_a_signature_with_its_helpers_is_what_the_answer_may_go_on_from():
    code = "import math\n\ndef helper(x):\n    return x\n\ndef f(x):\n    '''Say.\n    >>> f(1)\n    2\n    '''"
    found = shown("python", f"Write it.\n\n```python\n{code}\n```")
    assert found.grounds is Grounds.EXAMPLES
    assert (found.check.entry_point, found.check.tests.statements) == ("f", ("assert f(1) == 2",))
    assert found.check.prelude.startswith("import math\n\ndef helper(x):")
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


def test_tables_in_the_prompt_are_what_a_query_has_to_run_on():
    found = shown("sql", "CREATE TABLE a(x INT, y TEXT DEFAULT 'b)');\nCREATE TABLE b(;\nHow many?")
    assert (found.grounds, found.check.setup) == (Grounds.SCHEMA, ("CREATE TABLE a(x INT, y TEXT DEFAULT 'b)');\n",))
    assert shown("sql", "Table a has column x. How many?") is None


@pytest.mark.parametrize("kind", ["text", "grader"])
def test_words_show_nothing(kind):
    assert shown(kind, "Is it good? A) yes B) no") is None
