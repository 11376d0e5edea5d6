"""``suture pack show FILE`` and ``suture pack diff A B``."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from suture.cli.options import Common
from suture.cli.output import emit, table
from suture.cli.progress import shown_progress
from suture.core.errors import BadFile
from suture.core.measure.tools_by import tools_by
from suture.core.model.pack_manifest import PackManifest
from suture.core.model.proof import Parity
from suture.files.gguf_header import read_header
from suture.files.small_files import read_model, sha256_of
from suture.packs.gguf.diff import PackDiff, diff_packs
from suture.packs.gguf.pack_info import PackInfo, describe
from suture.store.kept_packs import manifest_path

GgufFile = Annotated[Path, Parameter(help="Any GGUF file, Suture's or another tool's.")]


def show(file: GgufFile, /, *, common: Common | None = None) -> int:
    """Show what a GGUF file says of itself, and the proof in the manifest beside it.

    Example: suture pack show pack.gguf
    """
    common = common or Common()
    info, sha256 = describe(file), sha256_of(file)
    kinds = _kinds(file)
    manifest = None
    if manifest_path(file).exists():
        manifest = read_model(manifest_path(file), PackManifest, what="pack manifest")
        if manifest.sha256 != sha256:
            raise BadFile(
                f"{manifest_path(file)} is the manifest of another file ({manifest.sha256[:12]})",
                mend=f"name the file it belongs to, or move it away: mv {manifest_path(file)} DIR",
            )
    result = {
        "file": str(file),
        "sha256": sha256,
        **info.to_json(),
        "chat_template_digest": info.chat_template_digest,
        "tools": tools_by(info.template).value if info.chat_template else None,
        "tensors": kinds,
        "manifest": manifest.to_json() if manifest else None,
    }
    emit(result, _text(file, sha256, info, kinds, manifest), as_json=common.json)
    return 0


def diff(
    before: GgufFile,
    after: GgufFile,
    /,
    *,
    top: Annotated[int, Parameter(help="How many tensors to list; --json lists all.")] = 20,
    common: Common | None = None,
) -> int:
    """Show which tensors moved between two GGUF files, by how much, and which metadata differs.

    Example: suture pack diff base.gguf pack.gguf
    """
    common = common or Common()
    with shown_progress() as progress:
        found = diff_packs(before, after, progress=progress)
    emit({"before": str(before), "after": str(after), **found.to_json()}, _diff_text(found, top), as_json=common.json)
    return 0


def _kinds(file: Path) -> dict[str, dict[str, int]]:
    """Tensors and bytes by type, the most bytes first."""
    kinds: dict[str, dict[str, int]] = {}
    for place in read_header(file).tensors.values():
        kind = kinds.setdefault(place.type.name, {"tensors": 0, "bytes": 0})
        kind["tensors"] += 1
        kind["bytes"] += place.nbytes
    return dict(sorted(kinds.items(), key=lambda item: -item[1]["bytes"]))


def _text(
    file: Path, sha256: str, info: PackInfo, kinds: dict[str, dict[str, int]], manifest: PackManifest | None
) -> str:
    facts: list[tuple[str, Any]] = [
        ("sha256", sha256),
        ("model", f"{info.name or '-'}, {info.architecture}, {info.parameters / 1e6:.1f} M parameters"),
        ("bytes", f"{info.bytes / 1e6:.1f} MB, {info.quantisation}"),
        ("tensors", ", ".join(f"{kind['tensors']} {name}" for name, kind in kinds.items())),
        ("context", info.context),
        ("tokenizer", f"{info.tokenizer or '-'}, {info.tokens} tokens, digest {info.tokenizer_digest[:12]}"),
        ("bos", f"{info.bos or '-'}, {'put' if info.add_bos else 'not put'} before a prompt by the tokenizer"),
        ("eos", info.eos),
        ("template", f"{len(info.chat_template)} characters, digest {info.chat_template_digest[:12]}"),
        ("tools", f"rendered {tools_by(info.template).says}" if info.chat_template else ""),
        ("licence", info.licence),
        ("made from", ", ".join(info.base_models)),
        ("trained on", ", ".join(info.datasets)),
        *((f"suture.{key}", value) for key, value in info.lineage.items()),
    ]
    lines = [str(file), *(f"  {name:<28}{value}" for name, value in facts if value not in (None, ""))]
    if manifest is None:
        return "\n".join([*lines, f"no manifest beside it ({manifest_path(file).name}): no proof to show"])
    if manifest.parity is None:
        return "\n".join([*lines, "its manifest holds no proof"])
    return "\n".join([*lines, "", *parity_lines(manifest.parity)])


def parity_lines(parity: Parity) -> list[str]:
    """A pack's proof, for people."""
    chats, answers = len(parity.chats), parity.answers_compared
    lines = [
        "proof: " + ("holds" if parity.holds else "FAILS: " + "; ".join(parity.complaints)),
        f"  {parity.tensors_checked - parity.tensors_failed} of {parity.tensors_checked} tensors within bounds",
        f"  {sum(proof.same_tokens for proof in parity.logits)} of {len(parity.logits)} prompts the same token ids",
        f"  {sum(p.positions for p in parity.logits)} predictions: {parity.distance}",
    ]
    if chats:
        lines.append(f"  {sum(proof.holds for proof in parity.chats)} of {chats} conversations the same text and ids")
    if parity.engine:
        lines.append(f"  by {parity.engine} against {parity.reference}")
    if answers:
        lines.append(f"  {answers - len(parity.answers)} of {answers} greedy answers the same")
    for answer in parity.answers:
        lines += [
            f"    after {answer.prompt_end!r}, token {answer.at}: {answer.packed_token!r}, merged "
            f"{answer.merged_token!r} ({answer.gap:.3f} nats likelier there)",
            f"      pack   {answer.packed!r}",
            f"      merged {answer.merged!r}",
        ]
    return lines


def _figure(number: float | None) -> str:
    return "?" if number is None else f"{number:.3e}"


def _diff_text(found: PackDiff, top: int) -> str:
    lines = [f"{len(found.moved)} of {found.tensors} tensors moved"]
    if found.moved:
        rows = [
            [m.name, _figure(m.relative), _figure(m.largest), m.before, "same" if m.after == m.before else m.after]
            for m in found.moved[:top]
        ]
        lines += ["", table(["tensor", "relative", "largest", "before", "after"], rows)]
        if len(found.moved) > top:
            lines.append(f"... and {len(found.moved) - top} more (--top)")
    lines += [f"only before: {name}" for name in found.only_before]
    lines += [f"only after: {name}" for name in found.only_after]
    if found.metadata:
        lines += ["", "metadata"]
        lines += [f"  {change.key}: {change.before or '-'} -> {change.after or '-'}" for change in found.metadata]
    return "\n".join(lines)
