"""A route of several policies behind the door: who is asked follows what their answers were worth."""

import itertools
import random
import time
from contextlib import closing

import pytest
from lives import Shop, live_of, open_shop_door
from sheets import both_sides

from suture.cli.main import run
from suture.core.errors import UsageError
from suture.core.gate.decision import gate
from suture.core.measure.carried import carried_by_records
from suture.core.measure.modes import Mode
from suture.core.measure.served_record import Reward, ServedRecord
from suture.core.measure.steering.odds import Shares, chosen
from suture.core.measure.steering.records import FoldedRecords
from suture.core.measure.steering.settings import SteeringSettings
from suture.files.small_files import sha256_of
from suture.router.written import WrittenRoutes
from suture.serve.steering import Steering
from suture.store.home import Home
from suture.store.served_file import ServedFile, served_records
from suture.store.steered_rows import SteeredRows
from suture.store.verify_served import verify_served
from suture.wiring.route_steering import steering_of

ADD, SUB = "def add(a, b):\n    return a + b", "def add(a, b):\n    return a - b"
QUESTION = [{"role": "user", "content": "```python\nassert add(1, 2) == 3\n```"}]
SHOWS_NOTHING = [{"role": "user", "content": "Say something."}]


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def two_policies(shop, *, mode="specialists-only", texts=(ADD, SUB), **steering):
    for name, text in zip(("right", "wrong"), texts, strict=True):
        shop.promote(name, shop.pack(text))
    policies = [{"name": name, "model": name} for name in ("right", "wrong")]
    written = {"routes": [{"name": "code", "kind": "python", "policies": policies}], "mode": mode, "steering": steering}
    fallback = (
        {} if mode == "specialists-only" else {"fallback": {"model": str(shop.pack("general")), "name": "general"}}
    )
    return WrittenRoutes.model_validate(written | fallback)


def one_policy(shop, text, fallback, **steering):
    shop.promote("code", shop.pack(text))
    behind = {"model": str(shop.pack(fallback)), "name": "general"}
    route = {"name": "code", "model": "code", "kind": "python"}
    return WrittenRoutes.model_validate({"routes": [route], "fallback": behind, "steering": steering})


def opened(shop, written, chance=None):
    return open_shop_door(shop, written, recorded=True, chance=chance or random.Random(1))


class InTurn(random.Random):
    """Draws that lie in the first policy's share and in the last one's, in turn, whatever is known of them."""

    def __init__(self):
        super().__init__()
        self.drawn = itertools.cycle((0.0, 0.9999))

    def random(self):
        return next(self.drawn)


def ask(door, messages=QUESTION, **more):
    reply = door.http.post("/v1/chat/completions", json={"model": "code", "messages": messages} | more)
    assert reply.status_code == 200, reply.text
    return reply


def learned(shop, door, answers):
    """What is known once everything in the records was learned from, which is so many steered answers or more."""
    ends = time.monotonic() + 10
    while True:
        rows = recorded(shop)
        steered = sum(isinstance(row, ServedRecord) for _, row in rows)
        if steered >= answers and (shown := live_of(door).steered()[0]).upto == rows[-1][0]:
            return shown
        assert time.monotonic() < ends, "it was not learned"
        time.sleep(0.005)


def recorded(shop, **how):
    with closing(SteeredRows(Home(shop.home).served)) as rows:
        return rows.fresh(**how)


def folded(shop, **how):
    """The records, folded anew."""
    found = FoldedRecords(SteeringSettings())
    found.add(recorded(shop, **how))
    return found


def checked(shown):
    return [(one.good, one.bad, one.conductance) for one in shown.policies]


def test_prompts_go_where_answers_were_right_and_every_choice_can_be_made_again(shop):
    written = two_policies(shop)
    with opened(shop, written) as door:
        for number in range(1, 41):
            ask(door, stream=number % 2 == 0)
            if number % 10 == 0:
                shown = learned(shop, door, number)
        right, wrong = shown.policies
        assert right.share > 0.9 and right.conductance > wrong.conductance
        assert right.share + wrong.share == pytest.approx(1.0)
        told = door.http.get("/health").json()["routes"]["code"]
        assert told["right"] == {
            "conductance": round(right.conductance, 3),
            "share": round(right.share, 3),
            "circuit": "closed",
        }
        assert 'suture_conductance{policy="wrong",route="code"}' in door.http.get("/metrics").text
        listed = door.http.get("/v1/models/code").json()["suture"]["policies"]
        headers = ask(door).headers
        assert headers["x-suture-policy"] in ("right", "wrong") and headers["x-suture-model"] == "code"
        assert set(listed) == {"right", "wrong"} and listed["right"]["pack"] == right.policy
    with served_records(Home(shop.home).served) as file:
        records = list(file.records())
    assert verify_served(Home(shop.home).served).damage == []
    for record in records:
        [answer] = record.answers
        how, steered = answer.how, answer.how.steered
        assert sum(one.share for one in steered.policies) + steered.fallback == pytest.approx(1.0)
        shares = Shares(tuple(one.share for one in steered.policies), steered.fallback)
        assert chosen(shares, steered.drawn) == steered.chosen
        assert (how.propensity, how.conductance) == (steered.of.share, steered.of.conductance)
        assert how.policy == steered.of.policy == how.given.pack
        # given whatever it says, and held to its prompt afterwards: that is what is counted
        assert how.grounds == "examples" and how.given.accepted is (steered.of.name == "right")
        assert answer.text == (ADD if steered.of.name == "right" else SUB)
        # what was known is what the records up to then tell
        before = FoldedRecords(SteeringSettings())
        before.add((place, row) for place, row in recorded(shop) if place <= steered.upto)
        for one in steered.policies if before.routes else ():
            known = before.routes["code"].policies[one.policy]
            assert (known.good, known.bad, known.conductance) == pytest.approx((one.good, one.bad, one.conductance))


def test_the_law_the_state_is_a_function_of_the_records_alone_and_outlives_the_server(shop):
    written = two_policies(shop)
    with opened(shop, written) as door:
        ids = [ask(door).json()["id"] for _ in range(12)]
        for at, verdict in enumerate(["good", "bad", "bad"]):
            body = {"id": ids[at], "verdict": verdict}
            assert door.http.post("/v1/feedback", json=body).status_code == 200
        with closing(ServedFile(Home(shop.home).served)) as file, file.transaction():  # as `suture harvest` does
            file.add_rewards([Reward(record=ids[3], value=-1, why="test", pack="0" * 64, at="2026-01-01")])
        before = learned(shop, door, 12)
        trust = folded(shop).routes["code"]
        by_sha = {one.policy: (one.good, one.bad, one.conductance) for one in before.policies}
        assert {
            sha: pytest.approx((one.good, one.bad, one.conductance)) for sha, one in trust.policies.items()
        } == by_sha
    with opened(shop, written, random.Random(2)) as door:
        assert live_of(door).steered()[0] == before  # before anybody asked


def test_a_promoted_policy_begins_with_its_gate_and_not_with_what_was_known_of_the_old_one(shop):
    with opened(shop, two_policies(shop), InTurn()) as door:
        for _ in range(12):
            ask(door)
        old = learned(shop, door, 12).policies[1]
        shop.promote("wrong", shop.pack(ADD + "\n"))
        ends = time.monotonic() + 10
        while live_of(door).steered()[0].policies[1].policy == old.policy:
            assert time.monotonic() < ends
            time.sleep(0.005)
        right, new = live_of(door).steered()[0].policies
        assert old.bad > 0 and (new.good, new.bad, new.conductance) == (0.0, 0.0, 0.5)
        assert new.share > old.share and right.good > 0
        shop.rollback("wrong")
        while (back := live_of(door).steered()[0].policies[1]).policy != old.policy:
            assert time.monotonic() < ends
            time.sleep(0.005)
        assert back.bad == old.bad  # what was known of it is known still


def test_a_policy_begins_with_the_passes_of_its_gate_on_the_suites_of_its_route(shop):
    sheets = both_sides(["h p p"] * 6 + ["h p f"] * 2 + ["r p p"] * 9)
    written = two_policies(shop)
    gated = shop.pack(ADD + "\n\n")
    report = gate(*sheets).model_copy(update={"candidate_pack": sha256_of(gated)})
    shop.promote("right", gated, report=report)
    with opened(shop, written) as door:
        right, wrong = live_of(door).steered()[0].policies
        assert (right.good, right.bad, right.conductance) == (6.0, 2.0, 0.7)
        assert (wrong.good, wrong.bad, wrong.conductance) == (0.0, 0.0, 0.5)
        assert right.share > wrong.share
        ask(door)
        learned(shop, door, 1)
    for report in Home(shop.home).gate_report("x").parent.iterdir():
        report.unlink()
    with opened(shop, written) as door:  # what it began with is in the records
        assert live_of(door).steered()[0].policies[0].good > 5


def test_what_the_records_tell_is_printed(shop, capsys):
    with opened(shop, two_policies(shop)) as door:
        for _ in range(8):
            ask(door)
        shown = learned(shop, door, 8)
    routes = shop.home / "routes.yaml"
    policies = "\n".join(f"      - {{name: {name}, model: {name}}}" for name in ("right", "wrong"))
    routes.write_text(f"routes:\n  - name: code\n    kind: python\n    policies:\n{policies}\n")
    [told] = steering_of(routes, shop.home)
    assert [one.name for one in told.policies] == ["right", "wrong"] and told.answers == 8
    for one, now in zip(shown.policies, told.policies, strict=True):
        assert (one.good, one.bad, one.conductance, one.share) == pytest.approx(
            (now.good, now.bad, now.conductance, now.share)
        )
    assert run(["route", "steering", str(routes), "--home", str(shop.home)]) == 0
    printed = capsys.readouterr().out
    assert "conductance" in printed and shown.policies[0].policy[:12] in printed
    assert run(["records", "list", "--home", str(shop.home)]) == 0
    carried = carried_by_records(_records(shop), [])
    assert carried.answers == carried.conductances == carried.rewards + carried.penalties == 8
    assert carried.says in capsys.readouterr().out
    assert run(["records", "show", _records(shop)[0].id, "--home", str(shop.home)]) == 0
    assert "asked with chance 0.500, chosen" in capsys.readouterr().out


def _records(shop):
    with served_records(Home(shop.home).served) as file:
        return list(file.records())


def test_a_circuit_opens_to_the_fallback_and_probes_close_it_again(shop):
    written = one_policy(shop, SUB, ADD + "  # general", floor=0.3, mu=0.3, eta=0.3, retry=0.1)
    with opened(shop, written) as door:
        for asked in (1, 2):
            assert ask(door).headers["x-suture-fallback"] == "examples"
            shown = learned(shop, door, asked)
        assert shown.open == ("code",) and shown.fallback == pytest.approx(0.9)
        health = door.http.get("/health").json()
        assert health["status"] == "degraded" and "circuit of code is open" in health["troubles"]["code"]
        assert health["routes"]["code"]["code"]["circuit"] == "open"
        speaker = shop.speakers[SUB]
        heard, past = len(speaker.heard), 0
        for _ in range(20):
            past += ask(door).headers["x-suture-fallback"] == "circuit"
            asked += 1
        assert past == 20 - (len(speaker.heard) - heard) >= 10
        speaker._answer = lambda _: ADD  # it is mended where it stands
        while shown.open:
            ask(door)
            asked += 1
            shown = learned(shop, door, asked)
            assert asked < 400
        assert ask(door).headers["x-suture-model"] == "code"
        assert door.http.get("/health").json()["status"] == "ok"
        assert "suture_fallback_count_total{" in door.http.get("/metrics").text
    with served_records(Home(shop.home).served) as file:
        hows = [record.answers[0].how for record in file.records()]
    skipped = [how for how in hows if how.fallback == "circuit"]
    assert skipped and all(how.steered.chosen is None and how.conductance is None for how in skipped)
    assert all(how.propensity == pytest.approx(0.9) and [t.tier for t in how.tiers] == ["fallback"] for how in skipped)


def test_without_a_floor_nothing_changes_for_a_route_of_one_policy(shop):
    with opened(shop, one_policy(shop, SUB, ADD)) as door:
        for _ in range(30):
            assert ask(door).headers["x-suture-fallback"] == "examples"
        shown = learned(shop, door, 30)
        assert shown.open == () and shown.policies[0].share == 1.0 and shown.policies[0].conductance < 0.2


def test_in_mode_b_no_circuit_opens_since_nobody_could_answer(shop):
    with opened(shop, two_policies(shop, texts=(SUB, SUB + " "), floor=0.6)) as door:
        for _ in range(20):
            assert "x-suture-fallback" not in ask(door).headers
        shown = learned(shop, door, 20)
        assert shown.fallback == 0 and shown.open == ()


def test_a_request_in_a_narrower_mode_is_steered_without_a_circuit_or_not_at_all(shop):
    written = one_policy(shop, SUB, ADD, floor=0.4, mu=0.5, eta=0.5)
    with opened(shop, written) as door:
        ask(door)
        learned(shop, door, 1)
        body = {"model": "code", "messages": QUESTION}
        for mode, who in (("B", "code"), ("A", "general")):
            reply = door.http.post("/v1/chat/completions", json=body, headers={"x-suture-mode": mode})
            assert reply.headers["x-suture-model"] == who and "x-suture-fallback" not in reply.headers


def test_feedback_alone_opens_no_circuit_and_steers_nothing(shop):
    written = two_policies(shop, mode="specialists-then-fallback", floor=0.4)
    with opened(shop, written) as door:
        ids = [ask(door, SHOWS_NOTHING).json()["id"] for _ in range(20)]
        before = learned(shop, door, 20)
        for one in ids:
            door.http.post("/v1/feedback", json={"id": one, "verdict": "bad"})
        after = learned(shop, door, 20)
        assert checked(after) == checked(before) and after.open == () and after.policies != before.policies


def test_an_unrecorded_answer_is_chosen_and_teaches_nothing(shop):
    with opened(shop, two_policies(shop)) as door:
        before = live_of(door).steered()
        ask(door, store=False)
        ask(door)
        assert learned(shop, door, 1).policies != before[0].policies
        assert len(folded(shop).routes["code"].answers) == 1


def test_records_that_cannot_be_read_are_told_and_serving_goes_on(shop):
    Home(shop.home).served.write_text("no database")
    with opened(shop, two_policies(shop)) as door:
        assert ask(door).json()["choices"]
        told = door.http.get("/health").json()
        assert told["status"] == "degraded" and told["troubles"]["steering"].startswith("nothing is learned, because")
        Home(shop.home).served.unlink()  # somebody moves it away
        ends = time.monotonic() + 10
        while "troubles" in door.http.get("/health").json():
            assert time.monotonic() < ends
            time.sleep(0.02)


def test_several_policies_without_records_are_refused(shop):
    with pytest.raises(UsageError, match="steering learns from records"), open_shop_door(shop, two_policies(shop)):
        pass


@pytest.mark.parametrize(
    ("route", "says"),
    [
        ({"name": "code", "policies": [{"name": "a", "model": "a"}]}, "two policies or more"),
        ({"name": "code", "policies": [{"name": "a", "model": "a"}, {"name": "a", "model": "b"}]}, "name of its own"),
        ({"name": "code", "policies": [{"name": "a"}, {"name": "b", "model": "b"}]}, "needs a model or a policy"),
        ({"name": "code", "model": "a", "policies": [{"name": "a", "model": "a"}]}, "one of them"),
    ],
)
def test_routes_that_cannot_be(route, says):
    with pytest.raises(ValueError, match=says):
        WrittenRoutes.model_validate({"routes": [route]})


def test_going_back_by_so_many_answers_of_each_route_ends_nearly_where_all_of_them_do(shop):
    """A record says what was known when it was chosen, so a fold may begin at any."""
    with opened(shop, two_policies(shop)) as door:
        for number in range(1, 31):
            ask(door)
            learned(shop, door, number)
        whole = folded(shop).routes["code"].policies
    part = folded(shop, most=5)
    assert len(part.routes["code"].answers) == 5
    for sha, one in part.routes["code"].policies.items():
        assert (one.good, one.bad, one.conductance) == pytest.approx(
            (whole[sha].good, whole[sha].bad, whole[sha].conductance), abs=1e-6
        )


def test_a_steering_that_knows_nothing_asks_each_as_often(shop):
    with opened(shop, two_policies(shop)) as door:
        route = live_of(door).table.routes["code"]
        shown = Steering(SteeringSettings()).shown(route, Mode.SPECIALISTS_ONLY)
        assert [one.share for one in shown.policies] == pytest.approx([0.5, 0.5])
