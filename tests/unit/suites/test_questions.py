"""Questions to rehearse are read from prompts, suites and code, and none is like a task of the run."""

import json
from unicodedata import normalize

import pytest

from suture.core.errors import BadFile, UnknownName, UsageError
from suture.suites.catalog import load_suite
from suture.suites.humaneval import INSTRUCTION
from suture.suites.questions import load_questions, question_of_row
from suture.suites.unlike import unlike

WORDY = "Please tell me how the largest of several numbers that are given as a list can be found without sorting it."


def rows_in(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def asked(tasks):
    return [task.messages[-1].content for task in tasks]


def test_one_prompt_a_line(tmp_path):
    path = tmp_path / "prompts.txt"
    path.write_text("What is a list?\n\n  How do I sort\u2028one?  \r\n")
    found = load_questions(str(path))
    assert asked(found) == ["What is a list?", "How do I sort\u2028one?"]
    assert [task.id for task in found] == ["prompts/1", "prompts/3"]
    assert {task.origin for task in found} == {"prompts.txt"}


def test_rows_that_only_ask_keep_what_they_say_of_themselves(tmp_path):
    path = rows_in(
        tmp_path / "asked.jsonl",
        {"prompt": "Sort this.", "licence": "MIT", "origin": "a forum"},
        {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}], "id": "x"},
    )
    first, second = load_questions(path)
    assert (first.licence, first.origin, first.suite) == ("MIT", "a forum", "asked")
    assert (second.id, [turn.role for turn in second.messages]) == ("x", ["system", "user"])


def test_the_answer_at_the_end_of_a_chat_is_not_read(tmp_path):
    chat = [
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "One."},
        {"role": "user", "content": "Two?"},
        {"role": "assistant", "content": "A wrong answer."},
    ]
    (found,) = load_questions(rows_in(tmp_path / "chats.jsonl", {"messages": chat}))
    assert asked([found]) == ["Two?"]
    assert len(found.messages) == 3


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"prompt": ""}, "question is empty"),
        ({"prompt": "a", "messages": [{"role": "user", "content": "b"}]}, "once"),
        ({"messages": [{"role": "assistant", "content": "I only answer"}]}, "question is empty"),
        ({"promt": "a"}, "did you mean 'prompt'"),
        ({"prompt": "a", "answer": "b"}, "field of a question"),
    ],
)
def test_a_broken_row_names_its_line(tmp_path, row, says):
    with pytest.raises(BadFile, match=f"line 2.*{says}"):
        load_questions(rows_in(tmp_path / "asked.jsonl", {"prompt": "fine"}, row))


def test_a_file_of_tasks_is_a_suite(tmp_path):
    row = {"id": "a", "kind": "text", "prompt": "2 + 2?", "expected": "4"}
    assert load_questions(rows_in(tmp_path / "own.jsonl", row))[0].check.exact == "4"
    assert len(load_questions("humaneval:0-4")) == 5


def test_blank_files_and_unknown_names_are_said(tmp_path):
    (tmp_path / "blank.txt").write_text("\n \n")
    with pytest.raises(UsageError, match="only blank lines"):
        load_questions(str(tmp_path / "blank.txt"))
    with pytest.raises(UnknownName, match="humaneval"):
        load_questions("humanevel")
    with pytest.raises(BadFile):
        load_questions(str(tmp_path / "absent.txt"))


def test_functions_with_examples_ask_for_themselves(tmp_path):
    (tmp_path / "tools.py").write_text(
        'def double(x):\n    """Twice a number.\n\n    >>> double(2)\n    4\n    """\n    return 2 * x\n\n\n'
        'def silent(x):\n    """No example."""\n    return x\n\n\n'
        'class Thing:\n    def grow(self):\n        """Grow.\n\n        >>> Thing().grow()\n        """\n\n\n'
        '@cached\ndef needs(x):\n    """A table is looked at.\n\n    >>> needs(1)\n    """\n    return TABLE[x]\n'
    )
    found = load_questions(f"from-code:{tmp_path}")
    assert [task.id for task in found] == ["tools.double", "tools.needs"]
    assert [task.check.entry_point for task in found] == ["double", "needs"]
    assert all("return" not in asked([task])[0] and task.form.opening == "```python\n" for task in found)
    with pytest.raises(UsageError, match="no function there has examples"):
        (tmp_path / "tools.py").write_text("x = 1\n")
        load_questions(f"from-code:{tmp_path}")


def questions(tmp_path, *prompts):
    return load_questions(rows_in(tmp_path / "q.jsonl", *({"prompt": prompt} for prompt in prompts)))


def test_what_a_run_measures_is_left_out_however_it_is_asked(tmp_path):
    own = questions(tmp_path, WORDY, "What is a set?")
    again = questions(tmp_path, f"In Python: {WORDY} Thanks!", "what is a SET", "What is a tuple?")
    found = unlike(again, own)
    assert asked(found.kept) == ["What is a tuple?"]
    assert [twin.twin for twin in found.twins] == ["q/1", "q/2"]


def test_a_task_that_is_asked_without_its_tests_is_left_out(tmp_path):
    own = load_suite("humaneval:0-9")
    words = own[2].messages[0].content.split('"""')[1].split(".")[0]
    (twin,) = unlike(questions(tmp_path, f"{words}?"), own).twins
    assert twin.twin == "HumanEval/2"


def test_a_function_of_the_run_is_left_out_by_its_name(tmp_path):
    own = load_suite("humaneval:0-9")
    (tmp_path / "tools.py").write_text(
        'def {name}(x):\n    """Other words.\n\n    >>> {name}(2)\n    4\n    """\n    return 2 * x\n'.format(
            name=own[3].check.entry_point.replace("_", "").lower()
        )
    )
    assert unlike(load_questions(f"from-code:{tmp_path}"), own).kept == ()


@pytest.mark.parametrize("size", [4, 9, 60])
def test_how_a_suite_asks_is_no_likeness_however_few_of_it_there_are(tmp_path, size):
    own = load_suite(f"humaneval:0-{size}")
    other = questions(tmp_path, INSTRUCTION.format(prompt="def gather(a):\n    '''Put it together.'''\n"))
    assert len(unlike(other, own).kept) == 1


def test_the_same_question_is_asked_once(tmp_path):
    found = unlike(questions(tmp_path, "Hello there?", "hello, THERE"), ())
    assert (len(found.kept), found.repeated) == (1, 1)


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Please implement `flip_case(string)` in Python.", False),
        ("Write a Python function called separate_paren_groups.", False),
        ("What does `flip_case` do?", False),
        ("What is the sum() of a list, and who needs to count it?", True),
        ("Write a function called turn_the_page.", True),
    ],
)
def test_a_question_that_names_a_measured_function_is_left_out(question, kept):
    asked = question_of_row({"prompt": question}, "p.txt", 1)
    assert bool(unlike([asked], load_suite("humaneval")).kept) is kept


@pytest.mark.parametrize(
    ("measured", "question"),
    [
        ("请写一个函数把列表按照从小到大排列然后返回最大的三个数", "{}吧"),
        (
            "Напишите функцию которая принимает список чисел и возвращает сумму всех чётных",
            "{} быстро",
        ),
    ],
    ids=["zh", "ru"],
)
def test_runs_of_words_are_those_of_any_script(measured, question):
    own, asked = (question_of_row({"prompt": text}, "p.txt", 1) for text in (measured, question.format(measured)))
    assert not unlike([asked], [own]).kept


SHORT, ACCENTS = (
    "What is the opposite of hot?",
    "What is the capital city of Côte d'Ivoire, and how many people live there?",
)


@pytest.mark.parametrize(
    ("measured", "messages"),
    [
        (SHORT, [("user", f"Answer with one word. {SHORT}")]),
        ("法国的首都是什么城市", [("user", "请回答：法国的首都是什么城市？谢谢")]),
        (SHORT, [("user", SHORT), ("assistant", "Cold."), ("user", "And of wet?")]),
        (SHORT, [("system", SHORT), ("user", "Go on.")]),
        (ACCENTS, [("user", normalize("NFD", ACCENTS))]),
        ("What is it?", [("user", "\uff37\uff48\uff41\uff54 is it?")]),
        (
            "Find the nth hexagonal number of a row.",
            [("user", "A thing: find the nth hexagonal number of a row today.")],
        ),
    ],
)
def test_a_measured_question_in_other_words_around_it_is_found(tmp_path, measured, messages):
    own = questions(tmp_path, measured)
    chat = [{"role": role, "content": content} for role, content in messages]
    again = load_questions(rows_in(tmp_path / "again.jsonl", {"messages": chat}))
    assert unlike(again, own).kept == ()
    assert len(unlike(again, questions(tmp_path, "How tall is a tree in the garden?")).kept) == 1


def test_what_differs_in_a_sign_is_another_question(tmp_path):
    asked_apart = (
        "What is 3 + 2?",
        "What is 3 - 2?",
        "Write it in C.",
        "Write it in C++.",
        "Round 1.5 up.",
        "Round 15 up.",
    )
    assert len(unlike(questions(tmp_path, *asked_apart), ()).kept) == len(asked_apart)


def test_what_is_made_of_the_same_part_is_left_out(tmp_path):
    (one, other) = questions(tmp_path, "How is it?", "Where may it be found?")
    bound = [task.model_copy(update={"groups": ("a part",)}) for task in (one, other)]
    alike = [task.model_copy(update={"groups": ("like a part",)}) for task in (one, other)]
    assert unlike(bound[1:], bound[:1]).kept == ()
    assert len(unlike(alike[1:], alike[:1]).kept) == 1


def test_a_task_under_another_id_names_the_one_that_is_measured(tmp_path):
    own = load_suite("humaneval:0-3")
    (twin,) = unlike([own[2].model_copy(update={"id": "copy/2"})], own).twins
    assert (twin.task_id, twin.twin) == ("copy/2", "HumanEval/2")


def test_an_empty_last_turn_asks_nothing_and_no_package_is_none(tmp_path):
    chat = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": " "}]
    with pytest.raises(BadFile, match="question is empty"):
        load_questions(rows_in(tmp_path / "q.jsonl", {"messages": chat}))
    with pytest.raises(UsageError, match="names no package"):
        load_questions("from-code:")


def code_of(tmp_path, **files):
    folder = tmp_path / "code"
    folder.mkdir()
    for name, source in files.items():
        (folder / f"{name}.py").write_bytes(source if isinstance(source, bytes) else source.encode())
    return folder


ASKS = '"""Of f.\n\n    >>> f(1)\n    1\n    """'


def test_methods_are_left_out_whatever_their_first_argument_is_called(tmp_path):
    source = "\n".join(
        [
            *("class A:", f"  def f(x):\n    {ASKS}", f"  @staticmethod\n  def g(x):\n    {ASKS}"),
            *("  if True:", f"    def h(klass):\n      {ASKS}"),
            *("def outer():", f"  def f(x):\n    {ASKS}", "  class B:", f"    def f(x):\n      {ASKS}", ""),
        ]
    )
    assert [task.id for task in load_questions(f"from-code:{code_of(tmp_path, m=source)}")] == ["m.outer.f"]


def test_functions_of_one_name_are_numbered(tmp_path):
    source = f"if True:\n  def f(x):\n    {ASKS}\n    return x\nelse:\n  def f(x, y):\n    {ASKS}\n    return x\n"
    assert [task.id for task in load_questions(f"from-code:{code_of(tmp_path, m=source)}")] == ["m.f", "m.f-2"]


def test_a_question_does_not_hold_its_answer(tmp_path):
    source = f"def f(n):\n    'Of n. >>> f(1)'; return n * n\ndef g(n):\n    {ASKS}\n    return n\n"
    (task,) = load_questions(f"from-code:{code_of(tmp_path, m=source)}")
    assert task.id == "m.g"


def test_a_file_is_read_in_the_encoding_that_it_names(tmp_path):
    source = f"# -*- coding: latin-1 -*-\nname = 'ü'\ndef f(n):\n    {ASKS}\n    return n\n".encode("latin-1")
    assert len(load_questions(f"from-code:{code_of(tmp_path, m=source)}")) == 1


def test_a_link_that_leads_round_in_a_circle_is_not_followed(tmp_path):
    folder = code_of(tmp_path, m=f"def f(n):\n    {ASKS}\n    return n\n")
    for name, target in (("a", ".."), ("b", "."), ("c", "../a")):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "up").symlink_to(target if name == "c" else "..")
    (folder / "a/n.py").write_text(f"def g(n):\n    {ASKS}\n    return n\n")
    assert sorted(task.id for task in load_questions(f"from-code:{folder}")) == ["a.n.g", "c.up.n.g", "m.f"]


def test_a_long_expression_does_not_end_the_reading(tmp_path):
    source = f"TEXT = {' + '.join(['1'] * 1500)}\ndef f(x):\n    {ASKS}\n    return x\n"
    assert [task.id for task in load_questions(f"from-code:{code_of(tmp_path, m=source)}")] == ["m.f"]
