"""What `import suture` offers, each used on small inputs with a script in place of a model."""

import re
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from fakes import FakeFoundry, FakeJudge, recipe, scripted_workshop, write_suite

import suture
from suture.core.errors import StaleEvidence, UnknownName
from suture.core.gate.gate_report import Decision
from suture.core.gate.rules import GateRules
from suture.core.measure.verdict import Outcome
from suture.files.small_files import write_json

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
OFFERED = sorted(set(suture.__all__) - {"__version__"})


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A directory with a suite, two models and a recipe, where a script answers and judges."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUTURE_HOME", raising=False)
    write_suite(tmp_path / "tasks.jsonl", 10)
    (tmp_path / "before.gguf").write_text("[1, 2]")
    (tmp_path / "after.gguf").write_text("[1, 2, 5]")
    splits = {"seed": 0, "repair": 0.6, "holdout": 0.4}
    written = recipe(tmp_path / "tasks.jsonl", tmp_path / "before.gguf", splits=splits, gate={"min_repaired": 0})
    write_json(tmp_path / "recipe.yaml", written.model_dump(mode="json", exclude_defaults=True))
    foundry = FakeFoundry(knows={1, 2}, learns={5})

    @contextmanager
    def open_workshop(home=None, **_: object):
        workshop = scripted_workshop(Path())
        with closing(workshop.store.ledger):
            yield workshop

    with ExitStack() as patches:
        for verb in ("bench", "heal"):
            patches.enter_context(patch(f"suture.wiring.{verb}.open_workshop", open_workshop))
            patches.enter_context(patch(f"suture.wiring.{verb}.TorchFoundry", lambda progress: foundry))
        yield tmp_path


def test_importing_it_loads_nothing():
    script = (
        "import sys; before = {*sys.modules, 'suture'}; import suture; "
        "loaded = set(sys.modules) - before; sys.exit(str(loaded) if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_using_it_loads_no_torch():
    script = (
        "import sys, suture; [getattr(suture, name) for name in suture.__all__]; "
        "sys.exit(bool({'torch', 'transformers', 'peft', 'cyclopts'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("name", OFFERED)
def test_what_is_offered_is_there_and_has_an_example(name):
    assert f"suture.{name}(" in (getattr(suture, name).__doc__ or "").partition("Example::")[2]
    assert name in dir(suture)
    assert f"`suture.{name}(" in PAGE.read_text()


def test_nothing_else_is_offered():
    with pytest.raises(AttributeError, match="no attribute 'wiring_of'"):
        suture.wiring_of  # noqa: B018 - the look-up is the test


def test_load_suite(tmp_path):
    tasks = suture.load_suite(f"{write_suite(tmp_path / 'own.jsonl', 4)}:1-2")
    assert [task.id for task in tasks] == ["own/1", "own/2"]
    with pytest.raises(UnknownName, match="did you mean 'humaneval'"):
        suture.load_suite("humanevel")


def test_open_store(tmp_path):
    with suture.open_store(str(tmp_path / "store")) as store:
        assert store.ledger.runs() == []
    assert (tmp_path / "store" / "ledger.db").exists()


def test_open_judge(tmp_path):
    (task,) = suture.load_suite(str(write_suite(tmp_path / "own.jsonl", 1)))
    with closing(suture.open_judge(workers=1, unsafe_local=True)) as judge:
        verdicts = dict(judge.judge([(task, "def f_0():\n    return 0"), (task, "def f_0():\n    return 1")]))
    assert [verdicts[0].outcome, verdicts[1].outcome] == [Outcome.PASS, Outcome.FAIL]


def test_bench(place):
    board = suture.bench("after.gguf", "tasks.jsonl", engine="scripted")
    assert board.passed == ("tasks/1", "tasks/2", "tasks/5")
    part = suture.bench(place / "after.gguf", ["tasks.jsonl:0-2"], engine="scripted")
    assert (part.tally().passed, part.tally().total) == (2, 3)


def test_gate_of_scoreboards_and_of_their_files(place):
    before, after = (suture.bench(f"{name}.gguf", "tasks.jsonl", engine="scripted") for name in ("before", "after"))
    report = suture.gate(before, after, home="store")
    assert (report.decision, report.repaired) == (Decision.PROMOTE, ("tasks/5",))
    for name, board in (("before", before), ("after", after)):
        write_json(place / f"{name}.json", board.to_json())
    assert suture.gate("before.json", place / "after.json", home="store") == report
    assert suture.gate(after, before, home="store").decision is Decision.REJECT
    assert suture.gate(before, after, GateRules(min_repaired=2), home="store").decision is Decision.HOLD


def test_a_look_is_counted_whoever_looks(place):
    before, after = (suture.bench(f"{name}.gguf", "tasks.jsonl", engine="scripted") for name in ("before", "after"))
    assert suture.gate(before, after, home="store").look.number == 1
    assert suture.gate(after, before, home="store").look.number == 2
    with suture.open_store("store") as store:
        assert len(store.ledger.trials()) == 2


def test_rules_that_are_set_are_kept_and_the_others_ask_for_no_more_than_there_is(place):
    before, after = (suture.bench(f"{name}.gguf", "tasks.jsonl", engine="scripted") for name in ("before", "after"))
    assert suture.gate(before, after, GateRules(), home="store").decision is Decision.PROMOTE
    held = suture.gate(before, after, GateRules(repeats=3), home="store")
    assert (held.decision, held.unsettled) == (Decision.HOLD, ("tasks/5",))
    twice = suture.gate([before, before], [after, after], GateRules(baseline_runs=2), home="store")
    assert twice.protected == ("tasks/1", "tasks/2")


def test_draws_take_luck_out_of_what_is_protected(place):
    before, after = (suture.bench(f"{name}.gguf", "tasks.jsonl", engine="scripted") for name in ("before", "after"))
    warm = before.sampling.model_copy(update={"temperature": 0.2, "seed": 1})
    flipped = [
        result.model_copy(update={"verdict": before.by_task["tasks/0"].verdict})
        if result.task_id == "tasks/1"
        else result
        for result in before.results
    ]
    drawn = before.model_copy(update={"sampling": warm, "results": tuple(flipped)})
    report = suture.gate(before, after, drawn=drawn, home="store")
    assert (report.lucky, report.protected) == (("tasks/1",), ("tasks/2",))
    asked = GateRules(draws=2)
    assert suture.gate(before, after, asked, drawn=drawn, home="store").decision is Decision.HOLD
    with pytest.raises(StaleEvidence, match=r"drawn at temperature 0\.2, not at 0\.5"):
        suture.gate(before, after, GateRules(draw_temperature=0.5), drawn=drawn, home="store")
    with pytest.raises(StaleEvidence, match="of another pack"):
        suture.gate(after, after, drawn=drawn, home="store")


def test_heal(place):
    told: list[str] = []
    healed = suture.heal("recipe.yaml", on_stage=lambda stage, done: told.append(stage))
    assert healed.decision is Decision.PROMOTE
    assert healed.report.repaired == ("tasks/5",)
    assert told[0] == "check" and told[-1] == "promote"
    assert "suture heal recipe.yaml" in healed.paths.report_markdown.read_text()
    again = suture.heal(recipe(place / "tasks.jsonl", place / "before.gguf", name="other", model="other"))
    assert again.run != healed.run and again.decision is Decision.PROMOTE


def test_the_page_runs(place, capsys):
    """Every block of the page, one after the other, in one directory."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    boards = {name: suture.bench(f"{name}.gguf", "tasks.jsonl", engine="scripted") for name in ("before", "after")}
    for name, board in boards.items():
        write_json(place / f"{name}.json", board.to_json())
    with patch("suture.judge.opening.open_judge", lambda: FakeJudge()):
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), {})
    said = capsys.readouterr().out
    assert "2 3 of 10" in said and "promote" in said and "report:" in said
