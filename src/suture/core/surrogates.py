"""Finds and replaces lone surrogates: halves of a character, which a Python text may hold and UTF-8 may not.

JSON allows ``"\\ud835"`` without its other half, so a model's answer or another tool's file may hold one. Suture keeps
it as it came, writes it as that escape, and judges, digests and reports it like any other text.
"""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def joined(text: str) -> str:
    """Put two halves that stand side by side together into their character; a lone half stays.

    JSON cannot tell the two apart: a text that was written and read again has its halves joined.
    """
    if not has_surrogates(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def encoded(text: str) -> bytes:
    """UTF-8, with a lone half as its escape ``\\ud835``: in JSON that is the half itself, elsewhere it can be seen."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return joined(text).encode("utf-8", "backslashreplace")


def readable(text: str) -> str:
    """Return what a tokenizer can read: a lone half becomes U+FFFD, the replacement character."""
    return _SURROGATE.sub("\ufffd", joined(text))


def has_surrogates(text: str) -> bool:
    return not text.isascii() and _SURROGATE.search(text) is not None
