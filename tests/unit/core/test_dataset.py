"""Rows are counted once, compared by task digest, and drawn by a nested seeded share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.teach.dataset import (
    RowKind,
    contamination,
    dedupe,
    overlap,
    within_reach,
)
from suture.core.teach.seeded import seeded_order, seeded_share


def share_of(rows, share, *, seed):
    return seeded_share(rows, share, lambda row: row.task_digest, seed=seed)


DIGESTS = st.lists(st.sampled_from("abcdefgh"))


def test_the_first_of_equal_rows_is_kept(row):
    rows = [row("a"), row("b"), row("a").model_copy(update={"answer": "another"})]
    assert dedupe(rows) == ((rows[0], rows[1]), 1)


@pytest.mark.parametrize("other", [{"kind": RowKind.ANCHOR}, {"target": "else"}, {"task_digest": "b"}])
def test_another_kind_target_or_task_is_another_row(row, other):
    assert dedupe([row("a"), row("a").model_copy(update=other)])[1] == 0


@given(DIGESTS)
def test_dedupe_drops_all_but_one_and_nothing_more(row, digests):
    kept, dropped = dedupe([row(digest) for digest in digests])
    assert [r.task_digest for r in kept] == list(dict.fromkeys(digests))
    assert len(kept) + dropped == len(digests)
    assert dedupe(kept) == (kept, 0)


@given(DIGESTS, DIGESTS)
def test_overlap_counts_add_up(row, here, earlier):
    found = overlap([row(d) for d in here], [row(d) for d in earlier], name="old")
    assert found.earlier == "old"
    assert found.shared + found.only_here == len(set(here))
    assert found.shared + found.only_earlier == len(set(earlier))
    assert found.shared + found.only_here + found.only_earlier == found.union == len({*here, *earlier})


def test_contamination_goes_by_digest_and_names_ids(row):
    assert contamination([row("b"), row("a"), row("c"), row("b")], ["b", "a", "z"]) == ("T/a", "T/b")
    assert contamination([row("a")], ["T/a"]) == ()


def test_a_row_without_a_target_cannot_be_trained_on(row):
    assert row("a").trainable
    assert not row("a", target="").trainable


@given(n=st.integers(0, 40), small=st.floats(0.01, 1), large=st.floats(0.01, 1), seed=st.integers())
def test_a_larger_share_holds_every_smaller_one(row, n, small, large, seed):
    rows = [row(str(i)) for i in range(n)]
    small, large = sorted((small, large))
    few, many = share_of(rows, small, seed=seed), share_of(rows, large, seed=seed)
    assert set(few) <= set(many)
    assert len(few) == min(n, max(1, round(small * n)))
    assert list(many) == [r for r in rows if r in set(many)]


def test_the_whole_share_is_everything(row):
    rows = tuple(row(str(i)) for i in range(7))
    assert share_of(rows, 1.0, seed=5) == rows


def test_another_seed_draws_other_rows(row):
    rows = [row(str(i)) for i in range(40)]
    assert share_of(rows, 0.5, seed=0) != share_of(rows, 0.5, seed=1)


@given(st.lists(st.text(), unique=True), st.integers())
def test_the_seeded_order_of_some_is_that_of_all(digests, seed):
    ordered = [digests[i] for i in seeded_order(digests, seed=seed)]
    some = digests[::2]
    assert [some[i] for i in seeded_order(some, seed=seed)] == [digest for digest in ordered if digest in set(some)]


@given(logliks=st.lists(st.floats(-100, 0)), share=st.floats(0.01, 1), untaught=st.integers(0, 3))
def test_what_is_out_of_reach_is_less_likely_than_what_is_taught(row, logliks, share, untaught):
    rows = [row(str(i)).model_copy(update={"loglik": loglik}) for i, loglik in enumerate(logliks)]
    rows += [row(f"without {i}", target="") for i in range(untaught)]
    found = within_reach(rows, share)
    assert [r.task_id for r in found] == [r.task_id for r in rows]
    taught, left = ([r.loglik for r in found if getattr(r, kind)] for kind in ("trainable", "out_of_reach"))
    assert len(taught) + len(left) == len(logliks)
    assert len(taught) == (max(1, round(share * len(logliks))) if logliks else 0)
    assert not taught or not left or min(taught) >= max(left)
