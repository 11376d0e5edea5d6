"""Scale search gives what a full evaluation gives, where its assumption holds, and asks less."""

from math import ceil, log2

from hypothesis import given
from hypothesis import strategies as st

from suture.core.model.scale_questions import next_questions, settled_by


def search(scales, model):
    """All answers of ``model`` (task to outcome by scale), and which were asked."""
    asked: dict[int, dict[str, object]] = {}
    while wanted := next_questions(scales, list(model), asked):
        for at, tasks in wanted.items():
            for task in tasks:
                assert task not in asked.get(at, {}), "asked twice"
                asked.setdefault(at, {})[task] = model[task][at]
    table = {task: [asked[at][task] for at in settled_by(scales, task, asked)] for task in model}
    return table, asked


def steps(scales):
    """Outcomes that leave a value and do not come back to it: what a rising number of thresholds gives."""
    rising = st.lists(st.integers(0, 3), min_size=scales, max_size=scales).map(sorted)
    return st.dictionaries(st.text("abcdef", min_size=1, max_size=3), rising, max_size=8)


models = st.integers(1, 9).flatmap(lambda scales: st.tuples(st.just(scales), steps(scales)))


@given(models)
def test_on_monotone_tasks_it_finds_what_a_full_evaluation_finds(case):
    scales, model = case
    table, _ = search(scales, model)
    assert table == model


@given(models)
def test_it_never_asks_more_than_a_full_evaluation(case):
    scales, model = case
    _, asked = search(scales, model)
    assert sum(map(len, asked.values())) <= scales * len(model)


@given(st.integers(2, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_one_change_costs_two_ends_and_a_bisection(case):
    scales, change = case
    _, asked = search(scales, {"task": [at >= change for at in range(scales)]})
    assert sum(map(len, asked.values())) <= 2 + ceil(log2(scales))


@given(st.integers(1, 9).flatmap(lambda n: st.lists(st.booleans(), min_size=n, max_size=n)))
def test_outcomes_that_are_all_different_are_all_asked(outcomes):
    model = {"task": [(at, outcome) for at, outcome in enumerate(outcomes)]}
    table, asked = search(len(outcomes), model)
    assert table == model
    assert sum(map(len, asked.values())) == len(outcomes)


def test_what_it_assumes_a_task_that_passes_only_in_the_middle_is_missed():
    table, _ = search(5, {"task": [False, False, True, False, False]})
    assert table == {"task": [False] * 5}
