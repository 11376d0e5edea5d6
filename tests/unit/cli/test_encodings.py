"""Every file that people hand in may come from Windows: marks, UTF-16, line ends."""

import gzip
import json

import pytest

TASKS = [
    {"task_id": n, "text": "é", "code": f"def f(): return {n}", "test_list": [f"assert f() == {n}"]} for n in (1, 2)
]
RESULTS = [{"task_id": f"a/{n}", "completion": "é", "result": "passed", "passed": True} for n in (1, 2)]
RECIPE = "name: n\r\nmodel: m\r\nbase: nothing-é.gguf\r\nsuites: [humaneval]\r\nsplits: {seed: 0, repair: 1.0}\r\n"
ENCODINGS = {
    "utf-8-sig": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-32": lambda text: text.encode("utf-32"),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
}


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.sandbox
def test_tasks_and_samples(suture, tmp_path, encode):
    (tmp_path / "tasks.jsonl").write_bytes(encode(lines(TASKS)))
    samples = [{"task_id": 1.0, "solution": "def f(): return 1"}, {"task_id": "tasks/2", "solution": "def f(): 'é'"}]
    (tmp_path / "samples.jsonl").write_bytes(encode(lines(samples)))
    said = suture("judge", "--suite", "tasks.jsonl", "samples.jsonl", "--json")
    assert (said.code, said.json["pass@1"]) == (0, 0.5)
    assert (said.json["tasks"], said.json["suite_tasks"]) == (2, 2)


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_results(suture, tmp_path, encode):
    (tmp_path / "r.jsonl").write_bytes(encode(lines(RESULTS)))
    said = suture("compare", "r.jsonl", "r.jsonl", "--json")
    assert (said.code, said.json["rows"][0]["before"]["passed"]) == (0, 2)


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_recipes(suture, tmp_path, encode):
    (tmp_path / "recipe.yaml").write_bytes(encode(RECIPE))
    said = suture("heal", "recipe.yaml")
    assert said.code == 2
    assert "base: no such file: nothing-é.gguf" in said.err


def test_a_recipe_without_a_text_is_named(suture, tmp_path):
    for data, says in (
        (RECIPE.replace("m\r", '"\\ud835"\r').encode(), "recipe.yaml, line 2: model: half a character"),
        (b"PAR1", "recipe.yaml: a Parquet table, and no recipe"),
        ("name: é".encode("latin-1"), "recipe.yaml, line 1: not UTF-8 text"),
        (b"name: \x07", "recipe.yaml: not YAML"),
    ):
        (tmp_path / "recipe.yaml").write_bytes(data)
        said = suture("heal", "recipe.yaml")
        assert says in said.err
        assert len([line for line in said.err.splitlines() if line.startswith("suture: ")]) == 1


@pytest.mark.parametrize("name", ["tasks.csv", "tasks.parquet", "tasks"])
def test_a_suite_of_any_name_is_looked_at(suture, tmp_path, name):
    (tmp_path / name).write_text("task_id,text\n1,x\n")
    said = suture("bench", "m.gguf", "--suite", name)
    assert said.code == 2
    assert f"{name}: a CSV table (columns task_id, text), and no JSON lines" in said.err
