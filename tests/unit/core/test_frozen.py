"""Values cannot be changed, take no unknown fields, and a copy is a new value."""

import pytest
from pydantic import ValidationError

from suture.core.measure.attempt import Sampling
from suture.core.measure.checks.python import CheckFunction, Limits, PythonCheck


def test_a_value_cannot_be_changed():
    limits = Limits()
    with pytest.raises(ValidationError, match="frozen"):
        limits.cpu_s = 1.0


def test_an_unknown_field_is_refused():
    with pytest.raises(ValidationError, match="cpu_seconds"):
        Limits(cpu_seconds=1.0)


def test_equal_content_has_equal_digests():
    assert Sampling(seed=1).digest == Sampling.model_validate({"seed": 1}).digest
    assert Sampling(seed=1).digest != Sampling(seed=2).digest


def test_a_value_survives_json():
    sampling = Sampling(stop=("a", "b"), temperature=0.5)
    assert Sampling.model_validate(sampling.to_json()) == sampling


def test_a_copy_forgets_the_digests_of_the_old_value(task):
    first = task()
    before = first.content_digest
    copy = first.model_copy(update={"check": PythonCheck(tests=CheckFunction(source="other"))})
    assert copy.content_digest != before
    assert first.content_digest == before


@pytest.mark.parametrize("temperature", [float("nan"), float("inf"), -0.1])
def test_a_temperature_is_a_finite_number(temperature):
    with pytest.raises(ValidationError, match="temperature"):
        Sampling(temperature=temperature)
