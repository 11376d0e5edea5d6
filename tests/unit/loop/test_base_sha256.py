"""A recipe may name the bytes of its base, and then no others are repaired."""

import pytest
from fakes import FakeFoundry
from pydantic import ValidationError

from suture.core.digest import digest_of_bytes
from suture.core.errors import BadFile, UsageError

OTHER = "0" * 64


def repair():
    return FakeFoundry(knows={1, 2}, learns={5})


def test_the_base_with_these_bytes_is_repaired(shop):
    healed = shop.heal(repair(), base_sha256=digest_of_bytes(shop.base.read_bytes()))
    assert healed.report.repaired


def test_another_base_is_refused_before_any_work(shop):
    foundry = repair()
    with pytest.raises(BadFile, match=f"base_sha256 is {OTHER}") as refused:
        shop.heal(foundry, base_sha256=OTHER)
    assert digest_of_bytes(shop.base.read_bytes()) in str(refused.value)
    assert foundry.calls == []
    assert refused.value.mend


def test_a_base_whose_bytes_nobody_has_is_refused(shop):
    with pytest.raises(UsageError, match="on the hub"):
        shop.heal(repair(), base="somebody/some-model", base_sha256=OTHER)


@pytest.mark.parametrize("written", ["abc", "G" * 64, OTHER.upper() + "F", "A" * 64])
def test_what_is_no_sha256_is_refused(shop, written):
    with pytest.raises(ValidationError, match="base_sha256"):
        shop.heal(repair(), base_sha256=written)


def test_a_recipe_without_one_is_the_recipe_it_was(shop):
    assert "base_sha256" not in shop.healing(repair()).plan.recipe.to_json()
