"""Pages for tests: rows written as words, and answers that would like to be more than text."""

from collections.abc import Sequence
from hashlib import sha256

from sheets import VERDICTS, both_sides

from suture.core.gate.decision import gate
from suture.core.gate.rules import GateRules
from suture.core.measure.splits import Split
from suture.studio.pairing import lone, pair
from suture.studio.rows import AnswerRow, rows_of_sheet
from suture.studio.shown import About, Measured, Question, Shown

HOSTILE = {
    "script": "<script>window.hacked=1</script>",
    "closing": "</script><script>window.hacked=1</script>",
    "template": "</template></noscript></pre><img src=x onerror=window.hacked=1>",
    "svg": "<svg/onload=window.hacked=1><animate onbegin=window.hacked=1 attributeName=x dur=1s>",
    "attribute": "\" onmouseover=\"window.hacked=1\" x=\"' onfocus='window.hacked=1' autofocus '",
    "link": "[a](javascript:window.hacked=1) <a href=javascript:window.hacked=1>a</a>",
    "comment": "<!-- --><!--><script>window.hacked=1//--></script>",
    "jinja": "{{ 7*7 }}{% raw %}{{ self.__init__ }}",
    "bidi": "safe\u202egnp.exe\u2066\u2069 \u200b\u00ad\ufeff \U000e0041",
    "control": "\x00\x01\x1b[31mred\x07\x7f\x85\u2028\u2029",
    "half": "half \ud835 a character",
    "style": "<style>*{display:none}</style><base href=//evil.example><meta http-equiv=refresh content=0;url=//e>",
    "iframe": "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe><object data=data:text/html,x>",
    "math": "<math><mtext></form><form><mglyph><style></math><img src onerror=window.hacked=1>",
    "zalgo": "Z" + "\u0300\u0301\u0302\u0303" * 200,
    "long line": "x" * 300_000,
    "many lines": "\n" * 200_000,
}


def row(
    task_id: str, letter: str = "p", answer: str = "an answer", *, digest: str | None = None, **fields
) -> AnswerRow:
    """``letter``: a verdict, as in ``sheets``."""
    return AnswerRow(
        task_id, digest or f"digest of {task_id}", VERDICTS[letter], **{"suite": "s", "answer": answer, **fields}
    )


def bench_shown(rows: Sequence[AnswerRow], **fields) -> Shown:
    return Shown(
        **{"about": About.BENCH, "name": "a bench", "pairs": lone(rows), "after": Measured("a.json"), **fields}
    )


def compared(before: Sequence[AnswerRow], after: Sequence[AnswerRow], **fields) -> Shown:
    sides = {"before": Measured("old.json"), "after": Measured("new.json")}
    return Shown(**{"about": About.COMPARE, "name": "old against new", "pairs": pair(before, after), **sides, **fields})


def gated(tasks: Sequence[str], rules: GateRules | None = None, **fields) -> Shown:
    """``tasks`` as in ``sheets.both_sides``."""
    before, after = both_sides(tasks)
    report = gate(before, after, rules or GateRules(baseline_runs=1, repeats=1, max_repeats=1))
    pairs = pair(rows_of_sheet(before[0]), rows_of_sheet(after[0]), report)
    sides = {"before": Measured("old.json"), "after": Measured("new.json")}
    return Shown(**{"about": About.GATE, "name": "a gate", "pairs": pairs, "gate": report, **sides, **fields})


def many(count: int, *, size: int = 800, similar: bool = True) -> Shown:
    """So many tasks in some ten suites' worth of outcomes, with answers of ``size`` characters."""
    letters = ["pp", "ff", "ff", "ff", "fp", "pp", "ff", "pf" if count < 400 else "ff", "ff", "fp"]
    texts = [sha256(str(n).encode()).hexdigest() for n in range(20_000)]
    words = [f"    name_{text[:4]} = {text[4:11]}({text[11]})\n" for text in texts]

    def answer(n: int, side: int) -> str:
        step = 17 if similar or not side else 23
        lines = [words[(n * step * 31 + k * (3 if similar or not side else 5)) % len(words)] for k in range(size // 28)]
        if side and similar:
            lines[n % max(1, len(lines)) :][:1] = [f"changed_{n} = {n}\n"]
        return "".join(lines)

    before, after = [], []
    questions = {}
    for n in range(count):
        task_id, verdicts = f"suite/{n:04}", letters[n % 10]
        fields = {
            "suite": f"suite {n % 3}",
            "split": list(Split)[n % 3],
            "kind": ("python", "json")[n % 2],
            "tags": (f"tag {n % 5}",),
        }
        before.append(row(task_id, verdicts[0], answer(n, 0), **fields))
        after.append(row(task_id, verdicts[1], answer(n, 1), **fields))
        asked = f"Write the function number {n}. " + " ".join(
            f"Rule {k}: word {n * k % 997}." for k in range(size // 60)
        )
        questions[task_id] = Question((("user", asked),), reference=answer(n, 0)[:200])
    return compared(before, after, questions=questions, name=f"{count} tasks")
