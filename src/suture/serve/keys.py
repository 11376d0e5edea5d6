"""Who may ask: keys of 256 random bits, of which only the SHA-256 is kept."""

import hmac
import secrets
from collections.abc import Collection, Mapping

from suture.core.digest import digest_of_text

PREFIX = "sk-suture-"


class KeyRing:
    """Attributes:
    hashes: SHA-256 of each key, by its name. With none, everybody may ask.
    unrecorded: names of the keys whose requests are not recorded.
    """

    def __init__(self, hashes: Mapping[str, str], unrecorded: Collection[str] = ()) -> None:
        self._hashes, self.unrecorded = dict(hashes), frozenset(unrecorded)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def name_of(self, key: str) -> str | None:
        """Whose key it is; takes as long for every key."""
        digest, found = digest_of_text(key), None
        for name, known in self._hashes.items():
            if hmac.compare_digest(digest, known):
                found = name
        return found


def new_key() -> tuple[str, str]:
    """(a key, which is shown once; its SHA-256, which is kept)."""
    key = PREFIX + secrets.token_urlsafe(32)
    return key, digest_of_text(key)


def bearer(header: str) -> str | None:
    """The key in an ``Authorization`` header, whose scheme may be in any case; None where there is none."""
    scheme, _, key = header.strip().partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else None
