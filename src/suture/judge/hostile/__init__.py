"""Programs made to fool or hang a judge, and honest ones with odd habits. Data only."""

from importlib.resources import files

from suture.judge.hostile.case import Case, parse
from suture.judge.hostile.hostile_tasks import DOUBLE, HONEST

_FAMILIES = (
    "forged-equality forged-replies lazy-objects decoder-bombs faked-broken-tasks looking-around reading network disk "
    "exits signals processes time memory floods crashes patching"
)

_UNPRINTABLE = (
    ("null byte", HONEST + "\0"),
    ("nested brackets", "def double(x): return " + "[" * 5000 + "]" * 5000),
    ("a long sum", "def double(x): return 1\ny = " + "+".join(["1"] * 20000)),
)


def hostile_cases() -> tuple[Case, ...]:
    """None of them may pass."""
    written = [case for name in _FAMILIES.split() for case in parse(_read(name), honest=False)]
    built = [Case("unreadable sources", name, program, DOUBLE, None) for name, program in _UNPRINTABLE]
    return (*written, *built)


def odd_cases() -> tuple[Case, ...]:
    """Each has a verdict it must get, mostly PASS."""
    return tuple(parse(_read("honest"), honest=True))


def _read(name: str) -> str:
    return files(__name__).joinpath("programs", f"{name}.txt").read_text(encoding="utf-8")


__all__ = ["DOUBLE", "HONEST", "Case", "hostile_cases", "odd_cases"]
