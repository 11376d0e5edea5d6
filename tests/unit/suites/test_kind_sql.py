"""Kind ``sql``: which rows are the reference's, which queries are refused, and which references are broken."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kinds import completed, in_sandbox, own, trials_of

from suture.core.measure.attempt import FinishReason
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.task import fenced
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.judge import open_judge
from suture.loop.measuring.soundness import broken_tasks
from suture.suites.kinds import kind_of
from suture.suites.kinds.sql import rows as rule
from suture.suites.kinds.sql import runner

SHOP = """
CREATE TABLE item(code INTEGER PRIMARY KEY, label TEXT COLLATE NOCASE, price REAL, shelf TEXT, note BLOB);
INSERT INTO item VALUES (1, 'lamp', 20.0, 'a', NULL), (2, 'rug', 50.0, 'b', x'00ff'), (3, 'Vase', 20.0, 'b', NULL),
  (4, 'lamp', 35.5, 'c', NULL), (5, 'mug', 4.25, 'a', NULL);
CREATE VIEW dear AS SELECT * FROM item WHERE price > 30;
"""
OTHER = SHOP.replace("20.0, 'a'", "21.0, 'c'")


PLAIN = ChatTemplate(source="")


@pytest.fixture(scope="module")
def judge():
    with open_judge(workers=1) as opened:
        yield opened


def task(reference, setup=SHOP, **more):
    return own("sql", {"setup": setup, "reference": reference, **more})


def key(judge, reference, answer, **more):
    return in_sandbox(judge, task(reference, **more), answer).key


@pytest.mark.parametrize(
    ("reference", "answer", "wanted"),
    [
        ("SELECT label FROM item", "SELECT label FROM item ORDER BY price;", "pass"),
        ("SELECT label FROM item", "-- all\nSELECT label AS x FROM item -- done", "pass"),
        ("SELECT label FROM item", "```sql\nSELECT label FROM item\n```", "pass"),
        ("SELECT label FROM item", "SELECT DISTINCT label FROM item", "fail:wrong"),
        ("SELECT label FROM item", "SELECT upper(label) FROM item", "fail:wrong"),
        ("SELECT label FROM item", "SELECT label, code FROM item", "fail:wrong"),
        ("SELECT label FROM item", "SELECT label FROM item UNION ALL SELECT 'x'", "fail:wrong"),
        ("SELECT code, label FROM item", "SELECT label, code FROM item", "fail:wrong"),
        ("SELECT code FROM item ORDER BY price, code", "SELECT code FROM item ORDER BY price, code DESC", "fail:wrong"),
        ("SELECT code FROM item ORDER BY price, code", "SELECT code FROM item ORDER BY 0 + price, code", "pass"),
        ("SELECT code FROM (SELECT code FROM item ORDER BY price)", "SELECT code FROM item", "pass"),
        ("SELECT 'order by 1', code FROM item", "SELECT 'order by 1', code FROM item ORDER BY 2 DESC", "pass"),
        ("WITH x AS (SELECT 1 a) SELECT a FROM x", "VALUES (1)", "pass"),
        ("SELECT count(*) FROM item", "SELECT 5", "pass"),
        ("SELECT count(*) FROM item", "SELECT 5.0", "pass"),
        ("SELECT count(*) FROM item", "SELECT '5'", "fail:wrong"),
        ("SELECT sum(price) / 3 FROM item", "SELECT 129.75 / 3.0000000000001", "pass"),
        ("SELECT sum(price) / 3 FROM item", "SELECT 129.75 / 3.00001", "fail:wrong"),
        ("SELECT 9007199254740993", "SELECT 9007199254740992", "fail:wrong"),
        ("SELECT note FROM item", "SELECT coalesce(note, '') FROM item", "fail:wrong"),
        ("SELECT note FROM item WHERE code = 2", "SELECT x'00ff'", "pass"),
        ("SELECT note FROM item WHERE code = 2", "SELECT '00ff'", "fail:wrong"),
        ("SELECT code FROM item WHERE label = 'rug'", 'SELECT code FROM item WHERE label = "rug"', "pass"),
        ("SELECT code FROM dear", "SELECT code FROM item WHERE price > 30", "pass"),
        ("SELECT cast(x'ff41' AS TEXT)", "SELECT cast(x'ff41' AS TEXT)", "pass"),
        ("SELECT cast(x'ff41' AS TEXT)", "SELECT x'ff41'", "fail:wrong"),
        ("SELECT date('2024-01-31', '+1 day')", "SELECT '2024-02-01'", "pass"),
        ("SELECT strftime('%Y', '2024-01-31')", "SELECT substr('2024-01-31', 1, 4)", "pass"),
    ],
)
def test_rows_are_equal(judge, reference, answer, wanted):
    assert key(judge, reference, answer) == wanted


@pytest.mark.parametrize(
    ("reference", "answer", "more", "wanted"),
    [
        ("SELECT code, label FROM item", "SELECT label, code FROM item", {"columns": "any"}, "pass"),
        ("SELECT code, label FROM item", "SELECT label, label FROM item", {"columns": "any"}, "fail:wrong"),
        ("SELECT code, code + 1 FROM item", "SELECT 6 - code, 7 - code FROM item", {"columns": "any"}, "pass"),
        (f"SELECT {'1, ' * 30}code FROM item", f"SELECT code{', 1' * 30} FROM item", {"columns": "any"}, "pass"),
        (
            "SELECT code FROM item ORDER BY price",
            "SELECT code FROM item ORDER BY price, code DESC",
            {"ties": "any"},
            "pass",
        ),
        (
            "SELECT code FROM item ORDER BY price",
            "SELECT code FROM item ORDER BY price DESC",
            {"ties": "any"},
            "fail:wrong",
        ),
        (
            "SELECT price, code FROM item ORDER BY 1",
            "SELECT price, code FROM item ORDER BY 1, 2 DESC",
            {"ties": "any"},
            "pass",
        ),
        (
            "SELECT DISTINCT shelf s, code FROM item ORDER BY s",
            "SELECT shelf, code FROM item ORDER BY shelf, -code",
            {"ties": "any"},
            "pass",
        ),
        (
            "SELECT shelf AS s, count(*) FROM item GROUP BY shelf ORDER BY 2 DESC",
            "SELECT shelf, count(*) FROM item GROUP BY shelf ORDER BY 2 DESC, 1 DESC",
            {"ties": "any"},
            "pass",
        ),
        ("SELECT code FROM item WHERE code > 9", "SELECT 1 WHERE 0", {"allow_empty": True}, "pass"),
        ("SELECT code FROM item WHERE code > 9", "SELECT 1", {"allow_empty": True}, "fail:wrong"),
        ("SELECT code FROM item WHERE shelf = 'c'", "SELECT 4", {"setup": [SHOP, OTHER]}, "fail:wrong"),
    ],
)
def test_options(judge, reference, answer, more, wanted):
    assert not broken_tasks(judge, [task(reference, **more)])
    assert key(judge, reference, answer, **more) == wanted


@pytest.mark.parametrize(
    "answer",
    [
        "DELETE FROM item RETURNING label",
        "INSERT INTO item(label) VALUES ('x') RETURNING label",
        "WITH x AS (SELECT 1) DELETE FROM item RETURNING label",
        "PRAGMA table_info(item)",
        "ATTACH 'x.db' AS x",
        "EXPLAIN SELECT label FROM item",
        "SELECT name FROM pragma_table_info('item')",
        "SELECT label FROM item; SELECT 1",
        "SELECT label FROM item; DROP TABLE item",
        "SELECT load_extension('x')",
        "SELECT label FROM item WHERE random() IS NOT NULL",
        "SELECT label FROM item WHERE date('now') IS NOT NULL",
        "SELECT label FROM item WHERE date('n' || 'OW') IS NOT NULL",
        "SELECT label FROM item WHERE date() IS NOT NULL",
        "SELECT label FROM item WHERE strftime('%Y') IS NOT NULL",
        "SELECT label FROM item WHERE datetime('subsec') IS NOT NULL",
        "SELECT label FROM item WHERE julianday(cast('now' AS BLOB)) IS NOT NULL",
        "SELECT label FROM item WHERE current_timestamp IS NOT NULL",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r",
        f"SELECT a1.label FROM {', '.join(f'item a{n}' for n in range(12))} ORDER BY a1.price + a9.price",
        "SELECT zeroblob(1000000000)",
        "SELECT printf('%.*c', 15000000, 'x')",
        "SELECT label FROM item\0",
        "SELECT '\ud800' FROM item",
        "SELECT label FROM nowhere",
        "SELECT label FRM item",
        "SELECT",
        "It is SELECT label FROM item",
        "```\nSELECT label FROM item\n```\n```\nSELECT 1\n```",
        "SELECT " + "(" * 5_000,
        "",
    ],
)
def test_no_query_does_more_than_read(judge, answer):
    told = in_sandbox(judge, task("SELECT label FROM item"), answer)
    assert (told.outcome, told.reason is Reason.FAULT) == (Outcome.FAIL, False), told


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("SELECT label FRM item", "syntax"),
        ("SELECT label\nFROM item\nWHERE", "syntax"),
        ("SELECT label FROM item WHERE label = 'rug", "syntax"),
        ("SELECT label FROM item)", "syntax"),
        ("SELECT label FROM item;\n\nThis lists the labels.", "syntax"),
        ("SELECT label FROM item; SELECT 1", "syntax"),
        ("SELECT label FROM item LIMIT 1 UNION SELECT 'x'", "syntax"),
        ("SELECT label FROM item\0", "syntax"),
        ("SELECT '\ud800' FROM item", "syntax"),
        ("WITH x AS (SELECT 1) DELETE FROM item RETURNING label", "syntax"),
        ("DELETE FROM item", "syntax"),
        ("SELECT lable FROM item", "exception"),
        ("SELECT label FROM nowhere", "exception"),
        ("SELECT 'near \"x\": syntax error' FROM nowhere", "exception"),
        ("SELECT nosuch(label) FROM item", "exception"),
        ("SELECT random() FROM item", "exception"),
        ("SELECT date('now') FROM item", "exception"),
        ("SELECT name FROM pragma_table_info('item')", "exception"),
    ],
)
def test_what_is_not_one_query_fails_in_form_and_what_cannot_run_does_not(judge, answer, wanted):
    assert key(judge, "SELECT label FROM item", answer) == f"fail:{wanted}"


@pytest.mark.parametrize("end", [";", "; -- note", ";\n/* note */\n", " -- note", "; -- one\n-- two\n", ";;"])
@pytest.mark.parametrize("ties", ["refused", "any"])
def test_a_reference_may_end_in_a_semicolon_and_comments(end, ties):
    assert own("sql", {"setup": SHOP, "reference": f"SELECT code FROM item ORDER BY code{end}", "ties": ties})


def test_a_comment_after_the_reference_is_nothing_of_it(judge):
    assert broken_tasks(judge, [task("SELECT code FROM item ORDER BY code; -- note", ties="any")]) == ()
    assert key(judge, "SELECT code FROM item; -- note", "SELECT code FROM item; -- all") == "pass"


def test_what_no_step_counts_is_ended_by_cpu_time(judge):
    slow = "SELECT length(printf('%.*c', 2000000000, 'x')) FROM item"
    assert in_sandbox(judge, task("SELECT code FROM item", limits={"cpu_s": 0.3}), slow).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("SELECT label FROM item LIMIT 2", "another order"),
        ("SELECT code FROM item ORDER BY price", "another order"),
        ("SELECT code FROM item ORDER BY price LIMIT 2", "another order"),
        ("SELECT group_concat(code) FROM item", "another order"),
        ("SELECT shelf FROM item GROUP BY shelf ORDER BY count(*) DESC LIMIT 1", "leaves open"),
        ("SELECT shelf FROM item GROUP BY shelf ORDER BY count(*) DESC", "leaves open"),
        ("SELECT shelf FROM item GROUP BY shelf LIMIT 2", "leaves open"),
        ("SELECT DISTINCT shelf FROM item LIMIT 2", "another order"),
        ("SELECT shelf FROM item UNION SELECT 'z' LIMIT 2", "leaves open"),
        ("WITH t AS (SELECT shelf, count(*) n FROM item GROUP BY 1) SELECT * FROM t ORDER BY n DESC LIMIT 1", "leaves"),
        (
            "SELECT code FROM item WHERE shelf = "
            "(SELECT shelf FROM item GROUP BY shelf ORDER BY count(*) DESC LIMIT 1 OFFSET 1)",
            "leaves open",
        ),
        ("SELECT code FROM item WHERE code > 9", "no rows"),
        ("SELECT date(lower('NOW'))", "reads the clock"),
        ("SELECT random()", "not authorized"),
        ("SELECT label FROM nowhere", "no such table"),
    ],
)
def test_a_reference_that_is_not_determined_is_broken(judge, reference, said):
    (broken,) = broken_tasks(judge, [task(reference)])
    assert said in broken.why
    assert "\n" not in broken.why


@pytest.mark.parametrize(
    "reference",
    [
        "SELECT date('now')",
        "SELECT current_date",
        "SELECT label FROM item WHERE code > 0 OR date('now', '+1 day') > '2000'",
        "SELECT CASE WHEN code > 0 THEN label ELSE strftime('%Y', 'now') END FROM item",
        "SELECT iif(code > 0, label, julianday()) FROM item",
        "SELECT max(date(label), date(' NOW ')) FROM item",
    ],
)
def test_a_reference_that_names_the_clock_is_refused_whether_or_not_it_comes_to_it(reference):
    with pytest.raises(ValueError, match="reads the clock"):
        own("sql", {"setup": SHOP, "reference": reference})


@pytest.mark.parametrize(
    "reference",
    [
        "SELECT code FROM item ORDER BY code",
        "SELECT max(price) FROM item",
        "SELECT DISTINCT label FROM item WHERE label = 'LAMP'",
        "SELECT shelf, count(*) FROM item GROUP BY shelf ORDER BY 2 DESC, 1",
        "SELECT count(*) FROM dear",
        "SELECT date('2024-01-15', '+1 day'), strftime('%Y', '2024-01-15'), 'now'",
        "SELECT max(code) AS current_date FROM item",
        "SELECT t.current_date FROM (SELECT 1 AS current_date) AS t",
        "SELECT shelf FROM item GROUP BY shelf ORDER BY count(*) DESC, shelf LIMIT 1",
        "SELECT shelf FROM item GROUP BY shelf LIMIT 9",
        "SELECT * FROM item ORDER BY code DESC LIMIT 2",
        "SELECT note FROM item ORDER BY note LIMIT 2",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c LIMIT 10",
        "SELECT code FROM item WHERE shelf IN (SELECT shelf FROM item GROUP BY 1 ORDER BY count(*) DESC LIMIT 2)",
    ],
)
def test_a_determined_reference_is_sound(judge, reference):
    assert broken_tasks(judge, [task(reference), task(reference, setup=[SHOP, OTHER])]) == ()


@pytest.mark.parametrize(
    ("reference", "sound"),
    [
        ("SELECT shelf FROM item GROUP BY shelf ORDER BY count(*) DESC", True),
        ("SELECT shelf FROM item GROUP BY shelf ORDER BY count(*) DESC LIMIT 2", True),
        ("SELECT shelf FROM item GROUP BY shelf ORDER BY count(*) DESC LIMIT 1", False),
    ],
)
def test_where_ties_are_free_a_limit_may_still_cut_none(judge, reference, sound):
    assert (broken_tasks(judge, [task(reference, ties="any")]) == ()) is sound


def test_a_shown_reference_must_give_the_rows_of_the_check(judge):
    row = {"setup": SHOP, "reference": "SELECT code FROM item"}
    (broken,) = broken_tasks(judge, [own("sql", row, reference="SELECT label FROM item")])
    assert "does not give the rows of its check" in broken.why
    assert broken_tasks(judge, [own("sql", row, reference="SELECT code FROM item WHERE 1")]) == ()


def test_a_setup_that_cannot_run_is_broken(judge):
    (broken,) = broken_tasks(judge, [task("SELECT 1", setup="CREATE TABLE (")])
    assert "in `setup`, which is SQL: " in broken.why
    assert "syntax error" in broken.why


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"reference": "DELETE FROM item"}, "no SELECT"),
        ({"reference": "ATTACH 'x' AS x"}, "no SELECT"),
        ({"reference": "SELECT 1; SELECT 2"}, "2 statements"),
        ({"reference": "SELECT 1; -- one\nSELECT 2"}, "2 statements"),
        ({"reference": "SELECT FROM WHERE"}, "cannot be parsed"),
        ({"reference": "WITH x AS (SELECT 1) DELETE FROM item"}, "no SELECT"),
        ({"reference": "SELECT 1", "setup": []}, "setup"),
        ({"reference": "SELECT 1", "tie": "any"}, "tie"),
        ({"reference": "SELECT DISTINCT code FROM item ORDER BY price + 1", "ties": "any"}, "select it too"),
    ],
)
def test_a_reference_that_is_no_query_is_refused(check, said):
    with pytest.raises(ValueError, match=said):
        own("sql", {"setup": SHOP, **check})


def test_a_refilled_database_holds_the_same_in_the_other_order():
    setup = (
        SHOP + "CREATE TABLE pair(a INT, b TEXT, c AS (a + 1), PRIMARY KEY (a, b)) WITHOUT ROWID;"
        "INSERT INTO pair VALUES (1, 'x'), (2, 'y'); CREATE INDEX i ON item(price);"
        "CREATE TABLE odd(\"a b\" TEXT UNIQUE, rowid INT); INSERT INTO odd VALUES ('p', 1), ('q', 2);"
    )
    with closing(runner.opened(setup)) as first, closing(runner.opened(setup)) as there:
        runner.refill(there)
        for table in ("item", "pair", "odd"):
            here = first.execute(f"SELECT * FROM {table}").fetchall()
            assert there.execute(f"SELECT * FROM {table}").fetchall() == here[::-1]
        assert there.execute("SELECT code FROM dear").fetchall() == [(4,), (2,)]
        assert there.execute("SELECT count(*) FROM item WHERE label = 'VASE'").fetchone() == (1,)


def test_what_is_taught_and_what_was_cut_off():
    opened = task("SELECT 1").model_copy(update={"form": fenced("sql")})
    assert kind_of(opened).target_of_reference(opened, PLAIN, restyle=True) == "SELECT 1\n```"
    assert kind_of(opened).target_of_answer(opened, PLAIN, "SELECT 1;\n```\nDone") == "SELECT 1;\n```"
    failed = Verdict(outcome=Outcome.FAIL, reason=Reason.EXCEPTION)
    assert kind_of(opened).settle(completed("SELECT", FinishReason.LENGTH), failed).reason is Reason.TRUNCATED


def test_equal_answers_are_run_alike_and_the_answer_is_in_no_source():
    first, again = (kind_of(task("SELECT 1")).sandboxing.submission(task("SELECT 1"), "SELECT 2") for _ in range(2))
    assert (first.task.digest, first.program) == (again.task.digest, "SELECT 2")
    assert "SELECT 2" not in str(first.task.to_json())
    assert {trial.must_pass for trial in trials_of(task("SELECT 1"))} == {True}


CELLS = (
    st.none() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 1.0 + 1e-12, 1e300]) | st.sampled_from(["1", "", "a"])
)
TABLES = st.lists(st.lists(CELLS | st.just(b"a"), min_size=2, max_size=2), max_size=6)


@given(TABLES, st.randoms(use_true_random=False))
def test_rows_equal_themselves_in_any_order_and_any_order_of_columns(rows, chance):
    expected = {"ordered": False, "keys": None, "extra": 0, "columns": "place"}
    mixed = chance.sample(rows, len(rows))
    assert rule.difference(expected, [2, rows], [2, mixed]) == ""
    turned = [row[::-1] for row in mixed]
    assert rule.difference({**expected, "columns": "any"}, [2, rows], [2, turned]) == ""


@given(TABLES, TABLES)
def test_rows_are_the_same_only_one_to_one(wanted, found):
    expected = {"ordered": False, "keys": None, "extra": 0, "columns": "place"}
    same = rule.difference(expected, [2, wanted], [2, found]) == ""
    assert same == (rule.difference(expected, [2, found], [2, wanted]) == "")
    if same:
        assert len(wanted) == len(found)
        assert all(any(rule.same_row(row, other) for other in found) for row in wanted)


def test_the_rules_of_cells_are_sqlites():
    with closing(sqlite3.connect(":memory:")) as database:
        assert database.execute("SELECT 1 = 1.0, '1' = 1, NULL IS ''").fetchone() == (1, 0, 0)
