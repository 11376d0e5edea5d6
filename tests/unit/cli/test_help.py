import subprocess
import sys

import pytest

from suture.cli.main import VERBS


def test_overview_lists_every_verb(suture):
    said = suture("--help")
    assert said.code == 0
    assert all(verb in said.out for verb in VERBS)


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"registry", "suite"}))
def test_every_verb_has_an_example(suture, verb):
    said = suture(verb, "--help")
    assert said.code == 0
    assert f"Example: suture {verb}" in said.out


def test_suite_check_has_an_example(suture):
    assert "Example: suture suite check" in suture("suite", "check", "--help").out


@pytest.mark.parametrize("verb", ["list", "show", "history", "looks", "set"])
def test_registry_verbs_have_an_example(suture, verb):
    assert f"Example: suture registry {verb}" in suture("registry", verb, "--help").out


def test_import_has_an_example(suture):
    assert "Example: suture import adapter" in suture("import", "adapter", "--help").out


def test_the_torch_free_part_imports_no_torch():
    script = (
        "import sys; from suture.cli.verbs import bench, doctor, gate, harvest, heal, registry, report; "
        "sys.exit(bool({'torch', 'transformers', 'peft'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_help_loads_no_types():
    script = (
        "import sys; from suture.cli.main import run; run(['--help']); "
        "sys.exit(bool({'pydantic', 'numpy', 'jinja2', 'torch'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, stdout=subprocess.DEVNULL).returncode == 0
