"""The composite action: its own ``run:`` steps, run by bash in repositories made for it."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from composite_action import run_action

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
SAME = "p" * 60 + "f" * 40


def rows(letters: str, **more: object) -> str:
    passed = {"p": True, "f": False, "x": None}
    found = [{"id": f"t{i}", "passed": passed[letter], **more} for i, letter in enumerate(letters)]
    return "".join(json.dumps(row) + "\n" for row in found)


def git(*words: str, at: Path) -> None:
    subprocess.run(["git", *words], cwd=at, check=True, capture_output=True)


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A repository whose branch ``main`` has results."""
    place = tmp_path_factory.mktemp("origin")
    git("init", "-q", "-b", "main", at=place)
    (place / "results").mkdir()
    (place / "results" / "r.jsonl").write_text(rows(SAME))
    git("add", ".", at=place)
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "results", at=place)
    return place


@pytest.fixture
def act(origin, tmp_path):
    """Run the action on a pull request that leaves these results."""
    workspace, bin_ = tmp_path / "work", tmp_path / "bin"
    bin_.mkdir()
    gh = bin_ / "gh"
    gh.write_text('#!/bin/sh\necho "$@" >> "$RUNNER_TEMP/gh.log"\n')
    gh.chmod(0o755)

    def act(after: str | None, github=None, **inputs):
        git("clone", "-q", f"file://{origin}", str(workspace), at=tmp_path)
        if after is not None:
            (workspace / "results" / "r.jsonl").write_text(after)
        inputs = {"after": "results/r.jsonl", "install": "", **{k.replace("_", "-"): v for k, v in inputs.items()}}
        github = {"base_ref": "main", "event_name": "pull_request", "repository": "o/r", **(github or {})}
        return run_action(ACTION, workspace, inputs, github, first_on_path=bin_)

    act.bin, act.temp = bin_, tmp_path / "runner-temp"
    return act


def test_a_pull_request_that_is_no_worse_passes(act):
    run = act(rows(SAME))
    assert not run.failed, run.log
    found = run.outputs["gate"]
    assert (found["code"], found["decision"], found["lost"], found["gained"]) == ("0", "promote", "0", "0")
    assert found["verdict"].startswith("suture: NO WORSE (at most 4.3 points")
    assert float(found["bound"]) == pytest.approx(0.0429, abs=1e-3)
    assert run.summary.startswith("**suture: NO WORSE")
    assert {path.name for path in (act.temp / "suture-gate").iterdir()} >= {"gate.json", "gate.md", "gate.xml"}
    assert run.ran == ["baseline", "gate", "summary", "report", "verdict"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("after", "inputs", "failed", "says"),
    [
        (rows("f" * 9 + SAME[9:]), {}, True, "::error title=Suture gate::WORSE"),
        (rows("f" + SAME[1:]), {"policy": "no-lost"}, True, "::error title=Suture gate::LOST"),
        (rows("fff" + SAME[3:]), {}, True, "::warning title=Suture gate::HOLD"),
        (rows("fff" + SAME[3:]), {"hold": "pass"}, False, "::warning title=Suture gate::HOLD"),
        (rows("x" + SAME[1:]), {"hold": "pass"}, True, "::error title=Suture gate::NO VERDICT"),
        (rows(SAME[1:]), {"hold": "pass"}, True, "::error title=Suture gate::the two"),
        ("not json", {"hold": "pass"}, True, "::error title=Suture gate::"),
        (rows(SAME), {"margin": "1pt"}, True, "HOLD"),
        (rows(SAME), {"options": "--threshold 0.5"}, False, "NO WORSE"),
        (rows(SAME), {"options": "--nonsense"}, True, "Unknown option"),
    ],
)
def test_what_passes_and_what_does_not(act, after, inputs, failed, says):
    run = act(after, **inputs)
    assert run.failed is failed, run.log
    assert says in run.log
    assert run.summary.startswith("**suture: "), "the report that explains it is always there"
    assert "report" in run.ran


def test_a_judge_that_dies_does_not_open_the_gate(act):
    """Whatever happens to the process: no exit code, no output, nothing."""
    (act.bin / "python").write_text("#!/bin/sh\nkill -9 $$\n")
    (act.bin / "python").chmod(0o755)
    run = act(rows(SAME), hold="pass")
    assert run.failed
    assert "NO VERDICT" in run.summary


@pytest.mark.slow
def test_a_baseline_that_cannot_be_fetched_does_not_either(act):
    (act.bin / "git").write_text("#!/bin/sh\nexit 128\n")  # of the action alone: the fixture clones with the real one
    (act.bin / "git").chmod(0o755)
    run = act(rows(SAME), hold="pass")
    assert run.failed
    assert "NO VERDICT (the gate did not run)" in run.summary


def test_the_baseline_is_the_base_branch_s_and_not_the_pull_request_s(act):
    """A pull request that lowers the bar in its own checkout is compared with the bar as it was."""
    run = act(rows("f" * 100))
    assert run.failed
    assert run.outputs["gate"]["lost"] == "60"


@pytest.mark.slow
@pytest.mark.parametrize(("if_missing", "failed"), [("fail", True), ("pass", False)])
def test_a_first_run_does_not_approve_itself(act, if_missing, failed):
    run = act(rows(SAME), before="results/other.jsonl", if_missing=if_missing)
    assert run.failed is failed
    assert "has no results/other.jsonl to compare with" in run.summary
    assert "gate" not in run.ran


@pytest.mark.slow
def test_a_file_of_this_machine_can_be_compared_with(act, tmp_path):
    (tmp_path / "before.jsonl").write_text(rows("f" * 100))
    run = act(rows(SAME), before_file=str(tmp_path / "before.jsonl"))
    assert not run.failed
    assert run.outputs["gate"]["gained"] == "60"


@pytest.mark.slow
def test_results_with_words_of_github_s_are_no_commands(act):
    evil = [{"id": "::set-output name=x::y", "passed": False}, {"id": "$(touch hacked)`touch hacked`", "passed": False}]
    run = act(None, before_file=os.devnull)
    assert run.failed
    shutil.rmtree(act.temp.parent / "work")
    text = "".join(json.dumps({**row, "passed": True}) + "\n" for row in evil)
    (act.temp / "b.jsonl").write_text(text)
    run = act("".join(json.dumps(row) + "\n" for row in evil), before_file=str(act.temp / "b.jsonl"), policy="no-lost")
    stopped = run.log.index("::stop-commands::")
    assert stopped < run.log.index("::set-output name=x::y") < run.log.rindex("::")
    assert not list(act.temp.parent.rglob("hacked"))


@pytest.mark.slow
def test_a_long_summary_is_cut_before_the_answers(act):
    run = act(rows("f" * 9 + SAME[9:], answer="word " * 40_000), policy="no-lost")
    assert len(run.summary) < 1_000_000
    assert "The answers are in the attached report." in run.summary
    assert "<details>" not in run.summary


SAME_REPOSITORY = {"event.pull_request.head.repo.full_name": "o/r", "event.pull_request.number": "7"}
FORK = {"event.pull_request.head.repo.full_name": "stranger/r", "event.pull_request.number": "7"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("github", "comment", "asked"),
    [(SAME_REPOSITORY, "true", True), (SAME_REPOSITORY, "false", False), (FORK, "true", False)],
)
def test_a_comment_is_made_only_where_it_is_permitted(act, github, comment, asked):
    run = act(rows(SAME), github, comment=comment)
    assert not run.failed
    assert ("comment" in run.ran) is asked
    assert (act.temp / "gh.log").exists() is asked
    if asked:
        assert "--method POST repos/o/r/issues/7/comments" in (act.temp / "gh.log").read_text()
        assert (act.temp / "suture-gate" / "comment.md").read_text().startswith("<!-- suture gate -->\n**suture: NO W")


@pytest.mark.slow
def test_a_comment_that_may_not_be_written_fails_nothing(act):
    (act.bin / "gh").write_text("#!/bin/sh\necho 'HTTP 403' >&2; exit 1\n")
    run = act(rows(SAME), SAME_REPOSITORY, comment="true")
    assert not run.failed
    assert "::warning title=Suture gate::no comment" in run.log


@pytest.mark.slow
def test_a_second_comment_replaces_the_first(act):
    (act.bin / "gh").write_text('#!/bin/sh\necho "$@" >> "$RUNNER_TEMP/gh.log"\ncase "$*" in *jq*) echo 41;; esac\n')
    act(rows(SAME), SAME_REPOSITORY, comment="true")
    assert "--method PATCH repos/o/r/issues/comments/41" in (act.temp / "gh.log").read_text()


def test_no_input_reaches_a_script_but_through_its_environment():
    from ruamel.yaml import YAML

    steps = YAML(typ="safe").load(ACTION.read_text())["runs"]["steps"]
    assert all("${{" not in step.get("run", "") for step in steps)
    assert all("@" in step["uses"] and len(step["uses"].split("@")[1]) == 40 for step in steps if "uses" in step)


@pytest.mark.skipif(shutil.which("zizmor", path=str(ROOT / ".venv/bin")) is None, reason="zizmor is not installed")
def test_zizmor_finds_nothing():
    found = subprocess.run(
        [ROOT / ".venv/bin/zizmor", "--offline", "--no-progress", ACTION, *ROOT.glob("docs/examples/*.yml")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout
