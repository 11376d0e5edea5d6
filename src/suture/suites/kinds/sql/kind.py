"""Kind ``sql``: the answer is one query, and its rows equal the reference's. It runs in the judge's sandbox alone."""

from pathlib import Path

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.sql import SqlCheck
from suture.core.measure.grounds import Grounds
from suture.core.measure.task import Message, Task, check_of
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.remembered import remembered
from suture.suites.kinds.fences import single_block
from suture.suites.kinds.kind import Shown, Submission, Trial, Words, truncated, without_answer
from suture.suites.kinds.on_data import on_data
from suture.suites.kinds.sql.reading import is_query, read_reference
from suture.suites.kinds.sql.tables_in_prompt import tables_in

_RUNNER, _RULE = (Path(__file__).parent / name for name in ("runner.py", "rows.py"))


class _Queries:
    def submission(self, task: Task, answer: str) -> Submission:
        return Submission(_in_sandbox(check_of(task, SqlCheck), trial=False), answer)

    def trials(self, task: Task) -> tuple[Trial, ...]:
        """The reference must be determined, and a reference of the task's own must give the same rows."""
        check = check_of(task, SqlCheck)
        once = Trial(Submission(_in_sandbox(check, trial=True), ""), True, "its reference cannot be used")
        if task.reference is None or task.reference.strip() == check.reference.strip():
            return (once,)
        shown = self.submission(task, single_block(task.reference, opened=False) or task.reference)
        return once, Trial(shown, True, "its reference does not give the rows of its check")


class SqlKind:
    words = Words("SQL", "queries", "not one query, or cut off", "sql")
    writing = None
    varying = None
    sandboxing = _Queries()

    def extract(self, task: Task, completion: Completion) -> str | Verdict:
        """The fenced block or the whole answer, as text."""
        text = single_block(completion.text, opened=bool(task.form.opening))
        if text is None or not text.strip():
            return without_answer(completion, "no single query in the answer")
        return text.strip()

    def decide(self, task: Task, answer: str) -> Verdict | None:
        """FAIL syntax for what begins as no query does; the rest is for the sandbox."""
        if is_query(answer):
            return None
        return Verdict(outcome=Outcome.FAIL, reason=Reason.SYNTAX, detail="it is no SELECT, WITH or VALUES")

    def settle(self, completion: Completion, verdict: Verdict) -> Verdict:
        """A query that cannot run, in an answer that ran out of tokens, is a truncation."""
        return truncated(completion, verdict, Reason.SYNTAX, Reason.EXCEPTION)

    def stated_answer(self, task: Task) -> str:
        """The check's query."""
        return check_of(task, SqlCheck).reference

    def target_of_reference(self, task: Task, template: ChatTemplate, *, restyle: bool) -> str | None:
        return (task.reference or self.stated_answer(task)).strip() + task.form.closing

    def target_of_answer(self, task: Task, template: ChatTemplate, text: str) -> str:
        block = single_block(text, opened=bool(task.form.opening))
        return (text if block is None else block).strip() + task.form.closing

    def rewriting(self, task: Task, *, restyle: bool) -> tuple[Message, ...] | None:
        """None: a small model's own version of a query is seldom the same query."""

    def shown(self, asked: Asked) -> Shown | None:
        """The tables that the last message describes, or else the system's: a query has to run on them. None where
        neither describes any."""
        tables = next((found for text in asked.texts if (found := tables_in(text))), "")
        return Shown(SqlCheck(setup=(tables,), reference="SELECT 1", any_rows=True), Grounds.SCHEMA) if tables else None

    def complaint(self, task: Task) -> str | None:
        """Why the reference cannot be used, as far as its text shows. Raises MissingTool without the extra ``sql``."""
        check = check_of(task, SqlCheck)
        try:
            read_reference(check.reference, free_ties=check.ties == "any")
        except ValueError as error:
            return str(error)
        return None


@remembered(1024)
def _in_sandbox(check: SqlCheck, *, trial: bool) -> Task:
    """The check as the judge runs it."""
    reading = read_reference(check.reference, free_ties=check.ties == "any")
    queries = {"reference": check.reference, "keyed": reading.keyed, "trial": trial}
    queries |= {"tied": reading.tied} if trial else {}
    expected = {
        "trial": trial,
        "ordered": reading.ordered,
        "keys": reading.keys,
        "extra": reading.extra,
        "columns": check.columns,
        "allow_empty": check.allow_empty,
        "any_rows": check.any_rows,
    }
    arguments = [{"setup": setup, **queries} for setup in check.setup]
    reference = None if trial else check.reference
    return on_data(_RUNNER, _RULE, arguments, expected, check.limits, id="sql", suite="sql", reference=reference)
