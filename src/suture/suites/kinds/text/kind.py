"""Kind ``text``: the answer is a text, a number, one of several choices, or fits a pattern. Nothing is run."""

from decimal import Decimal
from functools import lru_cache

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.text import TextCheck
from suture.core.measure.task import Message, Task, check_of
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.suites.kinds.kind import Words, truncated, without_answer
from suture.suites.kinds.text.choice import chosen
from suture.suites.kinds.text.complaint import complaint_of
from suture.suites.kinds.text.normal import has_words, normal
from suture.suites.kinds.text.number import first_number_after, last_number, only_number
from suture.suites.kinds.text.pattern import matcher
from suture.suites.kinds.thoughts import after_thoughts

_PASS = Verdict(outcome=Outcome.PASS)


class TextKind:
    words = Words("Short answers", "texts", "empty, or cut off")
    writing = None
    varying = None
    sandboxing = None

    def extract(self, task: Task, completion: Completion) -> str | Verdict:
        """The whole answer after its reasoning."""
        text = _answer(task, completion.text)
        if text is None or not text.strip():
            return without_answer(completion, "an empty answer")
        return text

    def decide(self, task: Task, answer: str) -> Verdict:
        """FAIL wrong for another answer."""
        said = difference(check_of(task, TextCheck), answer)
        return _PASS if said is None else Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail=said)

    def settle(self, completion: Completion, verdict: Verdict) -> Verdict:
        """A wrong answer that ran out of tokens is a truncation: the same loss, its real cause."""
        return truncated(completion, verdict, Reason.WRONG)

    def stated_answer(self, task: Task) -> str | None:
        """The wanted text, label, choice or number. None for a pattern or some wording, and for a number in a text:
        the number alone would teach to leave out the way to it."""
        check = check_of(task, TextCheck)
        if check.number is not None:
            return str(check.number) if check.where == "only" else None
        return check.exact or check.target or check.choice

    def target_of_reference(self, task: Task, template: ChatTemplate, *, restyle: bool) -> str | None:
        return None if task.reference is None else task.reference.strip() + task.form.closing

    def target_of_answer(self, task: Task, template: ChatTemplate, text: str) -> str:
        return (_answer(task, text) or text).strip() + task.form.closing

    def rewriting(self, task: Task, *, restyle: bool) -> tuple[Message, ...] | None:
        """None: a short answer has no version of the model's own."""

    def shown(self, asked: Asked) -> None:
        """None: a prompt in words says nothing that its answer could be held to."""

    def complaint(self, task: Task) -> str | None:
        """Why no answer could pass, or every one could. Raises MissingTool: a pattern, without the extra ``[text]``."""
        return complaint_of(check_of(task, TextCheck))


def difference(check: TextCheck, answer: str) -> str | None:
    """How the answer is not what is wanted, in one line; None where it is."""
    if check.regex is not None:
        return _of_pattern(check, check.regex, answer)
    if check.choice is not None:
        label = chosen(answer, check.options)
        return None if label == check.choice else "it states no option" if label is None else f"it chooses {label}"
    if check.number is not None:
        return _of_number(check, check.number, answer)
    text = normal(answer, check.ignore)
    if check.contains is not None:
        return _of_words(check, check.contains, text)
    return None if text in _wanted(check) else "another text"


def _of_pattern(check: TextCheck, pattern: str, answer: str) -> str | None:
    fits = matcher(pattern, search=check.search, ignore_case="case" in check.ignore)
    return None if fits(normal(answer) if check.strip else answer) else "it does not fit the pattern"


def _of_number(check: TextCheck, wanted: Decimal, answer: str) -> str | None:
    """Marks are kept, whatever is ignored: they say where a number begins and ends, and make a percentage of it."""
    ignore = tuple(part for part in check.ignore if part != "punctuation")
    text = normal(answer, ignore)
    if check.where == "last":
        found = last_number(text, percent=check.percent)
    elif check.marker is not None:
        found = first_number_after(text, normal(check.marker, ignore), percent=check.percent)
    else:
        found = only_number(text, percent=check.percent)
    if found is None:
        return "no number where one is wanted"
    if found == wanted:
        return None
    allowed = max(check.abs_tol, check.rel_tol * abs(wanted))
    return None if allowed and abs(found - wanted) <= allowed else "another number"


def _of_words(check: TextCheck, wanted: tuple[str, ...], text: str) -> str | None:
    for words in wanted:
        if not has_words(text, normal(words, check.ignore)):
            return f"{words!r} is not in it"
    return next(
        (f"{words!r} is in it" for words in check.not_contains if has_words(text, normal(words, check.ignore))), None
    )


@lru_cache(maxsize=4096)
def _wanted_texts(texts: tuple[str, ...], ignore: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal(text, ignore) for text in texts)


def _wanted(check: TextCheck) -> frozenset[str]:
    if check.exact is not None:
        return _wanted_texts((check.exact,), check.ignore)
    texts = (check.target,) if check.target is not None else check.one_of or ()
    return _wanted_texts(texts, check.ignore)


def _answer(task: Task, text: str) -> str | None:
    """What follows the reasoning. An answer whose form opens a fence ends where the fence is closed."""
    answer = after_thoughts(text)
    if answer is None or not task.form.opening or answer is not text or not task.form.closing.strip():
        return answer
    return answer.partition(task.form.closing)[0]
