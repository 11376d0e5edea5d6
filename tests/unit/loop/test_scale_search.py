"""Scales searched through the ports: with an adapter beside its base, and with merged packs."""

import pytest
from fakes import TEMPLATE, FakeJudge, number_of
from scripted import ScriptedEngine

from suture.core.errors import UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.files.small_files import sha256_of
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.scale_search import Assume, search_scales
from suture.suites.catalog import load_suites

SCALES = (1.0, 0.0, 0.2, 0.4, 0.6, 0.8)
CHOICE = EngineChoice(name="scripted")


def said(prompt: str, scale: float) -> str:
    """Task N is solved from scale N / 10 on; tasks from 5 up write something new at every scale."""
    number = int(prompt.partition("Return ")[2].partition(".")[0])
    solved = scale * 10 >= number
    remark = f"    # {scale}\n" if number >= 5 else ""
    return f"def f_{number}():\n{remark}    return {number if solved else -1}"


@pytest.fixture
def hot(shop, tmp_path):
    """(workshop whose engine takes adapters, base, adapter, tasks); ``engine`` is what answered last."""
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_model.safetensors").write_bytes(b"weights")
    opened = []

    def open_engine(choice, pack, *, adapters=None):
        assert adapters is None or list(adapters.values()) == [adapter]
        opened.append(ScriptedEngine(lambda prompt: said(prompt, 0.0), batch=3, adapted=said))
        return opened[-1]

    shop.workshop.engines.open = open_engine
    shop.workshop.engines.hot_adapters = lambda choice: True
    base = PackFile(shop.base, sha256_of(shop.base), TEMPLATE)
    return shop.workshop, base, adapter, load_suites([str(shop.suite)]), opened


def run(hot, **options):
    workshop, base, adapter, tasks, _ = hot
    return search_scales(workshop, base, adapter, SCALES, tasks, engine=CHOICE, **options)


def solved(search):
    return {row.scale: [number_of(task) for task in row.passed] for row in search.rows}


EXPECTED = {scale: [n for n in range(10) if n <= scale * 10] for scale in sorted(SCALES)}


@pytest.mark.parametrize("assume", Assume)
def test_every_assumption_that_holds_gives_the_full_table(hot, assume):
    assert solved(run(hot, assume=assume)) == EXPECTED


def test_each_assumption_costs_what_it_allows(hot):
    costs = {assume: run(hot, assume=assume).cost for assume in Assume}
    asked = {assume: cost.asked for assume, cost in costs.items()}
    assert costs[Assume.NOTHING].asked == costs[Assume.NOTHING].full == 60
    assert asked[Assume.VERDICT] < asked[Assume.OUTPUT] < asked[Assume.NOTHING]


def test_what_was_not_asked_is_said(hot):
    search = run(hot, assume=Assume.VERDICT)
    asked = sum(len(row.results) - len(row.inferred) for row in search.rows)
    assert asked == search.cost.asked
    assert search.rows[0].inferred == search.rows[-1].inferred == ()


def test_adapter_and_scale_are_part_of_an_attempt(hot):
    search = run(hot)
    sha256 = sha256_of(hot[2] / "adapter_model.safetensors")
    for row in search.rows:
        for result in row.results:
            if result.task_id in row.inferred:
                continue
            use = result.attempt.adapter
            assert (use is None) if row.scale == 0 else (use.sha256, use.scale) == (sha256, row.scale)


def test_a_second_search_asks_nothing(hot):
    first = run(hot)
    generated = sum(len(engine.asked) for engine in hot[4])
    assert run(hot).rows == first.rows
    assert sum(len(engine.asked) for engine in hot[4]) == generated == first.cost.asked


def test_a_task_without_a_verdict_is_never_inferred_from(hot):
    hot[0].judge = FakeJudge(faults=frozenset({hot[3][0].id}))
    search = run(hot)
    assert all(hot[3][0].id not in row.inferred for row in search.rows)


def test_an_engine_without_hot_adapters_needs_merged_packs(hot):
    hot[0].engines.hot_adapters = lambda choice: False
    with pytest.raises(UsageError, match="cannot load an adapter"):
        run(hot)


def test_merged_packs_give_the_same_table(hot, tmp_path):
    workshop, *_ = hot
    workshop.engines.hot_adapters = lambda choice: False
    made = []

    def merged(scale):
        path = tmp_path / f"{scale}.gguf"
        path.write_text(str(scale))
        made.append(scale)
        return PackFile(path, sha256_of(path), TEMPLATE)

    def open_engine(choice, pack):
        return ScriptedEngine(lambda prompt: said(prompt, float(pack.read_text())), batch=3)

    workshop.engines.open = open_engine
    search = run(hot, merged=merged)
    assert not search.hot
    assert solved(search) == EXPECTED
    assert made[:2] == [0.0, 1.0]


def test_no_scales_are_refused(hot):
    workshop, base, adapter, tasks, _ = hot
    with pytest.raises(UsageError, match="no scales"):
        search_scales(workshop, base, adapter, [], tasks, engine=CHOICE)
