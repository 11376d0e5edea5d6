"""Tasks of one's own that cannot be used: exit code 2, one line that says what and where, and a mend.

What shows without running anything refuses the file. The rest is found in the sandbox, and names the tasks.
"""

import json

import pytest

SETUP = "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'x'), (3, 'y');"
LOOP = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
INTEGER = {"type": "integer"}
CALL = [{"name": "f", "arguments": {"a": 1}}]


def row(kind, check, **changes):
    return {"id": "a", "kind": kind, "prompt": "Well?", "check": check, **changes}


def schema(schema, **check):
    return row("json", {"schema": schema, **check})


def sql(reference, **check):
    return row("sql", {"setup": SETUP, "reference": reference, **check})


def tool(parameters, *, calls=CALL, name="f", **check):
    return row("tool-calls", {"calls": calls, **check}, tools=[{"name": name, "parameters": parameters}])


def parameters(a=INTEGER, **more):
    return {"type": "object", "properties": {"a": a}, **more}


def raw(check, **more):
    """A row as text, with a check that Python's JSON writer would not write."""
    fields = "".join(f', "{name}": {value}' for name, value in more.items())
    return f'{{"id": "a", "kind": "json", "prompt": "Well?", "check": {check}{fields}}}'


REFUSED = [
    (schema({"type": "strin"}), '"strin" is no type'),
    (schema("object"), "a schema is an object, true or false"),
    (schema(False), "never be met"),
    (schema({"$ref": "http://example.org/s.json"}), "refers to http://example.org/s.json, and nothing is fetched"),
    (schema({"$ref": "file:///etc/passwd"}), "refers to file:///etc/passwd, and nothing is fetched"),
    (schema({"$id": "https://example.org/a", "$ref": "b.json"}), "https://example.org/b.json, and nothing is fetched"),
    (schema({"properties": {"x": {"$ref": "other.json#/y"}}}), "other.json#/y, and nothing is fetched"),
    (schema({"$dynamicRef": "http://example.org/s#n"}), "and nothing is fetched"),
    (schema({"$ref": "#/$defs/x"}), "refers to #/$defs/x, which it does not have"),
    (schema({"$ref": "#"}), "# refers to itself"),
    (schema({"allOf": [{"$ref": "#"}]}), "# refers to itself"),
    (schema({"not": {"$ref": "#"}}), "# refers to itself"),
    (schema({"$dynamicAnchor": "n", "$dynamicRef": "#n"}), "#n refers to itself"),
    (schema({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}), "refers to itself"),
    (schema({"$schema": "http://example.org/meta"}), "no draft that is known"),
    (schema({"pattern": "(?<=a)b"}), "looks around"),
    (schema({"pattern": r"(a)\1"}), "refers back"),
    (schema({"patternProperties": {"(?=a)": {}}}), "looks around"),
    (schema({"pattern": "(a{1000}){1000}"}), "is too large"),
    (schema({"type": "string"}, equals=1), "not allowed by its own schema"),
    (schema({"format": "dates"}, assert_format=True), "the format 'dates' is unknown"),
    (row("json", {"equal": 1}), "unknown field of a json check: 'equal'; did you mean 'equals'?"),
    (row("jsn", {"equals": 1}), "unknown kind 'jsn'; did you mean 'json'?"),
    ({"id": "a", "kind": "json", "prompt": "Well?"}, "as `check`, or as `expected`"),
    (row("json", {"equals": 1}, prompt=" \n"), "its question is empty"),
    (row("json", {"equals": 1}, prompt=None, messages=[]), "its question is empty"),
    (row("json", {"equals": 1}, id=""), "id is empty"),
    (raw('{"equals": {"a": 1, "a": 2}}'), "has the key 'a' twice"),
    (raw('{"equals": 1}', id='"b"'), "has the key 'id' twice"),
    (raw('{"equals": NaN}'), "NaN, infinity"),
    (raw('{"equals": 1e999999}'), "a number beyond"),
    (raw(f'{{"equals": {10**4000}{10**4000}}}'), "too many digits"),
    (raw(f'{{"equals": {"[" * 300}{"]" * 300}}}'), "nested deeper than 200"),
    (raw(f'{{"equals": {"[" * 100_000}{"]" * 100_000}}}'), "nested too deeply"),
    (raw('{"equals": "\\ud800"}'), "'check' has half a surrogate pair"),
    (raw('{"equals": "x"}', reference='"\\udc00"'), "'reference' has half a surrogate pair"),
    (row("text", {"regex": "(?<=a)b"}), "look-around"),
    (row("text", {"regex": r"(a)\1"}), "back-references"),
    (row("text", {"regex": "a*"}), "fits the empty answer"),
    (row("text", {"regex": "x?", "search": True}), "fits the empty answer"),
    (row("text", {"regex": "(a{1000}){1000}"}), "1000 times at most"),
    (row("text", {"number": "nan"}), "not a finite number"),
    (row("text", {"number": "1,5"}), "not a number"),
    (row("text", {"exact": "\u200b"}), "an empty answer"),
    (row("text", {"contains": ["\u202e"]}), "an empty answer"),
    (sql("INSERT INTO t VALUES (9, 'z')"), "no SELECT, WITH or VALUES"),
    (sql("WITH x AS (SELECT 1) INSERT INTO t SELECT 5, 'z' FROM x"), "no SELECT, WITH or VALUES"),
    (sql("PRAGMA user_version"), "no SELECT, WITH or VALUES"),
    (sql("ATTACH 'x.db' AS y"), "no SELECT, WITH or VALUES"),
    (sql("VACUUM INTO 'x.db'"), "no SELECT, WITH or VALUES"),
    (sql(""), "no SELECT, WITH or VALUES"),
    (sql("SELECT 1; SELECT 2"), "2 statements"),
    (sql("SELECT FROM WHERE"), "cannot be parsed: line 1, at 'WHERE'"),
    (sql("SELECT 1", setup=[]), "setup is empty"),
    (row("grader", {"grader": "def grade(answer, task) return"}), "no Python"),
    (row("grader", {"grader": "def grde(answer, task):\n    return True\n"}), "defines no grade"),
    (tool(None), "has no parameters"),
    (tool({}), "no JSON Schema of type 'object'"),
    (sql("SELECT a FROM t WHERE a > 0 OR date('now') > '2000'"), "reads the clock"),
    (tool(parameters({"type": "int"})), "parameter 'a' has the unknown type 'int'"),
    (tool(parameters({"anyOf": [{"type": "str"}]})), "parameter 'a', anyOf has the unknown type 'str'"),
    (tool(parameters({"type": "array", "items": {"type": "dict"}})), "items has the unknown type 'dict'"),
    (tool(parameters("integer")), "parameter 'a' is no schema"),
    (tool(parameters(None)), "parameter 'a' is no schema"),
    (tool(parameters({"enum": 5})), "`enum` that is no list"),
    (tool(parameters(required="a")), "`required` that is no list"),
    (tool(parameters(required=["zz"]), calls=[]), "requires 'zz', which its properties do not have"),
    (tool(parameters(), name="f\nx"), "no name of a tool"),
    (tool(parameters(), optional=["zz"]), "`optional` names 'zz'"),
    (tool(parameters(), calls=[{"name": "g", "arguments": {}}]), "which is not offered"),
    (tool(parameters(), calls=[{"name": "f", "arguments": {"a": "x"}}]), "a type or value that the tool does not take"),
]


@pytest.mark.parametrize(("bad", "words"), REFUSED, ids=lambda value: value if isinstance(value, str) else None)
def test_a_row_that_cannot_be_used_refuses_the_file(suture, tmp_path, bad, words):
    good = json.dumps(row("text", {"exact": "Lima"}, id="good", prompt="Capital of Peru?"))
    path = tmp_path / "own.jsonl"
    path.write_text(f"{good}\n{bad if isinstance(bad, str) else json.dumps(bad)}\n")
    said = suture("suite", "check", path)
    assert said.code == 2
    first, mend = said.err.splitlines()
    assert first.startswith(f"suture: {path}, line 2: ")
    assert words in first
    assert mend.startswith("  mend: ")
    assert said.out == ""


GRADE = "def grade(answer, task):\n    "
BROKEN = {
    "writes": (sql("SELECT a FROM t", setup=SETUP + "ATTACH 'x.db' AS e; CREATE TABLE e.x(a);"), "unable to open"),
    "runs on": (sql(f"{LOOP} SELECT count(*) FROM c", limits={"cpu_s": 1}), "CPU time"),
    "extension": (sql("SELECT load_extension('x')"), "not authorized"),
    "pragma": (sql("SELECT * FROM pragma_table_info('t')"), "not authorized"),
    "chance": (sql("SELECT a FROM t ORDER BY random()"), "not authorized"),
    "clock": (sql("SELECT date(lower('NOW'))"), "reads the clock"),
    "ties": (sql("SELECT a FROM t ORDER BY b"), "filled in another order"),
    "some": (sql("SELECT a FROM t LIMIT 1"), "filled in another order"),
    "no rows": (sql("SELECT a FROM t WHERE a > 9"), "no rows"),
    "no table": (sql("SELECT a FROM u"), "no such table"),
    "yes": (row("grader", {"grader": GRADE + "return True"}), "the answer '' passes"),
    "null": (row("grader", {"grader": GRADE + "return answer in ('ok', 'null')"}), "the answer 'null' passes"),
    "no": (row("grader", {"grader": GRADE + "return False"}, reference="ok"), "its reference fails"),
    "one": (row("grader", {"grader": GRADE + "return 1"}), "returned int"),
    "word": (row("grader", {"grader": GRADE + "return 'yes'"}), "returned str"),
    "ends": (row("grader", {"grader": GRADE + "raise SystemExit"}), "SystemExit"),
    "raises": (row("grader", {"grader": GRADE + "raise ValueError('boom')"}), "boom"),
    "sleeps": (
        row("grader", {"grader": GRADE + "import time; time.sleep(99)", "limits": {"wall_s": 1}}),
        "slept past its limit",
    ),
    "counts": (
        row("grader", {"grader": f"seen = []\n{GRADE}seen.append(1); return len(seen) == 1"}, reference="ok"),
        "fails",
    ),
    "reference": (row("json", {"equals": 1}, reference="2"), "another number"),
    "schema": (row("json", {"schema": {"type": "string"}}, reference="1"), "is not of type"),
    "calls": (
        row("tool-calls", {"calls": []}, reference="f(a=1)", tools=[{"name": "f", "parameters": parameters()}]),
        "",
    ),
}
SOUND = {
    "comment": sql("SELECT a FROM t ORDER BY a; -- done"),
    "semicolons": sql("SELECT a FROM t WHERE b <> ';' ORDER BY a;;"),
    "free ties": sql("SELECT a FROM t ORDER BY b", ties="any"),
    "prints": row("grader", {"grader": GRADE + "print('x' * 9999); return answer == 'ok'"}, reference="ok"),
    "changes": row(
        "grader",
        {"grader": GRADE + "task['n'] = task.get('n', 0) + 1; return answer == 'ok' and task['n'] == 1"},
        reference="ok",
    ),
    "tree": schema({"type": "object", "additionalProperties": {"$ref": "#"}}),
    "dots": tool(parameters(), name="m.f", calls=[{"name": "m.f", "arguments": {"a": 1}}]),
    "blanks": tool(parameters(), name="m f", calls=[{"name": "m f", "arguments": {"a": 1}}]),
    "bidi": row("json", {"equals": "a\u202eb\u200bc"}, reference='"a\u202eb\u200bc"'),
}


def test_tasks_that_the_sandbox_finds_broken_are_named(suture, tmp_path):
    rows = {name: bad for name, (bad, _) in BROKEN.items()} | SOUND
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps({**r, "id": name, "prompt": name}) + "\n" for name, r in rows.items()))
    said = suture("suite", "check", path, "--json")
    assert said.code == 2
    why = {task["task_id"]: task["why"] for task in said.json["broken"]}
    assert list(why) == list(BROKEN)
    assert {name: words for name, (_, words) in BROKEN.items() if words not in why[name]} == {}
    complaint, mend = [line for line in said.err.splitlines() if not line.startswith(("check", "compare"))]
    assert complaint.startswith(f"suture: {path}: {len(BROKEN)} of {len(rows)} tasks are broken; writes: ")
    assert mend.startswith("  mend: ")


def test_one_question_wants_one_answer(suture, tmp_path):
    def check(*rows):
        path = tmp_path / "own.jsonl"
        path.write_text("".join(json.dumps({**r, "id": f"r{n}"}) + "\n" for n, r in enumerate(rows, start=1)))
        return suture("suite", "check", path)

    one, two = row("json", {"equals": 1}, reference="1"), row("json", {"equals": 2}, prompt=" Well?\r\n", reference="2")
    said = check(one, two)
    assert said.code == 2
    assert "r1 and r2 (rows 1 and 2) ask the same question" in said.err
    assert "mend: keep the right one" in said.err
    assert check(one, row("json", {"equals": 1.0}, reference="1.0")).code == 0, "one value in two spellings"
    assert check(sql("SELECT a FROM t"), sql("SELECT a FROM t", setup=SETUP + "DELETE FROM t WHERE a = 1;")).code == 0
    assert check(sql("SELECT a FROM t"), sql("SELECT b FROM t")).code == 2
    repeated = tmp_path / "own.jsonl"
    repeated.write_text((json.dumps(one) + "\n") + json.dumps({**one, "prompt": "Why?"}))
    said = suture("suite", "check", repeated)
    assert said.code == 2
    assert "task id a is used twice (rows 1 and 2)" in said.err
    assert "mend: give each row an id of its own" in said.err
