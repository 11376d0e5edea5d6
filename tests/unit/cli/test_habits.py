"""What people expect of a program: its version, completion, where its store is, and how it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from suture import __version__
from suture.cli.main import GROUPS, VERBS
from suture.store.home import Home
from suture.store.store import open_store


def test_the_version_however_it_is_asked_for(suture):
    assert {suture(word).out.strip() for word in ("version", "--version", "-V")} == {__version__}
    run = subprocess.run([sys.executable, "-m", "suture", "version"], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == __version__


def test_every_verb_stands_in_the_overview_once(suture):
    grouped = [name for names in GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == set(VERBS)
    lines = [line.split()[0] for line in suture("--help").out.splitlines() if line.startswith("  ")]
    assert sorted(lines) == sorted(VERBS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_verbs_and_options(suture, shell):
    script = suture("completion", shell).out
    assert "heal" in script
    assert "policy" in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_no_option_has_a_negative_twin_that_says_nothing(suture):
    for verb in ("gate", "bench", "heal", "gc", "doctor", "check", "init"):
        said = suture(verb, "--help").out
        assert "--empty-" not in said
        assert "--no-json" not in said


READING = ["registry list", "registry looks", "report", "verify", "gc", "path m", "report --list"]


@pytest.mark.parametrize("verb", READING)
def test_reading_makes_no_store(suture, tmp_path, verb):
    suture(*verb.split())
    assert not (tmp_path / "home").exists()


def test_the_nearest_store_above_is_the_store(tmp_path, monkeypatch):
    monkeypatch.delenv("SUTURE_HOME", raising=False)
    with open_store(tmp_path / "project" / ".suture"):
        pass
    deep = tmp_path / "project" / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert Home().root == tmp_path / "project" / ".suture"
    monkeypatch.setenv("SUTURE_HOME", str(tmp_path / "other"))
    assert Home().root == tmp_path / "other"


def test_a_program_that_is_told_to_end_ends_as_on_ctrl_c(tmp_path):
    script = (
        "import sys, time; from suture.cli import main as cli;"
        "cli.parser_of = lambda verb: (lambda *a, **k: (print('begun', flush=True), time.sleep(60)));"
        "cli.main(['doctor'])"
    )
    env = {**os.environ, "SUTURE_HOME": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=-1, stderr=-1, text=True, env=env) as run:
        assert run.stdout is not None and run.stdout.readline() == "begun\n"
        run.send_signal(signal.SIGTERM)
        _, said = run.communicate(timeout=30)
    assert run.returncode == 130
    assert said.startswith("suture: interrupted; finished work is kept")


def test_damaged_files_are_put_back_from_equal_bytes(suture, tmp_path):
    (tmp_path / "p.gguf").write_bytes(b"a pack")
    assert suture("registry", "set", "code", "canary", "p.gguf").code == 0
    home = tmp_path / "home"
    with open_store(home) as store:
        (written,) = store.ledger.files()
        sha256 = store.ledger.files()[written]
        copy = home / "runs" / "r" / "pack.gguf"
        copy.parent.mkdir(parents=True)
        copy.write_bytes(b"a pack")
        store.ledger.keep_files({store.home.relative(copy): sha256})
        damaged = store.home.absolute(written)
    damaged.unlink()
    assert suture("verify").code == 3
    said = suture("verify", "--repair", "--json")
    assert said.code == 0, said.out
    assert [found["file"] for found in said.json["put_back"]] == [written]
    assert damaged.read_bytes() == b"a pack"
    copy.write_bytes(b"other")
    damaged.write_bytes(b"other")
    assert suture("verify", "--repair").code == 3, "what has no equal is not invented"


def test_a_file_that_may_not_be_read_or_written_has_an_exit_code_of_its_own(suture, tmp_path, monkeypatch):
    (tmp_path / "r.yaml").write_text("name: x\n")

    def denied(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", denied)
    said = suture("heal", "r.yaml", "--json")
    assert said.code == 6
    assert said.json["error"]["exit_code"] == 6


def test_the_first_line_of_progress_comes_after_two_seconds(monkeypatch, capsys):
    from suture.cli import progress

    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    shown = progress.open_progress()
    shown.start("bench", 40)
    said = []
    for _ in range(30):
        now[0] += 1
        shown.advance()
        said.append(len(capsys.readouterr().err.splitlines()))
    assert [second for second, lines in enumerate(said, start=1) if lines] == [2, 12, 22]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("bench", "m.gguf", "--suite", "s.jsonl"), "suture.cli.verbs.bench.run_bench"),
        (("verify",), "suture.cli.verbs.verify.run_verify"),
        (("suite", "show", "s.jsonl"), "suture.cli.verbs.suite_show.load_suites"),
    ],
    ids=["bench", "verify", "a verb of a verb"],
)
def test_a_verb_that_is_stopped_says_so(suture, monkeypatch, words, place):
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(place, stopped)
    said = suture(*words)
    assert said.code == 130
    assert "suture: interrupted; finished work is kept: run the same command to go on" in said.err
    assert "Traceback" not in said.err
