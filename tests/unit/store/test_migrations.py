"""A ledger of every released schema is brought up to date with all it holds."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from suture.core.errors import BadFile
from suture.core.model.registry_events import pack_of
from suture.core.plan.stages import PROMOTE
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.migrations import MIGRATIONS
from suture.store.store import Store
from suture.store.verification import verify_store

SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))
"""Dumps of small ledgers (two repairs and a rollback, with a scripted engine), written by the Suture of that schema."""


def dumped(path, schema):
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(schema.read_text())
    return path


def schema_of(path):
    with closing(sqlite3.connect(path)) as db:
        return set(db.execute("SELECT type, name, sql FROM sqlite_master").fetchall())


@pytest.fixture(params=SCHEMAS, ids=[schema.stem for schema in SCHEMAS])
def old(request, tmp_path):
    return dumped(tmp_path / "home" / "ledger.db", request.param)


def test_there_is_a_ledger_of_every_schema_but_the_last():
    assert [schema.stem for schema in SCHEMAS] == [name for name, _ in MIGRATIONS[:-1]]


def test_all_it_holds_is_still_there(old):
    with closing(sqlite3.connect(old)) as db:
        attempts = dict(db.execute("SELECT batch, COUNT(*) FROM attempts GROUP BY batch").fetchall())
        verdicts = db.execute("SELECT task, program, judge FROM verdicts").fetchall()
        spent = db.execute("SELECT SUM(seconds) FROM spans").fetchone()[0]
    with closing(Ledger(old)) as ledger:
        assert [run["name"] for run in ledger.runs()] == ["scripted", "second"]
        assert [ledger.plan(run["id"]).recipe.name for run in ledger.runs()] == ["scripted", "second"]
        assert [event.action for event in ledger.events()] == ["register", "promote", "rollback"]
        assert {batch: len(ledger.attempts(batch)) for batch in attempts} == attempts
        assert verdicts and all(ledger.verdict(*key) for key in verdicts)
        assert [ledger.result(run["id"], PROMOTE).decision for run in ledger.runs()] == [
            "promote",
            "reject",
        ]
        assert sum(sum(ledger.stage_seconds(run["id"]).values()) for run in ledger.runs()) == pytest.approx(
            spent, rel=0.9
        )
        assert ledger.pack_path(pack_of(ledger.events(), "m")).startswith("packs/")
        first = ledger.runs()[0]["directory"]
        assert {f"{first}/gate.json", f"{first}/adapter/adapter_model.safetensors"} <= ledger.files().keys()


def test_its_records_are_chained_from_then_on(old, event):
    with closing(Ledger(old)) as ledger:
        ledger.add_event(event("new"), over=None)
        verified = verify_store(Store(Home(old.parent), ledger))
        assert verified.records == ledger.head[0] > 60
        assert {damage.where for damage in verified.damage} == set(ledger.files()), "only its files are not here"


def test_its_schema_is_that_of_a_new_one(old, tmp_path):
    with closing(Ledger(old)), closing(Ledger(tmp_path / "new" / "ledger.db")):
        assert schema_of(old) == schema_of(tmp_path / "new" / "ledger.db")


def test_a_migration_that_stops_half_way_leaves_the_old_ledger(tmp_path):
    old = dumped(tmp_path / "home" / "ledger.db", SCHEMAS[0])
    before = schema_of(old)
    with closing(sqlite3.connect(old)) as db:
        db.execute("UPDATE stages SET output = 'no JSON' WHERE stage = 'gate'")
        db.commit()
    with pytest.raises(json.JSONDecodeError):
        Ledger(old)
    assert schema_of(old) == before


def test_a_ledger_of_a_later_schema_is_left_alone(ledger):
    with closing(sqlite3.connect(ledger.path)) as db:
        db.execute("INSERT INTO migrations VALUES ('9999-later')")
        db.commit()
    with pytest.raises(BadFile, match="newer Suture") as caught:
        Ledger(ledger.path)
    assert caught.value.mend == "update Suture"
