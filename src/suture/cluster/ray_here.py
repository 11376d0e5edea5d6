"""Whether a Ray is installed here that Suture can use, without loading it."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

LEAST = (2, 60)
"""The first whose processes on one machine ask each other for a token."""
BELOW = (3,)


def unfit_ray() -> str:
    """Why not; "" where there is one."""
    if find_spec("ray") is None:
        return "Ray is not installed"
    try:
        found = version("ray")
    except PackageNotFoundError:
        return "something called ray is there, and no package of that name is installed"
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if LEAST <= numbers < BELOW:
        return ""
    return f"Ray {found} is installed, and Suture needs {'.'.join(map(str, LEAST))} or later, below {BELOW[0]}"
