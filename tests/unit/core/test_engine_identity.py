"""What an engine's identity says, and that what came later changes no older digest."""

import pytest

from suture.core.measure.attempt import EngineIdentity

OLD = EngineIdentity(name="openvino", version="2026.4.1.0", threads=2, batch=32)
PROCESSOR = "AuthenticAMD family 25: avx avx2"


def test_records_of_before_keep_their_form_and_their_digest():
    assert OLD.to_json() == {"name": "openvino", "version": "2026.4.1.0", "threads": 2, "batch": 32}
    assert OLD.digest == "9bb46677c29c58cc1fc591ebd26409aca315d22161268ba9e1fa8f3aab2804ff"


@pytest.mark.parametrize(
    "change", [{"processor": PROCESSOR}, {"device": "cpu"}, {"prefix_cache": True}, {"numbers": "f32"}]
)
def test_what_is_noted_now_is_another_instrument(change):
    assert OLD.model_copy(update=change).digest != OLD.digest


def test_a_processor_survives_being_stored():
    identity = OLD.model_copy(update={"processor": PROCESSOR})
    assert EngineIdentity.model_validate(identity.to_json()) == identity
    assert EngineIdentity.model_validate(OLD.to_json()) == OLD


def test_numbers_that_nobody_noted_are_said_in_one_line():
    now = OLD.model_copy(update={"numbers": "activations f32"})
    assert now.changes_since(OLD) == ("numbers not noted then, activations f32 now",)


def test_changes_are_said_in_words():
    now = OLD.model_copy(update={"threads": 1, "processor": PROCESSOR})
    assert now.changes_since(OLD) == ("threads 2 then, 1 now", f"processor not noted then, {PROCESSOR} now")
    assert now.changes_since(now) == ()
