"""Old module names lead to the modules that took their place."""

import importlib
import subprocess
import sys

import pytest

from suture.core.moved import MOVED, NEW, RENAMED


def loads_torch(old):
    return NEW[old].startswith("suture.training")


@pytest.mark.parametrize(
    "old", [pytest.param(old, marks=[pytest.mark.longer] if loads_torch(old) else []) for old in sorted(NEW)]
)
def test_an_old_name_is_the_new_module_and_says_so(old):
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning, match=f"{old} is now {NEW[old]}"):
        module = importlib.import_module(old)
    assert module is importlib.import_module(NEW[old])


@pytest.mark.parametrize("package", MOVED)
def test_an_old_name_may_be_the_first_that_is_imported(package):
    old = next(name for name in NEW if name.startswith(f"suture.{package}."))
    script = f"import importlib.util; assert importlib.util.find_spec({old!r}) is not None"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("old", RENAMED)
def test_what_has_another_name_is_found_under_its_old_one(old):
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning):
        module = importlib.import_module(old)
    for before, now in RENAMED[old].items():
        assert getattr(module, before) is getattr(module, now)
