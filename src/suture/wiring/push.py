"""Uploads an exported directory to the Hugging Face hub, or to a server with its interface (``$HF_ENDPOINT``)."""

import re
from pathlib import Path
from typing import Any

from suture.core.errors import MissingTool, UsageError
from suture.machine.installing import install_extra
from suture.wiring.check_hub import SWITCHED_OFF, is_switched_off

REPOSITORY = re.compile(r"[\w][\w.-]*/[\w][\w.-]*")


def require_pushable(repository: str) -> None:
    """Ask before any work whether an upload could be begun.

    Raises:
        UsageError: no ``OWNER/NAME``, or the hub is switched off.
        MissingTool: the extra ``hub`` is not installed.
    """
    if not REPOSITORY.fullmatch(repository):
        raise UsageError(f"--push {repository}: no repository of the hub", mend="--push OWNER/NAME")
    _hub()
    if is_switched_off():
        raise UsageError(f"--push {repository}: {SWITCHED_OFF}", mend="unset HF_HUB_OFFLINE TRANSFORMERS_OFFLINE")


def push(directory: Path, repository: str, *, private: bool | None = None, message: str = "") -> str:
    """Upload every file of ``directory``; the repository is made if it is not there. Returns the commit's URL.

    Args:
        private: of a repository that is made; None for what the hub does by itself.

    Raises:
        UsageError: the hub cannot be reached, or refuses. The directory stays.
    """
    hub = _hub()
    from httpx2 import HTTPError
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    again = f"hf auth login, or HF_TOKEN; then: hf upload {repository} {directory}"
    try:
        hub.create_repo(repository, private=private, exist_ok=True)
        commit = hub.upload_folder(repo_id=repository, folder_path=str(directory), commit_message=message or None)
    except (HfHubHTTPError, LocalTokenNotFoundError, HTTPError, OSError, ValueError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(f"{directory} was not uploaded to {repository}: {said}", mend=again) from error
    return str(commit.commit_url)


def _hub() -> Any:
    """The package, whose types are not whole. Raises MissingTool."""
    try:
        import huggingface_hub
    except ImportError:
        raise MissingTool("an upload needs huggingface_hub", mend=install_extra("hub")) from None
    return huggingface_hub
