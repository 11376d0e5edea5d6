"""Words that tell what a function does and should not, or may do in several ways: examples beside them are left out."""

import ast
import re
from collections.abc import Iterable
from itertools import groupby

_WRONG = (
    r"but|instead|currently|wrong|wrongly|incorrect|incorrectly|mistakenly|bug|buggy|fails?|broken|never|although|though|"
    r"at\s+the\s+moment|right\s+now|now|actual|actually|unexpected|unexpectedly|i\s+(?:get|got|see|expected|expect)"
)
_DOUBT = re.compile(rf"\b(?:{_WRONG})\b", re.IGNORECASE)
_DOUBT_OF_SESSION = re.compile(
    rf"\b(?:{_WRONG}|possible|possibly|might|may|random|e\.g|for\s+instance)\b", re.IGNORECASE
)
_BETTER = re.compile(r"\b(?:expect(?:ed|s)?|want(?:ed|s)?|right|correct|should\s+(?:be|have))\b", re.IGNORECASE)
_PRINTS = re.compile(r"\b(?:print|prints|printing|write\s+to\s+stdout)\b(?!\()", re.IGNORECASE)
_ANY_ORDER = re.compile(
    r"\b(?:any|arbitrary|no\s+particular|unspecified)\s+order\b|"
    r"\border\b[^.\n]{0,40}\b(?:not\s+matter|n['’]t\s+matter|not\s+important|may\s+(?:vary|differ))",
    re.IGNORECASE,
)


def is_doubtful(line: str) -> bool:
    """Whether a line may say what a function does and should not."""
    return _DOUBT.search(line) is not None


def says_better(behind: str) -> bool:
    """Whether what stands behind a result tells another one: `4 (expected 3)`."""
    return _BETTER.search(behind) is not None


def casts_doubt(heading: str) -> bool:
    """Whether the line above a session, or a comment in it, says that its output is not to be taken by the letter."""
    return _DOUBT_OF_SESSION.search(heading) is not None


def prints_only(text: str) -> bool:
    """Whether a text speaks of printing and never of returning: then what a session shows is no value."""
    return _PRINTS.search(text) is not None and "return" not in text.lower()


def agreeing(statements: Iterable[str], text: str) -> list[str]:
    """The statements less those of calls that are shown two results, and less lists where ``text`` leaves their order
    open."""
    compared = [(_compared(statement), statement) for statement in statements]
    several = {
        call
        for call, of_call in groupby(sorted((call, said) for call, said in compared if call), key=lambda one: one[0])
        if len(list(of_call)) > 1
    }
    loose = _ANY_ORDER.search(text) is not None
    return [said for call, said in compared if call not in several and not (loose and _has_list(said))]


def _compared(statement: str) -> str:
    """The call of a statement that it has one value; empty for others."""
    body = ast.parse(statement).body
    before = "".join(map(ast.unparse, body[:-1]))
    match body[-1]:
        case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq() | ast.In()])):
            return before + ast.unparse(left)
        case ast.Assert(test=ast.Call(func=ast.Name(id="_close" | "_printed"), args=[left, *_])):
            return before + ast.unparse(left)
        case _:
            return ""


def _has_list(statement: str) -> bool:
    """Whether the wanted value has a list in it."""
    match ast.parse(statement).body[-1]:
        case ast.Assert(test=ast.Compare(comparators=[wanted])) | ast.Assert(test=ast.Call(args=[_, *_, wanted])):
            return any(isinstance(node, ast.List | ast.Tuple) for node in ast.walk(wanted))
        case _:
            return False
