"""``suture keys add|list|remove``."""

from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.options import Common
from suture.cli.output import emit, say
from suture.serve.keys import new_key
from suture.store.api_keys import keep_key, kept_keys, remove_key
from suture.store.home import Home

keys_app = App(name="keys", help="Make and remove the keys that `suture serve` asks for.")

NAME_HELP = "Whose key it is, in one word."


@keys_app.command
def add(name: Annotated[str, Parameter(help=NAME_HELP)], /, *, common: Common | None = None) -> int:
    """Make a key and print it, this once: only its hash is kept.

    Once there is a key, `suture serve` answers nobody without one.

    Example: suture keys add laptop
    """
    common = common or Common()
    key, sha256 = new_key()
    keep_key(Home(common.home), name, sha256)
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
    keys = kept_keys(Home(common.home))
    text = "\n".join(f"{name}  {sha256[:12]}" for name, sha256 in keys.items()) or "no keys: everybody here may ask"
    emit({"keys": keys}, text, as_json=common.json)
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
