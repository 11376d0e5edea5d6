"""Values that cross between a program and its referee: exact, by base type only, and never more than data."""

import json
import math
from collections import Counter, OrderedDict, deque, namedtuple
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.judge.confined.decoding import CodecError, Decoder
from suture.judge.confined.encoding import Encoder


def refuse(value):
    raise TypeError(f"opaque {type(value).__name__}")


def across(value):
    """Encode, through JSON text, decode."""
    wire = json.loads(json.dumps(Encoder(refuse).encode(value)))
    return Decoder(refuse).decode(wire)


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return math.copysign(1, one) == math.copysign(1, other) and (one == other or (one != one and other != other))
    if isinstance(one, list | tuple | deque):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one.items(), other.items(), strict=True))
    return one == other


ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**50, max_value=2**80)
    | st.floats()
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.lists(inner).map(deque)
        | st.dictionaries(st.integers() | st.text() | st.tuples(st.integers()), inner)
        | st.sets(st.integers() | st.text())
        | st.frozensets(st.binary())
    ),
    max_leaves=20,
)


@given(VALUES)
def test_plain_values_come_back_exactly(value):
    assert same(across(value), value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
        | st.tuples(
            st.sampled_from(
                [
                    "t",
                    "d",
                    "s",
                    "q",
                    "r",
                    "f",
                    "i",
                    "u",
                    "b",
                    "a",
                    "c",
                    "g",
                    "vk",
                    "vv",
                    "vi",
                    "y",
                    "D",
                    "F",
                    "A",
                    "T",
                    "h",
                ]
            ),
            inner,
        ).map(lambda pair: {pair[0]: pair[1]})
    ),
)
EXPECTED = (ValueError, TypeError, RecursionError, MemoryError, KeyError, ArithmeticError, AttributeError, IndexError)


@given(JSON)
def test_whatever_is_received_decodes_to_plain_data_or_a_known_error(wire):
    try:
        value = Decoder(lambda handle: None).decode(wire)
    except EXPECTED:
        return
    assert type(value).__module__ in ("builtins", "collections", "decimal", "fractions", "datetime", "array")


@given(JSON, st.integers(-2, 3))
def test_an_update_of_whatever_kind_is_applied_or_refused(wire, number):
    decoder = Decoder(lambda handle: None, [[1], {1: 2}])
    try:
        decoder.refill(number, wire)
    except EXPECTED:
        return
    assert [type(item) for item in decoder.met[:2]] == [list, dict]


def test_subclasses_decay_to_their_base():
    class Liar(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    class Level(IntEnum):
        HIGH = 3

    point = namedtuple("point", "x y")
    for value, plain in (
        (Liar(7), 7),
        (Level.HIGH, 3),
        (point(1, 2), (1, 2)),
        (Counter("aab"), {"a": 2, "b": 1}),
        (OrderedDict(a=1), {"a": 1}),
    ):
        assert same(across(value), plain)


def test_standard_value_types():
    for value in (
        Decimal("1.10"),
        Fraction(-1, 3),
        date(2020, 2, 29),
        datetime(2020, 1, 2, 3, 4, 5, 6),
        datetime(2020, 1, 2, tzinfo=timezone(timedelta(hours=1))),
        timedelta(days=-1, microseconds=5),
        range(3, 9, 2),
        bytearray(b"ab"),
        int,
        len,
    ):
        assert across(value) == value
        assert type(across(value)) is type(value)


def test_views_of_a_dict():
    held = {1: 2, 3: 4}
    assert across(held.keys()) == {1, 3}
    assert list(across(held.values())) == [2, 4]
    assert across(held.items()) == {(1, 2), (3, 4)}


def test_sharing_and_cycles_are_kept():
    row = [0]
    grid = across([row, row])
    assert grid[0] is grid[1]
    ring = []
    ring.append(ring)
    back = across(ring)
    assert back[0] is back


def test_a_changed_argument_is_refilled_in_place():
    argument = {"k": [1, 2]}
    inner = argument["k"]
    decoder = Decoder(refuse, [argument, inner])
    decoder.refill(1, [3, {"r": 0}])
    decoder.refill(0, {"d": ["k", {"r": 1}, "new", 5]})
    assert inner == [3, argument]
    assert argument["k"] is inner
    assert argument["new"] == 5


def test_other_objects_need_a_handle():
    with pytest.raises(TypeError, match="opaque object"):
        across(object())


def test_a_number_from_a_program_is_checked():
    for wire in (
        {"r": 0},
        {"r": -1},
        {"r": True},
        {"x": 1},
        {},
        {"t": 5},
        {"i": 5},
        {"y": "eval"},
        {"T": ["tzinfo", "x"]},
    ):
        with pytest.raises((CodecError, KeyError)):
            Decoder(refuse).decode(wire)
