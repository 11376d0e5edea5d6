"""A dataset's files: its rows, and the manifest that names them."""

from collections.abc import Sequence
from pathlib import Path

from suture.core.errors import BadFile
from suture.core.teach.dataset import Dataset, DatasetManifest, TrainingRow
from suture.files.small_files import read_model, sha256_of, write_json, write_text

ROWS_FILE = "rows.jsonl"
MANIFEST_FILE = "manifest.json"


def write_dataset(directory: Path, rows: Sequence[TrainingRow], manifest: DatasetManifest) -> DatasetManifest:
    """Write ``rows.jsonl``, then the manifest with its hash: a directory with a manifest is complete."""
    text = "".join(row.to_json_text() + "\n" for row in rows)
    manifest = manifest.model_copy(update={"rows_sha256": write_text(directory / ROWS_FILE, text)})
    write_json(directory / MANIFEST_FILE, manifest.to_json())
    return manifest


def read_dataset(directory: Path, *, mend: str | None = None) -> Dataset:
    """Read a dataset whose rows are the ones its manifest names.

    Args:
        mend: what helps where they are not; by default harvesting it again.

    Raises:
        BadFile: it is incomplete or was changed.
    """
    mend = mend or f"suture harvest SCOREBOARD --out {directory}"
    manifest = read_model(directory / MANIFEST_FILE, DatasetManifest, what="dataset manifest", mend=mend)
    path = directory / ROWS_FILE
    if sha256_of(path) != manifest.rows_sha256:
        raise BadFile(f"{path} was changed after it was harvested", mend=mend)
    lines = path.read_text("utf-8").split("\n")
    return Dataset(rows=tuple(TrainingRow.from_json_text(line) for line in lines if line), manifest=manifest)
