"""Aliases are a fold over events: a rollback takes back what came after the event it goes to, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import UsageError
from suture.core.model.registry_events import (
    Action,
    gate_behind_rollback,
    models,
    overrides,
    pack_of,
    require_alias_name,
    rollback_target,
    standing,
)

NAMES = [("code", "champion"), ("json", "champion"), ("code", "canary")]
MOVES = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(["up", "up", "back", "to"]), st.sampled_from("abcd"), st.integers(1, 12)
    )
)


def back(event, events, model, alias, to=None):
    target = rollback_target(events, model, alias, to=to)
    events.append(event(Action.ROLLBACK, target.event.pack, model=model, alias=alias, to=target.number))


def history(event, moves):
    """Events of a registry that refuses a rollback with nothing to go back to."""
    events = []
    for (model, alias), move, pack, number in moves:
        if move == "up":
            first = pack_of(events, model, alias) is None
            action = Action.REGISTER if first else Action.PROMOTE
            events.append(event(action, pack, model=model, alias=alias))
            continue
        try:
            back(event, events, model, alias, to=number if move == "to" else None)
        except UsageError:
            continue
    return events


def pointers(events):
    return {name: pack_of(events, *name) for name in NAMES}


@given(moves=MOVES, promotions=st.lists(st.sampled_from("abcde"), min_size=1, max_size=4), name=st.sampled_from(NAMES))
def test_law_3_rollbacks_after_promotions_leave_every_alias_where_it_was(event, moves, promotions, name):
    events = history(event, [*moves, (name, "up", "a", 0)])
    before = pointers(events)
    model, alias = name
    for pack in promotions:
        events.append(event(Action.PROMOTE, pack, model=model, alias=alias))
        assert pack_of(events, model, alias) == pack
    for _ in promotions:
        back(event, events, model, alias)
        assert pack_of(events, model, alias) == events[-1].pack
    assert pointers(events) == before


@given(moves=MOVES, name=st.sampled_from(NAMES), data=st.data())
def test_a_rollback_to_an_event_restores_all_that_stood_after_it(event, moves, name, data):
    events = history(event, [(name, "up", "a", 0), *moves, (name, "up", "b", 0)])
    after = standing(events, *name)
    last = max(after)
    to = data.draw(st.sampled_from(sorted(after)))
    if after[to] == after[last]:
        with pytest.raises(UsageError, match="already"):
            rollback_target(events, *name, to=to)
        return
    others = {other: pack for other, pack in pointers(events).items() if other != name}
    back(event, events, *name, to=to)
    assert standing(events, *name)[len(events)] == after[to]
    assert pack_of(events, *name) == pack_of(events[:to], *name)
    assert {other: pack for other, pack in pointers(events).items() if other != name} == others


@given(MOVES)
def test_the_last_event_that_stands_says_where_the_alias_points(event, moves):
    events = history(event, moves)
    for name in {(e.model, e.alias) for e in events}:
        for number, stand in standing(events, *name).items():
            assert events[stand[-1] - 1].pack == events[number - 1].pack == pack_of(events[:number], *name)
            assert list(stand) == sorted(stand)


@given(MOVES, st.sampled_from(NAMES), st.sampled_from("abcd"))
def test_a_promotion_moves_one_alias_only(event, moves, name, pack):
    events = history(event, moves)
    promoted = [*events, event(Action.PROMOTE, pack, model=name[0], alias=name[1])]
    assert pointers(promoted) == {**pointers(events), name: pack}


def test_two_rollbacks_go_back_two_promotions(event):
    events = history(event, [(NAMES[0], "up", pack, 0) for pack in "abc"] + [(NAMES[0], "back", "", 0)])
    assert pack_of(events, "code") == "b"
    assert rollback_target(events, "code").event.pack == "a"


def test_rollbacks_of_before_they_named_an_event_went_back_by_one(event):
    events = [event(Action.REGISTER, "a"), event(Action.PROMOTE, "b"), event(Action.PROMOTE, "c")]
    events.append(event(Action.ROLLBACK, "b"))
    assert standing(events, "code") == {1: (1,), 2: (1, 2), 3: (1, 2, 3), 4: (1, 2)}


def test_what_cannot_be_rolled_back_to_says_why(event):
    events = [event(Action.REGISTER, "a"), event(Action.PROMOTE, "b"), event(Action.SET, "x", alias="canary")]
    for to, why in ((3, "did not move"), (9, "did not move"), (2, "already")):
        with pytest.raises(UsageError, match=why) as caught:
            rollback_target(events, "code", to=to)
        assert caught.value.mend == "suture registry history code"
    with pytest.raises(UsageError, match="no earlier pack"):
        rollback_target(events, "code", "canary")
    with pytest.raises(UsageError, match="no alias 'champion'"):
        rollback_target(events, "other")


def test_the_anchors_to_pass_again_are_those_of_the_first_promotion_undone(event):
    events = [event(Action.REGISTER, "a")]
    events += [event(Action.PROMOTE, pack, gate_report=f"gate of {pack}") for pack in "bcd"]
    back(event, events, "code", "champion", to=2)  # c and d are undone: c was gated against b
    assert gate_behind_rollback(events, 5) == "gate of c"
    back(event, events, "code", "champion", to=4)  # nothing is undone: what d kept, it must still pass
    assert gate_behind_rollback(events, 6) == "gate of d"
    back(event, events, "code", "champion")
    assert gate_behind_rollback(events, 7) == "gate of d"


def test_promotions_against_the_gate_are_found_in_old_events_too(event):
    events = [
        event(Action.PROMOTE, "a"),
        event(Action.PROMOTE, "b", override="for a test"),
        event(Action.PROMOTE, "c", why="OVERRIDE (reject): as it was written before"),
        event(Action.ROLLBACK, "b", why="OVERRIDE (reject): no promotion"),
        event(Action.PROMOTE, "d", model="other", override="another model's"),
    ]
    found = overrides(events, "code")
    assert [(o.number, o.event.against_the_gate) for o in found] == [(2, "for a test"), (3, "as it was written before")]


@pytest.mark.parametrize("name", ["", "A", "-x", "a b", "../champion", "a" * 65])
def test_names_an_alias_cannot_have(name):
    with pytest.raises(UsageError, match="cannot be an alias"):
        require_alias_name(name)


def test_models_are_listed_in_order_of_appearance(event):
    events = [event(Action.REGISTER, "a", model=model) for model in ("z", "a", "z")]
    assert models(events) == (("z", "champion"), ("a", "champion"))
