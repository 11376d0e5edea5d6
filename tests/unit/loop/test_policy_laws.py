"""Law: where tests say no more than the prompt's examples, *keep* loses no pass of its first tier, whatever the others
do, whatever is sampled, and in whatever batches it is asked."""

import json

import pytest
from fakes import TEMPLATE, scripted_workshop, write_suite
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suture.core.digest import digest_of_bytes
from suture.core.errors import MissingTool
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.policy import Policy, Silent, Tier
from suture.core.plan.policy_settings import PolicySettings, alone, policy_of
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.policy_files import PolicyFiles
from suture.suites.catalog import load_suite

NUMBERS = st.frozensets(st.integers(0, 5))


def pack(root, knows):
    content = json.dumps(sorted(knows)).encode()
    path = root / f"{digest_of_bytes(content)}.gguf"
    path.write_bytes(content)
    return PackFile(path, digest_of_bytes(content), TEMPLATE)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NUMBERS, NUMBERS, NUMBERS, st.integers(0, 3), st.integers(1, 7), st.sampled_from(Silent))
def test_keep_loses_no_pass_of_the_base(tmp_path_factory, knows, repaired, lucky, tries, batch, silent):
    root = tmp_path_factory.mktemp("law")
    workshop = scripted_workshop(root, batch=batch, lucky=set(lucky))
    tasks = load_suite(str(write_suite(root / "six.jsonl", 6)))
    before, after = pack(root, knows), pack(root, repaired)
    form = PolicySettings(form="keep", tries=tries, silent=silent)
    policy = policy_of(form, alone(before.sha256), pack=after.sha256, adapter=None, suites=("six",))
    boards = [
        measure(workshop, measured, tasks, engine=EngineChoice(name="scripted"), selectors=("six",))
        for measured in (before, PolicyFiles(policy, {before.sha256: before, after.sha256: after}))
    ]
    workshop.store.ledger.close()
    kept = set(boards[1].passed)
    assert kept >= set(boards[0].passed)
    assert kept == {f"six/{n}" for n in knows | repaired | (lucky if tries else set())}


def test_every_tiers_engine_is_there_before_the_first_is_asked(tmp_path, monkeypatch):
    workshop = scripted_workshop(tmp_path)
    tasks = load_suite(str(write_suite(tmp_path / "six.jsonl", 6)))
    base = pack(tmp_path, frozenset({1}))
    later = Tier(name="later", pack=base.sha256, engine=EngineChoice(name="nowhere"))
    policy = PolicyFiles(Policy(tiers=(Tier(name="base", pack=base.sha256), later)), {base.sha256: base})
    identify = workshop.engines.identify

    def refusing(choice):
        if choice.name == "nowhere":
            raise MissingTool("it is not installed")
        return identify(choice)

    monkeypatch.setattr(workshop.engines, "identify", refusing)
    monkeypatch.setattr("suture.loop.measuring.measure_policy.ask", lambda *_: pytest.fail("somebody was asked"))
    with pytest.raises(MissingTool):
        measure(workshop, policy, tasks, engine=EngineChoice(name="scripted"), selectors=("six",))
