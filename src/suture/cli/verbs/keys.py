"""``suture keys add|list|remove``."""

from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.options import Common
from suture.cli.output import emit, say
from suture.serve.keys import new_key
from suture.store.api_keys import keep_key, key_file, remove_key
from suture.store.home import Home

keys_app = App(name="keys", help="Make and remove the keys that `suture serve` asks for.")

NAME_HELP = "Whose key it is, in one word."


@keys_app.command
def add(
    name: Annotated[str, Parameter(help=NAME_HELP)],
    /,
    *,
    record: Annotated[bool, Parameter(help="Keep records of what is asked with it.")] = True,
    common: Common | None = None,
) -> int:
    """Make a key and print it, this once: only its hash is kept.

    Once there is a key, `suture serve` answers nobody without one.

    Example: suture keys add laptop
    """
    common = common or Common()
    key, sha256 = new_key()
    keep_key(Home(common.home), name, sha256, recorded=record)
    if not common.json:
        say(f"the key of {name}; it cannot be shown again:")
    emit({"name": name, "key": key}, key, as_json=common.json)
    return 0


@keys_app.command(name="list")
def list_keys(*, common: Common | None = None) -> int:
    """List the names of the keys, and how each one's hash begins.

    Example: suture keys list
    """
    common = common or Common()
    kept = key_file(Home(common.home))
    lines = [
        f"{name}  {sha256[:12]}{'  not recorded' if name in kept.unrecorded else ''}"
        for name, sha256 in kept.keys.items()
    ]
    told = {"keys": kept.keys, "unrecorded": list(kept.unrecorded)}
    emit(told, "\n".join(lines) or "no keys: everybody here may ask", as_json=common.json)
    return 0


@keys_app.command
def remove(name: Annotated[str, Parameter(help=NAME_HELP)], /, *, common: Common | None = None) -> int:
    """Remove a key; a server that runs already goes on taking it until it is started again.

    Example: suture keys remove laptop
    """
    common = common or Common()
    remove_key(Home(common.home), name)
    emit({"removed": name}, f"removed the key of {name}", as_json=common.json)
    return 0
