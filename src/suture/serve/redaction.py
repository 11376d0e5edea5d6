"""Takes out of what is recorded whatever fits a pattern, before it is written anywhere."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from suture.core.errors import MissingTool, UsageError
from suture.core.json_types import is_list, is_object
from suture.core.surrogates import readable
from suture.machine.installing import install_extra

REDACTED = "[redacted]"


class Redactor:
    """Patterns are RE2's, which takes linear time whatever clients send.

    Attributes:
        count: places that were redacted so far.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        """Every pattern is compiled at once, so that a broken one is found before anything is served.

        Raises:
            MissingTool: there are patterns, and the package google-re2 is not installed.
            UsageError: no pattern that RE2 knows.
        """
        self._replacing = [_replacing(pattern) for pattern in patterns]
        self.count = 0

    def text(self, text: str) -> str:
        for replace in self._replacing:
            text, found = replace(text)
            self.count += found
        return text

    def value(self, value: Any) -> Any:
        """Every text in a JSON value; names of fields stay."""
        if not self._replacing:
            return value
        if isinstance(value, str):
            return self.text(value)
        if is_list(value):
            return [self.value(one) for one in value]
        if is_object(value):
            return {name: self.value(one) for name, one in value.items()}
        return value


def _replacing(pattern: str) -> Callable[[str], tuple[str, int]]:
    try:
        re2 = import_module("re2")
    except ImportError:
        raise MissingTool("redaction needs the package google-re2", mend=install_extra("text")) from None
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        said = error.args[0] if error.args else ""
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise UsageError(f"{pattern!r} is no pattern: {why}", mend="write it as RE2 does") from None
    if compiled.search("") is not None:
        raise UsageError(f"{pattern!r} fits an empty text", mend="write a pattern that fits only what is to go")

    def replace(text: str) -> tuple[str, int]:
        return compiled.subn(REDACTED, readable(text))

    return replace
