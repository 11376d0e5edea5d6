"""What a recipe with served answers needs is said before any work."""

from types import SimpleNamespace

import pytest
from fakes import recipe, scripted_workshop
from served import mark, serve

from suture.core.errors import BadFile, UsageError
from suture.core.measure.policy import Policy
from suture.core.teach.served_claims import ServedSettings
from suture.files.small_files import sha256_of
from suture.store.find_model import FoundModel
from suture.store.kept_policies import keep_policy
from suture.wiring.check_served import require_repairable_champion, served_at_hand


@pytest.fixture
def shop(tmp_path):
    workshop = scripted_workshop(tmp_path)
    workshop.store.home.root.mkdir(exist_ok=True)
    yield SimpleNamespace(store=workshop.store, home=workshop.store.home)
    workshop.store.ledger.close()


def test_answers_that_somebody_said_something_of_are_counted(shop):
    with pytest.raises(BadFile):
        served_at_hand(shop.home.root, ServedSettings())
    first, second = serve(shop.home.served, lambda _: "Hello.", ["Greet.", "Greet again."])
    with pytest.raises(UsageError, match="nobody said anything"):
        served_at_hand(shop.home.root, ServedSettings())
    for record, who in ((first, "ann"), (first, "ben"), (second, "ann")):
        mark(shop.home.served, record, "bad", by=who)
    assert served_at_hand(shop.home.root, ServedSettings()).startswith("2 that somebody")
    assert served_at_hand(shop.home.root, ServedSettings(model="code")).startswith("2 that somebody")
    for nothing in ({"model": "tools"}, {"since": "3000"}):
        with pytest.raises(UsageError, match="nobody said anything"):
            served_at_hand(shop.home.root, ServedSettings(**nothing))


@pytest.mark.parametrize("beside", [True, False])
def test_a_champion_that_ends_in_an_adapter_is_refused_and_says_what_to_do(shop, tmp_path, beside):
    pack, weights = tmp_path / "base.gguf", tmp_path / "adapter" / "adapter_model.safetensors"
    pack.write_bytes(b"a pack")
    weights.parent.mkdir()
    weights.write_bytes(b"an adapter")
    weights.with_name("adapter_config.json").write_text("{}")
    adapter = {"sha256": sha256_of(weights), "scale": 1.0}
    tiers = [{"name": "base", "pack": sha256_of(pack)}, {"name": "more", "pack": sha256_of(pack), "answers": 2}]
    tiers[1] |= {"answers": 1, "adapter": adapter} if beside else {"temperature": 0.8}
    file = tmp_path / "policy.json"
    file.write_text(Policy.model_validate({"tiers": tiers}).text)
    parts = {sha256_of(pack): pack, sha256_of(weights): weights}
    keep_policy(shop.store, file, sha256_of(file), parts)
    kept = shop.home.policy(sha256_of(file))
    wanted = recipe(tmp_path / "own.jsonl", pack)
    found = FoundModel(kept, sha256_of(file), SimpleNamespace(alias="champion"))
    if not beside:
        require_repairable_champion(shop.store, wanted, found)
        return
    with pytest.raises(UsageError, match="last tier is an adapter") as refused:
        require_repairable_champion(shop.store, wanted, found)
    assert f"suture rollback {wanted.model}" in refused.value.mend
    require_repairable_champion(shop.store, wanted, FoundModel(pack, sha256_of(pack)))
