"""Kind ``json``: the answer is one JSON value, equal to another, valid by a schema, or both. Nothing is run."""

from decimal import Decimal
from functools import lru_cache
from typing import Any

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.grounds import Grounds
from suture.core.measure.task import Message, Task, check_of
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.suites.kinds.compiled_schemas import first_line, validator_of, why_unusable
from suture.suites.kinds.fences import single_block
from suture.suites.kinds.json_values import Equality, NotJson, read_value
from suture.suites.kinds.kind import Shown, Words, truncated, without_answer
from suture.suites.kinds.schema_in_prompt import schema_in


class JsonKind:
    words = Words("JSON", "JSON values", "not one JSON value, or cut off", "json")
    writing = None
    varying = None
    sandboxing = None

    def extract(self, task: Task, completion: Completion) -> str | Verdict:
        """The fenced block or the whole answer, as text."""
        text = single_block(completion.text, opened=bool(task.form.opening))
        if text is None or not text.strip():
            return without_answer(completion, "no single value in the answer")
        return text.strip()

    def decide(self, task: Task, answer: str) -> Verdict:
        """FAIL syntax for what is no JSON, FAIL wrong for another value."""
        check = check_of(task, JsonCheck)
        try:
            value = read_value(answer)
        except NotJson as error:
            return Verdict(outcome=Outcome.FAIL, reason=Reason.SYNTAX, detail=f"not one JSON value: {error}")
        if check.equals_text is not None:
            equality = Equality(check.subset, check.unordered, Decimal(str(check.abs_tol)), Decimal(str(check.rel_tol)))
            if (said := equality.difference(_wanted(check.equals_text), value)) is not None:
                return Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail=said)
        try:
            said = None if check.schema_text is None else validator_of(check.schema_text, check.assert_format)(value)
        except ValueError as error:
            said = f"it cannot be held against the schema: {first_line(error)}"
        if said is not None:
            return Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail=said)
        return Verdict(outcome=Outcome.PASS)

    def settle(self, completion: Completion, verdict: Verdict) -> Verdict:
        """Broken JSON in an answer that ran out of tokens is a truncation: the same loss, its real cause."""
        return truncated(completion, verdict, Reason.SYNTAX)

    def stated_answer(self, task: Task) -> str | None:
        """The wanted value; None where a schema alone decides."""
        return check_of(task, JsonCheck).equals_text

    def target_of_reference(self, task: Task, template: ChatTemplate, *, restyle: bool) -> str | None:
        return None if task.reference is None else task.reference.strip() + task.form.closing

    def target_of_answer(self, task: Task, template: ChatTemplate, text: str) -> str:
        block = single_block(text, opened=bool(task.form.opening))
        return (text if block is None else block).strip() + task.form.closing

    def rewriting(self, task: Task, *, restyle: bool) -> tuple[Message, ...] | None:
        """None: a value has no version of the model's own."""

    def shown(self, asked: Asked) -> Shown:
        """The JSON Schema that is asked for, or the one that a message wants; else only that the answer is JSON."""
        told = [asked.schema_text] if asked.schema_text else (schema_in(text, _is_usable) for text in asked.texts)
        schema = next((one for one in told if one and _is_usable(one)), None)
        if schema is None:
            return Shown(JsonCheck(schema_text="true"), Grounds.FORM)
        return Shown(JsonCheck(schema_text=schema), Grounds.SCHEMA)

    def complaint(self, task: Task) -> str | None:
        """Why the schema or the wanted value cannot be used. Raises MissingTool without the extra ``[json]``."""
        check = check_of(task, JsonCheck)
        try:
            wanted = None if check.equals_text is None else _wanted(check.equals_text)
            if check.schema_text is None:
                return None
            if (said := why_unusable(check.schema_text, check.assert_format)) is not None:
                return said
            said = validator_of(check.schema_text, check.assert_format)(wanted)
        except NotJson as error:
            return f"its check holds no JSON: {error}"
        others = check.subset or check.unordered or check.abs_tol or check.rel_tol
        if check.equals_text is None or said is None or others:  # another value than the wanted one may be allowed
            return None
        return f"the value it wants is not allowed by its own schema: {said}"


def _is_usable(schema: str) -> bool:
    return why_unusable(schema) is None


@lru_cache(maxsize=1024)
def _wanted(text: str) -> Any:
    return read_value(text)
