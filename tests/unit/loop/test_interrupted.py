"""Law 4: a run stopped at any point and resumed ends in the same decision and the same artefacts."""

import pytest
from fakes import FakeFoundry, StopsAfter

from suture.core.gate.gate_report import Decision
from suture.core.plan.stages import PROMOTE
from suture.files.small_files import sha256_of
from suture.loop.workshop import Silent

STAGES = ("prepare_base", "train", "merge", "pack")


class StopsIn(FakeFoundry):
    """Ctrl-C as one of the foundry's works begins, or as it ends."""

    def __init__(self, stage: str, *, after: bool) -> None:
        super().__init__(knows={1, 2}, learns={5})
        work = getattr(self, stage)

        def stop(*arguments, **named):
            if after:
                work(*arguments, **named)
            raise KeyboardInterrupt

        setattr(self, stage, stop)


def repair():
    return FakeFoundry(knows={1, 2}, learns={5})


def facts(healed):
    paths = healed.paths
    artefacts = (paths.pack, paths.dataset / "rows.jsonl", paths.adapter / "adapter_model.safetensors", paths.gate)
    return healed.decision, healed.report.digest, [sha256_of(path) for path in artefacts]


@pytest.fixture
def untouched(other_shop):
    return facts(other_shop.heal(repair()))


@pytest.mark.parametrize("answers", range(0, 40, 2))
def test_stopped_while_measuring(shop, untouched, answers):
    shop.workshop.progress = StopsAfter(answers)
    with pytest.raises(KeyboardInterrupt):
        shop.heal(repair())
    shop.workshop.progress = Silent()
    assert facts(shop.heal(repair())) == untouched


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("after", [False, True], ids=["as it begins", "as it ends"])
def test_stopped_in_a_stage(shop, untouched, stage, after):
    with pytest.raises(KeyboardInterrupt):
        shop.heal(StopsIn(stage, after=after))
    assert facts(shop.heal(repair())) == untouched


def test_a_finished_batch_is_not_asked_again(shop):
    shop.workshop.progress = StopsAfter(
        17
    )  # ten references checked, then batches of 3: two are finished, the third is cut off
    with pytest.raises(KeyboardInterrupt):
        shop.heal(repair())
    counter = Silent()
    answered = []
    counter.advance = lambda done=1, *, tokens=0: answered.append((done, tokens))
    shop.workshop.progress = counter
    shop.heal(repair())
    reused = [done for done, tokens in answered[:3] if tokens == 0]
    assert reused[:2] == [3, 3]


def test_stopped_between_the_promotion_and_its_record(shop, monkeypatch):
    """The champion has moved; the run that moved it is still the one to finish."""
    shop.heal(repair())
    ledger = shop.workshop.store.ledger
    finish = ledger.finish_stage

    def stop(run, stage, *arguments, **named):
        if stage is PROMOTE:
            raise KeyboardInterrupt
        finish(run, stage, *arguments, **named)

    monkeypatch.setattr(ledger, "finish_stage", stop)
    second = {"name": "second", "base": "champion"}
    with pytest.raises(KeyboardInterrupt):
        shop.heal(FakeFoundry(knows={1, 2, 5}, learns={6}), **second)
    monkeypatch.setattr(ledger, "finish_stage", finish)
    resumed = shop.heal(FakeFoundry(knows={1, 2, 5}, learns={6}), **second)
    assert resumed.decision is Decision.PROMOTE
    assert [run["name"] for run in ledger.runs()] == ["scripted", "second"]
    assert [event.action for event in ledger.events()] == ["register", "promote", "promote"]
