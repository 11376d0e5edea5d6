"""One canonical form, so that equal values have equal names on every machine."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.digest import canonical_json, digest_of, digest_of_text

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
)


def test_canonical_form_is_sorted_tight_and_unescaped():
    assert canonical_json({"b": [1, 2.5], "a": "é"}) == '{"a":"é","b":[1,2.5]}'


def test_digest_is_sha256_of_the_canonical_form():
    assert digest_of({"b": 1, "a": None}) == hashlib.sha256(b'{"a":null,"b":1}').hexdigest()


@given(st.dictionaries(st.text(max_size=5), SCALARS))
def test_order_of_keys_is_no_part_of_a_value(value):
    assert digest_of(dict(reversed(value.items()))) == digest_of(value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_cannot_say_is_refused(number):
    with pytest.raises(ValueError, match="JSON"):
        digest_of([number])


def test_broken_text_has_a_digest_of_its_own():
    assert len({digest_of_text("\ud800"), digest_of_text("\ud801"), digest_of_text("")}) == 3
