"""The files that pages load: own ones, and those of others as ``vendor.toml`` pins them."""

import base64
import hashlib
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

ROOT = files("suture.studio") / "assets"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@cache
def vendored() -> tuple[dict[str, Any], ...]:
    """The pinned packages: name, version, npm's integrity, licence, and each file with its own hash."""
    return tuple(tomllib.loads((ROOT / "vendor.toml").read_text("utf-8"))["package"])


@cache
def served() -> dict[str, tuple[bytes, str]]:
    """Bytes and type by the name under which a page asks for them. The hash in the name lets browsers keep them."""
    found: dict[str, tuple[bytes, str]] = {}
    for name, path in _paths().items():
        data = (ROOT / path).read_bytes()
        found[f"{hashlib.sha256(data).hexdigest()[:12]}-{name}"] = data, TYPES[name[name.rindex(".") :]]
    return found


@cache
def address(name: str) -> str:
    """Where a page finds an asset."""
    return next(f"/assets/{key}" for key in served() if key.partition("-")[2] == name)


@cache
def integrity(name: str) -> str:
    """For the attribute of the tag that loads it."""
    data = next(data for key, (data, _) in served().items() if key.partition("-")[2] == name)
    return "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()


def _paths() -> dict[str, str]:
    own = {name: name for name in ("studio.css", "studio.js", "inbox.js")}
    others = {
        file["path"].rpartition("/")[2]: f"vendor/{package['name']}-{package['version']}/{file['path']}"
        for package in vendored()
        for file in package["file"]
    }
    return own | others
