"""``suture export DIR``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.open_store import open_store_to_read
from suture.cli.options import Common, require_new
from suture.cli.output import emit
from suture.core.errors import UnknownName, UsageError
from suture.core.model.registry_events import CHAMPION
from suture.report.card import metadata_of
from suture.report.upload_directory import export as write_export
from suture.store.ledger import Ledger
from suture.wiring.push import push as upload
from suture.wiring.push import require_pushable


def export(
    directory: Annotated[Path, Parameter(help="Where to write; must not exist.")],
    /,
    *,
    model: Annotated[str | None, Parameter(help="Whose pack; needed when there are several models.")] = None,
    alias: Annotated[str, Parameter(help="Which of its packs.")] = CHAMPION,
    base_model: Annotated[str | None, Parameter(help="The base's id on the hub (OWNER/NAME), for the card.")] = None,
    push: Annotated[str | None, Parameter(help="Upload it to this repository of the hub (OWNER/NAME), too.")] = None,
    private: Annotated[
        bool | None, Parameter(negative="--public", help="With --push: who may see a repository that is made.")
    ] = None,
    common: Common | None = None,
) -> int:
    """Write a directory ready to upload: the pack, a Hugging Face model card, gate report, manifest and adapter.

    The token of an upload is that of `hf auth login`, or $HF_TOKEN; $HF_ENDPOINT names another server.

    Exit code: 0 written, 2 no such model, a pack that was never gated, a directory that exists, or an upload that
    failed: the directory stays then.

    Example: suture export code-for-upload --model code --base-model HuggingFaceTB/SmolLM2-135M-Instruct

    Example: suture export code-for-upload --model code --push OWNER/code --private
    """
    common = common or Common()
    require_new(directory)
    if push is not None:
        require_pushable(push)
    elif private is not None:
        raise UsageError("--private and --public are about an upload", mend="--push OWNER/NAME")
    with open_store_to_read(common) as store:
        chosen = _only_model(store.ledger) if model is None else model
        card = write_export(store, chosen, directory, alias=alias, base_model=base_model)
    lines = [*card.overrides, f"{directory}: {alias} of {chosen}, {card.pack[:12]}"]
    lines.extend(f"  {name}" for name in ("README.md", *card.files))
    if card.base_model is None:
        lines.append("the card cannot name the base as the hub does: --base-model OWNER/NAME")
    result = {"directory": str(directory), "model": chosen, "pack": card.pack, "files": dict(card.files)}
    if push is None:
        lines.append(f"upload it with: hf upload OWNER/{chosen} {directory}")
    else:
        result["commit"] = upload(directory, push, private=private, message=f"{chosen}, {card.pack[:12]}")
        lines.append(f"uploaded to {push}: {result['commit']}")
    emit({**result, "metadata": metadata_of(card)}, "\n".join(lines), as_json=common.json)
    return 0


def _only_model(ledger: Ledger) -> str:
    known = sorted({event.model for event in ledger.events()})
    if len(known) != 1:
        if not known:
            raise UsageError("no models yet", mend="suture heal RECIPE")
        raise UnknownName("model", "(none named)", known, mend="name one: --model " + known[0])
    return known[0]
