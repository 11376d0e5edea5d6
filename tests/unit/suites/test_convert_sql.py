"""Spider's and BIRD's rows and databases as tasks."""

import sqlite3
from contextlib import closing

import pytest
from tests.support.converting import why

from suture.suites.convert.databases import script_of, tables_of


@pytest.fixture
def database(tmp_path):
    def in_directory(directory):
        path = tmp_path / directory / "shop" / "shop.sqlite"
        path.parent.mkdir(parents=True)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(
                "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price REAL);"
                "INSERT INTO item VALUES (1, 'a;\nb', 2.5), (2, 'c', 4);"
            )
            connection.execute("INSERT INTO item VALUES (3, CAST(x'ff41' AS TEXT), 1)")

    return in_directory


class TestSql:
    def test_spider(self, converted, database):
        database("database")
        query = "SELECT name FROM item WHERE price > 3"
        rows = [{"question": "Which cost more than 3?", "query": query, "db_id": "shop"}, {"db_id": "gone"}]
        conversion = converted("spider", *rows, file="dev.jsonl")
        (row,) = conversion.kept
        assert "CREATE TABLE item" in row["prompt"]
        assert "INSERT" not in row["prompt"]
        assert "INSERT" in row["check"]["setup"]
        assert "its database gone.sqlite is not in " in why(conversion)[0]

    def test_birds_hint_is_part_of_the_question(self, converted, database, tmp_path):
        database("elsewhere")
        row = {
            "question_id": 5,
            "question": "Which are dear?",
            "evidence": "dear means price > 3",
            "SQL": "SELECT name FROM item WHERE price > 3",
            "db_id": "shop",
            "difficulty": "simple",
        }
        (made,) = converted("bird", row, databases=tmp_path / "elsewhere").kept
        assert "Hint: dear means price > 3" in made["prompt"]
        assert made["id"] == "bird/5"
        assert made["tags"] == ["shop", "simple"]

    def test_what_is_no_database_is_said(self, converted, tmp_path):
        (tmp_path / "database" / "x").mkdir(parents=True)
        (tmp_path / "database" / "x" / "x.sqlite").write_text("no database at all, only text" * 20)
        row = {"question": "a", "query": "SELECT 1", "db_id": "x"}
        assert "cannot be read" in why(converted("spider", row, file="dev.jsonl"))[0]

    def test_a_name_of_a_database_is_no_path(self, converted, database):
        database("database")
        row = {"question": "a", "query": "SELECT 1", "db_id": "../database/shop"}
        assert why(converted("spider", row, file="dev.jsonl")) == ["'../database/shop' is no name of a database"]

    def test_birds_other_files_share_the_databases_beside_them(self, converted, database):
        database("dev_databases")
        row = {"question": "All?", "evidence": "", "SQL": "SELECT name FROM item", "db_id": "shop"}
        assert len(converted("bird", row, file="mini_dev_sqlite.json").kept) == 1

    def test_a_script_makes_the_database_again_and_is_short(self, tmp_path):
        path = tmp_path / "a.sqlite"
        infinite = (float("inf"), float("-inf"), 1.5)
        rows = [(number, f"it's,Inf,; {number}\n", None, infinite[number % 3], b"\x00\xff") for number in range(1_000)]
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                'CREATE TABLE "a ""b""" (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, n, r REAL, b BLOB)'
            )
            connection.execute("CREATE TABLE other (id)")
            connection.executemany('INSERT INTO "a ""b""" VALUES (?, ?, ?, ?, ?)', rows)
            connection.execute("INSERT INTO other VALUES (1)")
            dumped = sum(map(len, connection.iterdump()))
        script = script_of(path)
        with closing(sqlite3.connect(":memory:")) as again:
            again.executescript(script)
            assert again.execute('SELECT * FROM "a ""b"""').fetchall() == rows
            assert again.execute("SELECT * FROM other").fetchall() == [(1,)]
        assert len(script) < 0.7 * dumped


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE t(a TEXT -- comment;\n, b INT);",
        "CREATE TABLE t(a TEXT DEFAULT 'x;\ny', b INT);",
        "CREATE TABLE t(a);",
    ],
)
def test_a_table_is_shown_whole(table):
    script = f"{table}\nINSERT INTO t VALUES('CREATE TABLE no;\n');\nCREATE INDEX i ON t(a);\n"
    assert tables_of(script) == table
