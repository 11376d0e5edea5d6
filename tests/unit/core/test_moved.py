"""Old module names lead to the modules that took their place."""

import importlib

import pytest

from suture.core.moved import NEW


@pytest.mark.parametrize("old", sorted(NEW))
def test_an_old_name_is_the_new_module_and_says_so(old):
    with pytest.warns(DeprecationWarning, match=f"{old} is now {NEW[old]}"):
        module = importlib.import_module(old)
    assert module is importlib.import_module(NEW[old])
