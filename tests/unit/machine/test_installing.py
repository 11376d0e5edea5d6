"""The command that a remedy names installs into the environment that runs, whatever Suture is called on an index."""

import shlex
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from suture.machine import installing
from suture.machine.installing import install_extra, packages_of, pip_install, together

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
STATED = [
    "numpy<3,>=2.2",
    "xllamacpp<2028,>=2026.10; extra == 'llamacpp'",
    'bwrap>=0.11; (sys_platform == "linux") and extra == "sandbox"',
    "httpx2<3,>=2.16; extra == 'openai'",
    "tenacity<10,>=9.2; extra == 'openai'",
]


@pytest.fixture
def stated(monkeypatch):
    monkeypatch.setattr(installing, "requires", lambda name: STATED)


def test_an_extra_is_what_its_packages_are(stated):
    assert packages_of("llamacpp") == ["xllamacpp<2028,>=2026.10"]
    assert packages_of("sandbox") == ["bwrap>=0.11"]
    words = shlex.split(install_extra("openai", "llamacpp", "openai"))
    assert words[-3:] == ["httpx2<3,>=2.16", "tenacity<10,>=9.2", "xllamacpp<2028,>=2026.10"]
    assert "suture" not in " ".join(words[1:])


def test_what_is_not_stated_is_said_without_a_command_that_would_fail(stated):
    assert install_extra("of-tomorrow") == "install Suture again, as it was installed, with its extra of-tomorrow"


def test_without_metadata_nothing_is_made_up(monkeypatch):
    def missing(name):
        raise installing.PackageNotFoundError(name)

    monkeypatch.setattr(installing, "requires", missing)
    assert packages_of("train") == []


@pytest.mark.parametrize("extra", sorted(set(PROJECT["optional-dependencies"]) - {"dev"}))
def test_every_extra_of_the_installed_suture_has_its_packages(extra):
    wanted = {Requirement(line).name for line in PROJECT["optional-dependencies"][extra]}
    assert {Requirement(line).name for line in packages_of(extra)} == {name.replace("_", "-") for name in wanted}


@pytest.mark.parametrize(
    ("on_path", "has_pip", "begins"),
    [
        (True, True, "pip install"),
        (False, True, f"{sys.executable} -m pip install"),
        (False, False, f"uv pip install --python {sys.executable}"),
    ],
    ids=["an active environment", "another one", "one of uv's"],
)
def test_it_installs_into_the_environment_that_runs(monkeypatch, on_path, has_pip, begins):
    here = str(Path(sys.executable).parent / "pip")
    monkeypatch.setattr(installing.shutil, "which", lambda name: here if on_path else "/usr/bin/pip")
    monkeypatch.setattr(installing, "find_spec", lambda name: object() if has_pip else None)
    assert pip_install("a package", "b>=1") == f"{begins} 'a package' 'b>=1'"


def test_several_install_commands_become_one_line():
    commands = [pip_install("--no-deps", "a"), pip_install("b<2,>=1", "c"), "apt-get install d", pip_install("c", "e")]
    assert together(commands) == f"{pip_install('b<2,>=1', 'c', 'e')} && {pip_install('--no-deps', 'a')}"


def test_one_command_needs_no_other_line():
    assert together([pip_install("a"), pip_install("a"), "apt-get install d"]) == ""
