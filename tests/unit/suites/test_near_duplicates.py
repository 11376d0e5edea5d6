"""Rows of one's own that resemble each other stay together in every split."""

import json

import pytest

from suture.core.errors import BadFile
from suture.core.measure.groups import connected_groups
from suture.suites.catalog import load_jsonl, load_suites

LONG = (
    "A customer who bought a blue kettle on the first of May writes that it leaks at the handle since day {} and asks "
    "whether the shop will send a new one before the holidays{}"
)
OTHER = "Which of the three letters that lie on the desk by the window was written by somebody who never saw the sea?"


def rows(path, *prompts):
    path.write_text(
        "".join(
            json.dumps({"id": f"r/{n}", "kind": "text", "prompt": text, "check": {"exact": f"a{n}"}}) + "\n"
            for n, text in enumerate(prompts)
        )
    )
    return load_jsonl(path)


def parts(tasks):
    return [[task.id for task in group] for group in connected_groups(tasks)]


def test_rows_that_differ_in_few_words_or_numbers_are_never_parted(tmp_path):
    tasks = rows(tmp_path / "t.jsonl", LONG.format(17, "?"), OTHER, LONG.format(18, " again?"))
    assert parts(tasks) == [["r/0", "r/2"], ["r/1"]]
    assert tasks[0].groups == tasks[2].groups == ("like r/0",)


def test_how_a_file_asks_makes_no_duplicates(tmp_path):
    asked = "Read the letter below and answer with one word that says what the person who wrote it wants: {}"
    said = [
        f"{letter} {n}" for n, letter in enumerate(["money back", "a new one", "an excuse", "to be called", "peace"])
    ]
    tasks = rows(tmp_path / "t.jsonl", *(asked.format(text) for text in said))
    assert len(parts(tasks)) == len(tasks)


def test_short_questions_are_compared_whole(tmp_path):
    assert len(parts(rows(tmp_path / "t.jsonl", "2+2?", "2+3?", "3+2?"))) == 3


def test_two_files_that_contradict_each_other_are_refused(tmp_path):
    for name, prompt, answer in (("a", "Capital of Peru?", "Lima"), ("b", "Capital of  Peru?", "Cusco")):
        row = {"id": name, "kind": "text", "prompt": prompt, "check": {"exact": answer}}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(BadFile, match=r"a of a and b of b ask the same question and want different answers"):
        load_suites([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")])


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"messages": [{"role": "user", "contnt": "x"}]}, r"messages\[0\]: 'contnt'; did you mean 'content'"),
        (
            {"prompt": "x", "tools": [{"name": "w", "parmeters": {}}]},
            r"tools\[0\]: 'parmeters'; did you mean 'parameters'",
        ),
        (
            {"prompt": "x", "tools": [{"type": "function", "function": {"name": "w", "descripton": "y"}}]},
            r"tools\[0\]\.function: 'descripton'; did you mean 'description'",
        ),
    ],
)
def test_an_unknown_field_inside_a_row_is_named_with_the_one_that_is_meant(tmp_path, more, says):
    (tmp_path / "t.jsonl").write_text(json.dumps({"id": "a", "kind": "text", "check": {"exact": "x"}, **more}) + "\n")
    with pytest.raises(BadFile, match=says):
        load_jsonl(tmp_path / "t.jsonl")


def test_what_openai_has_beside_a_tool_is_let_through(tmp_path):
    tool = {"type": "function", "function": {"name": "w", "strict": True, "parameters": {"type": "object"}}}
    row = {"id": "a", "kind": "tool-calls", "prompt": "x", "tools": [tool], "check": {"calls": []}}
    (tmp_path / "t.jsonl").write_text(json.dumps(row) + "\n")
    assert load_jsonl(tmp_path / "t.jsonl")[0].tools[0].name == "w"
