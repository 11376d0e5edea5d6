"""Aliases are a fold over events: a rollback takes back exactly one promotion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import UsageError
from suture.core.registry import Action, models, pack_of, rollback_target

NAMES = [("code", "champion"), ("json", "champion"), ("code", "canary")]
MOVES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["up", "up", "back"]), st.sampled_from("abcd")))


def history(event, moves):
    """Events of a registry that refuses a rollback with nothing to go back to."""
    events = []
    for (model, alias), move, pack in moves:
        if move == "up":
            first = pack_of(events, model, alias) is None
            action = Action.REGISTER if first else Action.PROMOTE
            events.append(event(action, pack, model=model, alias=alias))
            continue
        try:
            target = rollback_target(events, model, alias)
        except UsageError:
            continue
        events.append(event(Action.ROLLBACK, target, model=model, alias=alias))
    return events


def pointers(events):
    return {name: pack_of(events, *name) for name in NAMES}


@given(moves=MOVES, promotions=st.lists(st.sampled_from("abcde"), min_size=1, max_size=4), name=st.sampled_from(NAMES))
def test_law_3_rollbacks_after_promotions_leave_every_alias_where_it_was(event, moves, promotions, name):
    events = history(event, [*moves, (name, "up", "a")])
    before = pointers(events)
    model, alias = name
    for pack in promotions:
        events.append(event(Action.PROMOTE, pack, model=model, alias=alias))
        assert pack_of(events, model, alias) == pack
    for _ in promotions:
        target = rollback_target(events, model, alias)
        events.append(event(Action.ROLLBACK, target, model=model, alias=alias))
        assert pack_of(events, model, alias) == target
    assert pointers(events) == before


@given(MOVES)
def test_every_event_says_where_its_alias_points_after_it(event, moves):
    events = history(event, moves)
    for end, last in enumerate(events, start=1):
        assert pack_of(events[:end], last.model, last.alias) == last.pack


@given(MOVES, st.sampled_from(NAMES), st.sampled_from("abcd"))
def test_a_promotion_moves_one_alias_only(event, moves, name, pack):
    events = history(event, moves)
    promoted = [*events, event(Action.PROMOTE, pack, model=name[0], alias=name[1])]
    assert pointers(promoted) == {**pointers(events), name: pack}


def test_two_rollbacks_go_back_two_promotions(event):
    events = history(event, [(NAMES[0], "up", pack) for pack in "abc"] + [(NAMES[0], "back", "")])
    assert pack_of(events, "code") == "b"
    assert rollback_target(events, "code") == "a"


def test_an_unknown_alias_cannot_be_rolled_back(event):
    assert pack_of([], "code") is None
    with pytest.raises(UsageError, match="no alias 'canary'") as caught:
        rollback_target([event(Action.REGISTER, "a")], "code", "canary")
    assert caught.value.mend == "suture registry list"


def test_the_first_pack_cannot_be_rolled_back(event):
    with pytest.raises(UsageError, match="no earlier pack"):
        rollback_target([event(Action.REGISTER, "a")], "code")


def test_models_are_listed_in_order_of_appearance(event):
    events = [event(Action.REGISTER, "a", model=model) for model in ("z", "a", "z")]
    assert models(events) == (("z", "champion"), ("a", "champion"))
