"""Loads Ray when a cluster is opened, and not before, in surroundings that it finds prepared and leaves alone."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from suture.cluster.doors import set_environment
from suture.core.errors import MissingTool
from suture.machine.installing import install_extra

if TYPE_CHECKING:
    from suture.cluster.ray_nodes import RayNodes


def open_ray(address: str | None, folder: Path) -> "tuple[RayNodes, str]":
    """The nodes, and the version of Ray. Raises: as ``RayNodes``, and MissingTool where Ray cannot be loaded.

    Ray's hook for errors tells the cluster's head of each before it shows it, which never ends where the head is gone.
    """
    hook = sys.excepthook
    set_environment()
    try:
        from suture.cluster.ray_nodes import VERSION, RayNodes
    except ImportError as error:
        raise MissingTool(f"Ray is installed, and cannot be loaded: {error}", mend=install_extra("ray")) from error
    sys.excepthook = hook
    return RayNodes(address, folder), VERSION
