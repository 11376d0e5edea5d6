"""What the workflows and the pre-commit hooks run is there."""

import re
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text()


def load(path):
    return YAML(typ="safe").load(path.read_text())


def commands(path):
    return [step["run"] for job in load(path)["jobs"].values() for step in job.get("steps", ()) if "run" in step]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_target_and_script_is_there(path):
    text = "\n".join(commands(path))
    used = [target for line in re.findall(r"\bmake ((?:[a-z-]+ ?)+)", text) for target in line.split()]
    assert used or "scripts/" in text
    for target in used:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
    for script in re.findall(r"\bscripts/[a-z_]+\.(?:py|sh)", text):
        assert (ROOT / script).is_file(), script


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_jobs_may_only_read_unless_they_say_otherwise(path):
    assert load(path)["permissions"] == {"contents": "read"}


def test_every_supported_python_is_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    prefix = "Programming Language :: Python :: 3."
    named = ["3." + line.removeprefix(prefix) for line in project["classifiers"] if line.startswith(prefix)]
    assert load(ROOT / ".github/workflows/tests.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == named
    assert project["requires-python"] == f">={named[0]}"


def test_every_local_hook_uses_what_setup_installs():
    hooks = load(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    lock = (ROOT / "requirements.lock").read_text()
    packages = {"ruff": "ruff", "lint-imports": "import-linter"}
    system = [hook["entry"].split()[0] for hook in hooks if hook["language"] == "system"]
    assert len(system) == 4
    for program in {Path(entry).name for entry in system} - {"python"}:
        assert f"\n{packages[program]}==" in lock
