"""``suture version``."""

from suture import __version__
from suture.cli.options import Common
from suture.cli.output import emit


def version(*, common: Common | None = None) -> int:
    """Print the version.

    Example: suture version
    """
    emit({"version": __version__}, __version__, as_json=(common or Common()).json)
    return 0
