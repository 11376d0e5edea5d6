"""``suture completion bash|zsh|fish``."""

from typing import Annotated, Literal

from cyclopts import Parameter

from suture.cli.options import Common
from suture.cli.output import emit

Shell = Literal["bash", "zsh", "fish"]


def completion(
    shell: Annotated[Shell, Parameter(help="The shell that is to complete.")],
    /,
    *,
    common: Common | None = None,
) -> int:
    """Print what completes verbs and options in a shell. Nothing is installed.

    bash: `eval "$(suture completion bash)"` in ~/.bashrc. fish: `suture completion fish | source`. zsh: write it to a
    file `_suture` in a directory of `$fpath`.

    Example: suture completion bash
    """
    from suture.cli.main import VERBS, parser_of

    script = parser_of(*VERBS).generate_completion(prog_name="suture", shell=shell)
    emit({"shell": shell, "script": script}, script, as_json=(common or Common()).json)
    return 0
