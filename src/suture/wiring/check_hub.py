"""Can a base that lies on the hub be had?"""

from importlib.util import find_spec

from suture.machine.installing import install_extra
from suture.wiring.check_findings import Finding


def look_at_hub(model: str) -> Finding:
    """What is known without asking anybody: is the hub's client here, may it ask, and has it the model already?"""
    if find_spec("huggingface_hub") is None:
        return Finding("hub", False, f"{model} is downloaded when it is first used", install_extra("hub"))
    from huggingface_hub import constants, try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(model, "config.json")
    except HFValidationError:
        return Finding("hub", False, f"{model} is no id of the hub, and no path here", "owner/name, or a path")
    if isinstance(cached, str):
        return Finding("hub", True, f"{model} was downloaded before")
    if constants.HF_HUB_OFFLINE:
        mend = f"HF_HUB_OFFLINE=0 in the environment, or download {model} elsewhere and name its directory as base"
        return Finding("hub", False, f"HF_HUB_OFFLINE is set, and {model} was not downloaded before", mend)
    return Finding("hub", True, f"{model} is downloaded when it is first used")
