"""Patterns by RE2: matched in linear time, without look-around and back-references."""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module

from suture.core.errors import MissingTool
from suture.machine.installing import install_extra

_MEANING = {
    "invalid perl operator": "look-around, atomic groups and named back-references are not supported",
    "invalid escape sequence": "back-references and this escape are not supported",
    "invalid repetition size": "a part may be repeated 1000 times at most, inner repetitions included",
    "invalid character class range": "no such class of characters",
    "pattern too large": "it is too large",
}
"""What RE2's words mean for who wrote the pattern."""


@lru_cache(maxsize=1024)
def matcher(pattern: str, *, search: bool, ignore_case: bool) -> Callable[[str], bool]:
    """Make a test of whether a text fits.

    Raises:
        MissingTool: the package google-re2 is not installed.
        ValueError: no pattern that RE2 knows.
    """
    try:
        re2 = import_module("re2")
    except ImportError:
        raise MissingTool("patterns need the package google-re2", mend=install_extra("text")) from None
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        compiled = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError(_line(error)) from None
    match = compiled.search if search else compiled.fullmatch

    def fits(text: str) -> bool:
        try:
            return match(text) is not None
        except UnicodeEncodeError:  # half a surrogate is no text
            return False

    return fits


def _line(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = " ".join((said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)).split())
    for found, meaning in _MEANING.items():
        if text.startswith(found):
            return f"{meaning}: {text.removeprefix(found).lstrip(': ')}"[:200]
    return text[:200]
