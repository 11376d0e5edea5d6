"""A repair on a cluster: the same decision, keys and answers as here, through every fault that a node can have."""

import signal
import threading
import time
from pathlib import Path

import pytest
from fake_cluster import HERE, FakeNodes, Once, lost, open_fake, slow, three_nodes
from fakes import TEMPLATE, FakeFoundry, FakeJudge, recipe, scripted_workshop, write_suite

from suture.cluster import crew as crews
from suture.cluster import muster
from suture.cluster.nodes import Node
from suture.core.errors import DiskFull, Fault, MissingTool
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.verdict import IsolationLevel, JudgeIdentity
from suture.loop.measuring.asking import ask
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import questions_of
from suture.loop.plan import resolve
from suture.loop.repair import RepairRun
from suture.suites.catalog import load_suites

TASKS = 24


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(muster, "SECONDS_BETWEEN", 0.02)
    monkeypatch.setattr(crews, "SLOWEST_KNOWN", 0.05)


def healed(workshop, root):
    """Paths are relative, so that the run has one name wherever it is."""
    write_suite(root / "suite.jsonl", TASKS)
    (root / "base.gguf").write_bytes(b"a model")
    foundry = FakeFoundry(knows=set(range(12, 20)), learns=set(range(6)))
    written = recipe(Path("suite.jsonl"), Path("base.gguf"))
    return RepairRun(workshop, foundry, resolve(workshop, foundry, written, relative_to=root)).heal()


def recorded(ledger):
    """Keys with answers, each as often as it is there, and the order they came in."""
    rows = ledger._db.execute("SELECT batch, position, record FROM attempts ORDER BY seq").fetchall()
    verdicts = ledger._db.execute("SELECT task, program, judge FROM verdicts ORDER BY seq").fetchall()
    return rows, sorted(verdicts)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What a repair on this machine alone comes to."""
    root = tmp_path_factory.mktemp("alone")
    workshop = scripted_workshop(root)
    found = healed(workshop, root)
    yield found.decision, recorded(workshop.store.ledger), workshop.store.ledger.head[0]
    workshop.store.ledger.close()


def on(root, nodes, judge=None, **how):
    """A workshop like the one of ``alone``, on a cluster."""
    local = scripted_workshop(root)
    cluster = open_fake(nodes, local.engines, judge or FakeJudge(), root / "cache", **how)
    return cluster, cluster.moved(local)


def check_same(alone, found, workshop):
    decision, (attempts, verdicts), _ = alone
    assert found.decision is decision
    rows, judged = recorded(workshop.store.ledger)
    assert rows == attempts, "the same answers under the same keys, in the same order, each once"
    assert judged == verdicts


def test_a_repair_on_three_nodes_is_the_one_on_this_machine(alone, tmp_path):
    cluster, workshop = on(tmp_path, FakeNodes(three_nodes()))
    check_same(alone, healed(workshop, tmp_path), workshop)
    cluster.hub.close()
    assert cluster.nodes.closed
    assert all(process.stopped for process in cluster.nodes.processes)
    assert "cluster: 3 nodes" in cluster.hub.says
    assert cluster.notes == []


FAULTS = {
    "an engine killed while it answers": lambda nodes: Once("answer", lost, at=3),
    "an engine killed while it is looked at": lambda nodes: Once("identify", lost, at=2),
    "a judge killed": lambda nodes: Once("judge", lost, at=2),
    "a node gone": lambda nodes: Once("answer", nodes.remove, at=4),
    "a node gone while it judges": lambda nodes: Once("judge", nodes.remove, at=1),
    "a node slow": lambda nodes: Once("answer", slow(1.0), at=8),
    "a disk full": lambda nodes: Once("find", full, at=1),
    "an engine that fails once": lambda nodes: Once("answer", fails, at=2),
    "a node that comes while others work": lambda nodes: Once(
        "answer", lambda node: nodes.append(Node(id="d" * 8, host="host-d", cores=2)), at=2
    ),
}


def full(node):
    raise DiskFull(f"the disk of {node.host} is full")


def fails(node):
    raise Fault("engine failed")


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_happens_to_a_node_nothing_is_lost_or_recorded_twice(alone, tmp_path, name):
    nodes = three_nodes()
    strike = FAULTS[name](nodes)
    cluster, workshop = on(tmp_path, FakeNodes(nodes, strike))
    check_same(alone, healed(workshop, tmp_path), workshop)
    cluster.hub.close()
    assert strike.struck.is_set()


def test_nodes_that_are_another_instrument_do_nothing_and_it_is_said(alone, tmp_path):
    facts = {
        "a" * 8: HERE.model_copy(update={"suture": "0.0.9", "source": "6" * 64}),
        "b" * 8: HERE.model_copy(update={"processor": "AuthenticAMD family 25: avx512f"}),
    }
    asked = []
    nodes = FakeNodes(three_nodes(), lambda node, method, _: asked.append((node.id[0], method)), facts)
    cluster, workshop = on(tmp_path, nodes)
    check_same(alone, healed(workshop, tmp_path), workshop)
    cluster.hub.close()
    assert {node for node, method in asked if method == "answer"} == {"c"}
    assert {node for node, method in asked if method == "judge"} <= {"b", "c"}, "any processor judges alike"
    said = "\n".join(cluster.notes)
    assert "node host-a (aaaaaaaa) does nothing for generation: Suture 0.0.9 there, 0.1.0 here; Suture's source" in said
    assert "node host-b (bbbbbbbb) does nothing for generation: another instrument: AuthenticAMD" in said


def test_the_class_that_most_nodes_have_answers_where_this_machine_is_of_another(tmp_path):
    other = HERE.model_copy(update={"processor": "ARM implementer 0x41: sve"})
    facts = {"a" * 8: other, "b" * 8: other, "c" * 8: HERE.model_copy(update={"processor": "AMD"})}
    asked = []
    nodes = FakeNodes(three_nodes(), lambda node, method, _: asked.append((node.id[0], method)), facts)
    cluster, workshop = on(tmp_path, nodes)
    healed(workshop, tmp_path)
    cluster.hub.close()
    assert {node for node, method in asked if method == "answer"} <= {"a", "b"}
    assert cluster.notes[0].startswith("answers come from ARM implementer 0x41: sve; this machine is")


def test_a_node_below_the_asked_level_judges_nothing(alone, tmp_path):
    judge = FakeJudge()
    opened = []

    def open_judge(asked, lanes):
        opened.append(lanes)
        if len(opened) == 1:
            raise MissingTool("no isolation for untrusted programs on this machine (L3: no namespaces)")
        if len(opened) == 2:
            weaker = FakeJudge()
            weaker.identity = JudgeIdentity(version="fake", level=IsolationLevel.L1)
            return weaker
        return judge

    cluster, workshop = on(tmp_path, FakeNodes(three_nodes(cores=4)), judge, open_judge=open_judge)
    check_same(alone, healed(workshop, tmp_path), workshop)
    cluster.hub.close()
    said = "\n".join(cluster.notes)
    assert "does nothing for judging: no isolation for untrusted programs" in said
    assert "does nothing for judging: its judge is fake at L1, fake at L3 is asked" in said
    assert opened == [4, 4, 4], "a lane a core"


def test_no_node_that_fits_is_said_before_any_work(tmp_path):
    strange = HERE.model_copy(update={"python": "3.12.1"})
    nodes = FakeNodes(three_nodes(), facts={node.id: strange for node in three_nodes()})
    local = scripted_workshop(tmp_path)
    with pytest.raises(
        Fault, match=r"no node of the cluster is left for generation .*Python 3.12.1 there, 3.11.9 here"
    ):
        open_fake(nodes, local.engines, FakeJudge(), tmp_path / "cache")
    assert nodes.closed
    local.store.ledger.close()


def test_a_cluster_that_is_gone_ends_the_run_and_a_new_one_goes_on(alone, tmp_path):
    nodes = FakeNodes(three_nodes())
    nodes.strike = Once("answer", lambda node: setattr(nodes, "gone", True), at=5)
    cluster, workshop = on(tmp_path, nodes)
    with pytest.raises(Fault, match=r"the cluster is gone .*; what was recorded stays"):
        healed(workshop, tmp_path)
    before = workshop.store.ledger.counts()["attempts"]
    cluster.hub.close()
    workshop.store.ledger.close()
    cluster, workshop = on(tmp_path, FakeNodes(three_nodes()))
    check_same(alone, healed(workshop, tmp_path), workshop)
    assert before < workshop.store.ledger.counts()["attempts"]
    cluster.hub.close()


def test_nodes_that_all_went_are_waited_for_and_then_given_up(tmp_path):
    nodes = three_nodes()
    cluster, workshop = on(tmp_path, FakeNodes(nodes, Once("answer", lambda node: nodes.clear(), at=2)))
    began = time.monotonic()
    with pytest.raises(Fault):
        healed(workshop, tmp_path)
    assert time.monotonic() - began > 0.2
    cluster.hub.close()


def test_ctrl_c_ends_what_is_under_way(tmp_path):
    """The wait for a slow node is not waited out."""
    main = threading.main_thread().ident

    def interrupt(node):
        signal.pthread_kill(main, signal.SIGINT)
        time.sleep(30)

    cluster, workshop = on(tmp_path, FakeNodes(three_nodes()[:1], Once("answer", interrupt, at=4)))
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        healed(workshop, tmp_path)
    assert time.monotonic() - began < 25
    cluster.hub.close()


def test_the_same_batch_twice_in_one_window_is_asked_once(tmp_path):
    """A batch that is under way is not claimed again: that would be to wait for ourselves."""
    pack = tmp_path / "pack.gguf"
    pack.write_text("[1, 2]")
    asked = []
    cluster, workshop = on(
        tmp_path, FakeNodes(three_nodes(), lambda node, method, _: asked.append(method) if method == "answer" else None)
    )
    choice = EngineChoice(name="scripted")
    tasks = load_suites([str(write_suite(tmp_path / "suite.jsonl", 6))])
    questions = questions_of(tasks, TEMPLATE, choice)
    with LazyEngine(workshop, choice, PackFile(pack, "p" * 64, TEMPLATE)) as engine:
        found = list(ask(workshop, engine, [questions[:3], questions[3:], questions[:3]]))
    cluster.hub.close()
    assert found[0] == found[2] != found[1]
    assert asked.count("answer") == 2
