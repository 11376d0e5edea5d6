"""Can a base that lies on the hub be had?"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from suture.machine.installing import install_extra
from suture.wiring.check_findings import Finding

SWITCHED_OFF = "the hub is switched off (HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE)"


def is_switched_off() -> bool:
    """Whether the hub's client, which is installed, may ask nobody."""
    from huggingface_hub import constants

    return constants.HF_HUB_OFFLINE


def look_at_hub(model: str) -> Finding:
    """What is known without asking anybody: is the hub's client here, may it ask, and has it the model already?"""
    if find_spec("huggingface_hub") is None:
        return Finding("hub", False, f"{model} is downloaded when it is first used", install_extra("hub"))
    import huggingface_hub
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    hub: Any = huggingface_hub  # its types are not whole
    try:
        there = Path(hub.snapshot_download(model, local_files_only=True))
    except HFValidationError:
        return Finding("hub", False, f"{model} is no id of the hub, and no path here", "owner/name, or a path")
    except LocalEntryNotFoundError:
        there = None
    if there is not None and any(there.glob("*.safetensors")):
        return Finding("hub", True, f"{model} was downloaded before")
    if is_switched_off():
        said = f"{SWITCHED_OFF}, and {model} was not downloaded before"
        mend = f"switch it on in the environment, or download {model} elsewhere and name its directory as base"
        return Finding("hub", False, said, mend)
    return Finding("hub", True, f"{model} is downloaded when it is first used")
