"""Suture repairs small language models without losing what they already do well, and proves it.

What the command line does, from Python (``docs/python.md``). Each name is loaded when it is first used::

    import suture

    healed = suture.heal("recipes/quickstart.yaml")
    print(healed.decision, *healed.reasons)
"""

TYPE_CHECKING = False  # as in `typing`, which takes longer to load than all of this
if TYPE_CHECKING:
    from suture.judge import open_judge
    from suture.store.store import open_store
    from suture.suites.catalog import load_suite
    from suture.wiring.bench import bench
    from suture.wiring.heal import heal
    from suture.wiring.public_gate import gate

__version__ = "0.1.0"

__all__ = ["__version__", "bench", "gate", "heal", "load_suite", "open_judge", "open_store"]

_HOMES = {
    "bench": "suture.wiring.bench",
    "gate": "suture.wiring.public_gate",
    "heal": "suture.wiring.heal",
    "load_suite": "suture.suites.catalog",
    "open_judge": "suture.judge",
    "open_store": "suture.store.store",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
