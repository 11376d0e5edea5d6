"""Words of kinds, where a file of results does not say the kind, or says one that came later."""

from sheets import both_sides

from suture.core.gate.decision import gate
from suture.report.changes import task_changes
from suture.report.kind_words import form_losses, job_of, language_of, sandboxed


def test_a_loss_of_no_known_kind_is_told_in_words_for_all():
    before, after = both_sides(["r ppp sss", "r ppp ppp"])
    report = gate(before, after)
    assert report.lost_format == ("T/0",)
    assert form_losses(report, task_changes(report, before[0], after[0])) == "no answer that can be read, or cut off"
    assert form_losses(report, {}) == "no answer that can be read, or cut off"


def test_unknown_kinds_have_no_words_of_their_own():
    assert (job_of(["other"]), job_of([]), job_of(["json", "sql"])) == ("Text generation",) * 3
    assert (sandboxed(["other", "text"]), language_of("other")) == ("", "")


def test_answers_that_are_run_are_named_in_a_row():
    assert sandboxed(["python"]) == "programs"
    assert sandboxed(["python", "json", "sql", "grader"]) == "programs, queries and answers to graders"
