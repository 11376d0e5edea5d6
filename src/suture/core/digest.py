"""SHA-256 of text, and of JSON values in one canonical form."""

import hashlib
import json
from typing import Any

from suture.core.surrogates import joined


def digest_of_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest_of_text(text: str) -> str:
    """Hash of the UTF-8 bytes; a lone surrogate (a broken decoder's output) is kept apart, not dropped."""
    try:
        return digest_of_bytes(text.encode())
    except UnicodeEncodeError:
        return digest_of_bytes(joined(text).encode("utf-8", "surrogatepass"))


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, non-ASCII as is; NaN and infinity are refused (``ValueError``)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(value: Any) -> str:
    return digest_of_text(canonical_json(value))
