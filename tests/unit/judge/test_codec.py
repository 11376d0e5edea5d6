"""Values that cross between a program and its referee: exact, by base type only, and never more than data."""

import json
import math
import struct
from array import array
from collections import Counter, OrderedDict, deque, namedtuple
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from suture.judge.confined.decoding import Decoder
from suture.judge.confined.encoding import Encoder

pytestmark = pytest.mark.filterwarnings("ignore:The 'u' type code is deprecated")  # programs may use it until 3.16


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
        return bits(one) == bits(other)
    if isinstance(one, complex):
        return bits(one.real, one.imag) == bits(other.real, other.imag)
    if isinstance(one, list | tuple | deque):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one.items(), other.items(), strict=True))
    if isinstance(one, set | frozenset):
        return len(one) == len(other) and Counter(map(marked, one)) == Counter(map(marked, other))
    return one == other


def bits(*numbers):
    """All that Python shows of a float: sign and payload of a NaN too."""
    return struct.pack(f"{len(numbers)}d", *numbers)


def marked(value):
    """Something hashable that tells values apart as ``same`` does."""
    if isinstance(value, tuple | frozenset):
        return type(value), tuple(sorted(repr(marked(item)) for item in value))
    return type(value), bits(value) if isinstance(value, float) else repr(value)


def nan(sign_and_payload):
    """A NaN with these bits set besides those that every NaN has."""
    (value,) = struct.unpack("<d", struct.pack("<Q", sign_and_payload | 0x7FF8 << 48))
    return value


NEGATIVE_NAN = nan(1 << 63)


TEXT = st.text(st.characters(exclude_categories=()))
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**50, max_value=2**80)
    | st.floats()
    | st.integers(0, 2**64 - 1).map(nan)
    | st.builds(complex, st.floats(), st.floats())
    | st.builds(range, st.integers(), st.integers(), st.integers(min_value=1))
    | TEXT
    | st.binary()
)
KEYS = st.recursive(
    st.integers() | st.floats() | st.none() | st.binary() | TEXT,
    lambda inner: st.tuples(inner) | st.tuples(inner, inner) | st.frozensets(inner),
    max_leaves=4,
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.lists(inner).map(deque)
        | st.dictionaries(KEYS, inner)
        | st.sets(KEYS)
        | st.frozensets(KEYS)
    ),
    max_leaves=20,
)


@given(VALUES)
@example(NEGATIVE_NAN)
@example(nan(12345))
@example(complex(NEGATIVE_NAN, -0.0))
@example(complex(-0.0, nan(1 << 63 | 7)))
@example({(NEGATIVE_NAN, -0.0): {NEGATIVE_NAN}})
@example(frozenset([NEGATIVE_NAN, math.nan, math.inf, -0.0]))
@example([-(10**5000), 2**53 + 1, -(2**53) - 1])
@example({"\ud800\udc00": "\udfff", "\ud83d" + "\ude00": "\U0001f600\0"})
@example([range(-(10**30), 10**30, 7), b"\0\xff", ..., NotImplemented])
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
                    "n",
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
        datetime(2020, 1, 2, tzinfo=UTC, fold=1),
        datetime(1, 1, 1, tzinfo=timezone(-timedelta(hours=1, microseconds=1), "odd")),
        datetime(2020, 7, 2, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        time(1, 2, 3, 4, tzinfo=ZoneInfo("Europe/Berlin")),
        time(fold=1),
        timezone(timedelta(hours=-3), "there"),
        ZoneInfo("Europe/Berlin"),
        timedelta(days=-1, microseconds=5),
        Decimal("-NaN123"),
        Decimal("sNaN"),
        Decimal("-0E-7"),
        Decimal("1E+999999"),
        range(3, 9, 2),
        bytearray(b"ab"),
        array("d", [NEGATIVE_NAN, -0.0]),
        array("u", "\ud800\udc00"),
        array("i"),
        array("Q", [2**64 - 1]),
        int,
        len,
    ):
        assert type(across(value)) is type(value)
        assert repr(across(value)) == repr(value)
        assert getattr(across(value), "fold", None) == getattr(value, "fold", None)
    assert bits(*across(array("d", [NEGATIVE_NAN]))) == bits(NEGATIVE_NAN)


def test_a_zone_of_its_own_class_becomes_its_offset():
    class Zone(tzinfo):
        def utcoffset(self, _):
            return timedelta(hours=2)

        def tzname(self, _):
            return "mine"

    back = across(datetime(2020, 1, 2, tzinfo=Zone()))
    assert (back.utcoffset(), back.tzname()) == (timedelta(hours=2), "mine")


def test_a_nan_keeps_its_identity():
    mine = float("nan")
    held = Encoder(refuse)
    wire = json.loads(json.dumps(held.encode([mine, mine, float("nan"), math.nan])))
    there = Decoder(refuse)
    first, second, other, named = there.decode(wire)
    assert first is second is not other
    assert named is math.nan
    back = json.loads(json.dumps(Encoder(refuse, there.met).encode([first, other])))
    assert Decoder(refuse, held.met).decode(back)[0] is mine


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
        {"T": ["ZoneInfo", "../../../etc/passwd"]},
        {"T": ["ZoneInfo", "Europe"]},
        {"T": ["timedelta", 0.5, 0, 0]},
        {"n": "00"},
        {"n": 5},
        {"c": [1, 2]},
        {"c": [{}, 2.0]},
        {"A": ["u", 5]},
        {"A": ["i", "00"]},
    ):
        with pytest.raises((ValueError, KeyError)):
            Decoder(refuse).decode(wire)
