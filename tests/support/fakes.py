"""A workshop whose model is a script and whose judge runs programs in this process: for tests of the loop itself.

The scripted model solves some tasks before a repair and others after it. Both are told in the pack's bytes, so
what is measured really depends on the file that is measured.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from scripted import ScriptedEngine

from suture.core.digest import digest_of, digest_of_bytes
from suture.core.measure.attempt import Completion, EngineIdentity, Request, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.python import Assertions, PythonCheck
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import Task
from suture.core.measure.verdict import IsolationLevel, JudgeIdentity, Outcome, Reason, Verdict
from suture.core.model.adapter_records import AdapterRecord, EpochRecord, KeptAdapter, StepRecord
from suture.core.model.base import BaseRecord
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.proof import Agreement, LogitProof, Parity, TensorProof
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.recipe import Recipe
from suture.core.teach.dataset import Dataset
from suture.files.atomic import whole_directory, whole_file
from suture.files.small_files import sha256_of, write_json
from suture.loop.workshop import Silent, Workshop
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.store import Store

TEMPLATE = ChatTemplate(source="{% for message in messages %}{{ message.content }}\n{% endfor %}")


FORM_ALONE = Assertions(statements=("pass",))
"""What a prompt without examples shows: a program that loads passes."""


class FakeFoundry:
    """Writes small JSON files where the real one writes models. ``learns`` are the task numbers a repair teaches,
    ``forgets`` those it costs, at scales above ``careful``. ``along`` is what is learned by each earlier step."""

    def __init__(
        self,
        *,
        knows: set[int],
        learns: set[int],
        forgets: set[int] = frozenset(),
        careful: float = 0.0,
        along: Mapping[int, set[int]] | None = None,
    ) -> None:
        self.knows, self.learns, self.forgets = knows, learns, forgets
        self.careful, self.along = careful, dict(along or {})
        self.calls: list[str] = []
        self.versions = {"fake": "1"}
        self.computes_on = "a processor"

    def prepare_base(self, source: Path | str, out: Path) -> BaseRecord:
        self.calls.append("prepare_base")
        record = BaseRecord(
            source=str(source),
            source_sha256=sha256_of(Path(source)),
            architecture="llama",
            weights_sha256=digest_of(sorted(self.knows)),
            parameters=1,
            chat_template_digest=TEMPLATE.digest,
            proof=Agreement(),
        )
        with whole_directory(out) as partial:
            write_json(partial / "weights.json", sorted(self.knows))
            write_json(partial / "suture.json", record.to_json())
        return record

    def loglikelihoods(self, base: Path, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.calls.append("loglikelihoods")
        return [-float(len(target)) for _, target in pairs]

    def train(
        self, base: Path, dataset: Dataset, settings: TrainSettings, out: Path, checkpoints: Path
    ) -> AdapterRecord:
        self.calls.append("train")
        record_of_base = BaseRecord.model_validate_json((base / "suture.json").read_bytes())
        delta = self._delta(self.learns, self.forgets)
        kept = {step: self._delta(learned, set()) for step, learned in self.along.items()}
        record = AdapterRecord(
            sha256=digest_of_bytes(delta),
            base=record_of_base.weights_sha256,
            dataset=dataset.manifest.rows_sha256,
            settings=settings,
            computed_on=self.computes_on,
            rows_trained=sum(row.trainable for row in dataset.rows),
            rows_too_long=0,
            trainable_parameters=1,
            total_parameters=100,
            epochs=(EpochRecord(epoch=1, loss=0.5, kl=0.01, tokens=10, seconds=0.1),),
            steps=tuple(StepRecord(step=n, loss=1 / n, kl=0.01 * n, kl_new=0.02 * n) for n in (1, 2, 3, 4)),
            kept=tuple(KeptAdapter(step=n, kl=0.0, sha256=digest_of_bytes(d)) for n, d in kept.items()),
        )
        with whole_directory(out) as partial:
            for step, early in kept.items():
                (partial / "steps" / str(step)).mkdir(parents=True)
                (partial / "steps" / str(step) / "adapter_model.safetensors").write_bytes(early)
            (partial / "adapter_model.safetensors").write_bytes(delta)
            write_json(partial / "suture.json", record.to_json())
        return record

    @staticmethod
    def _delta(learns: set[int], forgets: set[int], first_layer: float = 1.0) -> bytes:
        return json.dumps({"learns": sorted(learns), "forgets": sorted(forgets), "first_layer": first_layer}).encode()

    def scale_layers(self, adapter: Path, out: Path, *, first: float, last: float) -> str:
        self.calls.append("scale_layers")
        delta = json.loads((adapter / "adapter_model.safetensors").read_text())
        with whole_directory(out) as partial:
            scaled = self._delta(set(delta["learns"]), set(delta["forgets"]), first)
            (partial / "adapter_model.safetensors").write_bytes(scaled)
        return sha256_of(out / "adapter_model.safetensors")

    def merge(self, base: Path, adapter: Path, scale: float, out: Path) -> None:
        """A task N is learned at scales of at least N / 10."""
        self.calls.append("merge")
        knows = set(json.loads((base / "weights.json").read_text()))
        delta = json.loads((adapter / "adapter_model.safetensors").read_text())
        learned = {n for n in delta["learns"] if scale * 10 >= n}
        costs = delta["forgets"] if scale * delta["first_layer"] > self.careful else []
        with whole_directory(out) as partial:
            write_json(partial / "weights.json", sorted((knows | learned) - set(costs)))

    def pack(self, merged: Path, base: Path, quantisation: Quantisation, out: Path, lineage: Mapping[str, str]) -> str:
        self.calls.append("pack")
        with whole_file(out) as partial:
            partial.write_bytes((merged / "weights.json").read_bytes())
        return sha256_of(out)

    def prove(self, pack: Path, merged: Path, prompts: Sequence[str]) -> Parity:
        return Parity(
            tensors_checked=1,
            tensors_failed=0,
            tensors=(TensorProof(name="weights", type="F32", max_error=0, bound=0),),
            logits=tuple(
                LogitProof(prompt_digest="0" * 64, same_tokens=True, same_top_token=True, max_difference=0.0)
                for _ in prompts
            ),
        )


class FakePacks:
    """A character is a token. ``reads`` is the model's context; None: it does not say."""

    def __init__(self, reads: int | None = None) -> None:
        self.reads = reads
        self.counted: list[str] = []

    def template(self, pack: Path) -> ChatTemplate:
        return TEMPLATE

    def context(self, pack: Path) -> int | None:
        return self.reads

    def count_tokens(self, pack: Path, prompts: Sequence[str]) -> list[int] | None:
        self.counted += prompts
        return [len(prompt) for prompt in prompts]


class FakeEngines:
    """One engine, which a test may give others' ways: by assigning to ``open``, ``identify``, ``installed`` ..."""

    names = ("scripted",)

    def __init__(self, opens: Callable[..., ScriptedEngine], *, batch: int) -> None:
        self.open, self._batch = opens, batch

    def installed(self) -> tuple[str, ...]:
        return self.names

    def why_not(self, name: str, types: Collection[str]) -> str:
        return ""

    def hot_adapters(self, choice: EngineChoice) -> bool:
        return False

    def reads_directories(self, choice: EngineChoice) -> bool:
        return False

    def takes_messages(self, choice: EngineChoice) -> bool:
        return False

    def identify(self, choice: EngineChoice) -> EngineIdentity:
        return EngineIdentity(name="scripted", version="1", threads=1, batch=self._batch)


class FakeJudge:
    """Passes a program that says ``return NUMBER`` with its task's number.

    ``faults`` are task ids without verdict (what a prompt shows is judged under the id ``asked``); with ``vacuous`` no
    pass says anything.
    """

    def __init__(self, faults: frozenset[str] = frozenset(), *, vacuous: bool = False) -> None:
        self.identity = JudgeIdentity(version="fake", level=IsolationLevel.L3)
        self.faults, self.vacuous = faults, vacuous
        self.judged = 0

    def judge(self, submissions: Sequence[tuple[Task, str]]) -> Iterator[tuple[int, Verdict]]:
        for index, (task, program) in enumerate(submissions):
            self.judged += 1
            yield index, self._verdict(task, program)

    def _verdict(self, task: Task, program: str) -> Verdict:
        if task.id in self.faults:
            return Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT)
        if isinstance(task.check, PythonCheck) and task.check.tests == FORM_ALONE:
            return Verdict(outcome=Outcome.PASS)
        if program.rstrip().removesuffix("# again").rstrip().endswith(f"return {wanted_of(task)}"):
            return Verdict(outcome=Outcome.PASS, vacuous=self.vacuous)
        return Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG)

    def close(self) -> None:
        pass


class StopsAfter(Silent):
    """Ctrl-C at the n-th answer."""

    def __init__(self, n: int) -> None:
        self.left = n

    def advance(self, done: int = 1, *, tokens: int = 0) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def wanted_of(task: Task) -> int:
    """The number in the name of the function that the tests call, ``f_5``; else the one in the task's id."""
    name = task.check.entry_point if isinstance(task.check, PythonCheck) else ""
    return int(name[2:]) if name.startswith("f_") else number_of(task.id)


def number_of(task_id: str) -> int:
    return int(task_id.rpartition("/")[2])


def write_suite(path: Path, count: int) -> Path:
    """Tasks 0 to ``count`` - 1 in MBPP's field names: task N wants ``f_N`` to return N."""
    rows = [
        {
            "task_id": n,
            "text": f"Return {n}.",
            "code": f"def f_{n}():\n    return {n}",
            "test_list": [f"assert f_{n}() == {n}"],
        }
        for n in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


class Model(ScriptedEngine):
    """Answers what the pack's bytes say it knows; asked at a temperature or shown a solution, also something more, or
    (``cold``) less."""

    def __init__(self, knows: set[int], *, lucky: set[int], copies: set[int], cold: set[int], batch: int) -> None:
        super().__init__(self._say, batch=batch)
        self._knows, self._lucky, self._copies, self._cold = knows, lucky, copies, cold
        self._warm, self._seed = False, 0

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        self._warm, self._seed = sampling.temperature > 0, sampling.seed
        return super().generate(requests, sampling)

    def _say(self, prompt: str) -> str:
        if prompt.endswith("Write a"):
            return self._exercise()
        number = int(prompt.partition("Return ")[2].partition(".")[0])
        shown = "correct solution" in prompt
        more = self._copies if shown else self._lucky if self._warm else set()
        less = self._cold if self._warm else set()
        return f"def f_{number}():\n    return {number if number in (self._knows - less) | more else -1}"

    def _exercise(self) -> str:
        """By the draw's seed one of three new tasks, one that is in the suite, or no task at all."""
        number = (101, 102, 103, 3, None)[self._seed % 5]
        self._seed += 1
        if number is None:
            return " long day."
        return f" function. Return {number}.\nassert f_{number}() == {number}\n\nWrite"


OPENED: list[Ledger] = []
"""Ledgers of scripted workshops; the fixture ``scripted_ledgers_are_closed`` closes those that a test opened."""


def scripted_workshop(
    root: Path,
    judge: FakeJudge | None = None,
    *,
    batch: int = 3,
    lucky: set[int] = frozenset(),
    copies: set[int] = frozenset(),
    cold: set[int] = frozenset(),
) -> Workshop:
    """A workshop on a store of its own. ``lucky`` are tasks that samples solve, ``copies`` those that rewrites do, and
    ``cold`` those that samples never do."""

    def open_engine(choice: EngineChoice, pack: Path) -> ScriptedEngine:
        knows = set(json.loads(pack.read_text()))
        return Model(knows, lucky=set(lucky), copies=set(copies), cold=set(cold), batch=batch)

    home = Home(root / "home")
    OPENED.append(ledger := Ledger(home.ledger))
    return Workshop(
        store=Store(home, ledger),
        judge=judge or FakeJudge(),
        engines=FakeEngines(open_engine, batch=batch),
        packs=FakePacks(),
    )


def recipe(suite: Path, base_file: Path, **changes: object) -> Recipe:
    fields = {
        "name": "scripted",
        "model": "m",
        "base": str(base_file),
        "suites": [str(suite)],
        "splits": {"seed": 0, "repair": 1.0},
        **changes,
    }
    return Recipe.model_validate(fields)
