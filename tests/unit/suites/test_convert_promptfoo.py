"""promptfoo's configurations as tasks, with the files that they name.

Configurations have the shapes of promptfoo's own examples (MIT); their texts were written for these tests.
"""

import pytest
from tests.support.converting import passes, why

from suture.core.errors import BadFile

PROMPTFOO = """
prompts: ["Say {{word}} to {{ who.name }}."]
defaultTest: {vars: {who: {name: Ada}}}
tests:
- vars: {word: hi}
  assert: [{type: %s}, {type: latency, threshold: 10}]
"""


class TestPromptfoo:
    @pytest.mark.parametrize(
        ("asserted", "right", "wrong"),
        [
            ("equals, value: '{{word}}'", "hi", "hi you"),
            ("equals, value: {a: 1}", '{"a": 1}', '{"a": 2}'),
            ("contains, value: 'a.b'", "xa.by", "xaxby"),
            ("icontains, value: 'HI'", "oh hi", "oh"),
            ("contains-any, value: [x, y]", "a y", "a"),
            ("contains-any, value: 'x, y'", "a y", "a"),
            ("contains-any, value: 'Lima, \"a, b\"'", "in a, b", "a"),
            ("contains-all, value: '\"Lima, Peru\", Cusco'", "Cusco and Lima, Peru", "Lima and Cusco"),
            ('contains, value: "a\\nb\\n"', "so a\nb", "ab"),
            ("icontains-all, value: [x, y]", "Y and X", "x"),
            ("regex, value: '^[0-9]+'", "12 a", "a 12"),
            ("starts-with, value: hi", "hi\nyou", "oh hi"),
            ('starts-with, value: "Dear Ann,\\nthank"', "Dear Ann,\nthank you", "Dear Ann"),
            ("is-json, value: {type: object, required: [a]}", '{"a": 1}', "{}"),
            ("equals, value: {due: 2024-01-15, 1: a}", '{"due": "2024-01-15", "1": "a"}', '{"due": "2024-01-16"}'),
        ],
    )
    def test_an_assertion_decides_as_it_did(self, converted, asserted, right, wrong):
        (row,) = converted("promptfoo", text=PROMPTFOO % asserted, file="p.yaml").kept
        assert row["prompt"] == "Say hi to Ada."
        assert passes(row, right)
        assert not passes(row, wrong)

    @pytest.mark.parametrize(
        ("asserted", "reason"),
        [
            ("llm-rubric, value: nice", "llm-rubric has no counterpart"),
            ("not-contains, value: a", "not-contains has no counterpart"),
            ("javascript, value: 'output.length'", "javascript has no counterpart"),
            ("is-json", "any JSON would pass"),
            ("equals, value: a, transform: 'output.trim()'", "transforms the answer by code"),
            ("equals, value: 'file://a.txt'", "equals: file://a.txt is not there"),
            ("equals, value: '{{nobody}}'", "nobody has no value"),
            ("regex, value: '(?=a)b'", "pattern"),
            ("equals, value: {a: .inf}", "which JSON does not have"),
            ("latency, threshold: 3", "asserts nothing about the answer"),
            ("equals, value: a}, {type: contains, value: b", "several assertions at once: equals, contains"),
        ],
    )
    def test_what_is_left_out_says_why(self, converted, asserted, reason):
        conversion = converted("promptfoo", text=PROMPTFOO % asserted, file="p.yaml")
        assert conversion.kept == []
        assert reason in why(conversion)[0]
        assert "p.yaml, test 1" in conversion.left_out[0].at

    def test_json_equal_and_by_schema_hold_both(self, converted):
        asserted = "equals, value: {a: 1}}, {type: is-json, value: {type: object}"
        (row,) = converted("promptfoo", text=PROMPTFOO % asserted, file="p.yaml").kept
        assert sorted(row["check"]) == ["equals", "schema"]

    def test_prompts_with_logic_or_lists_are_left_out(self, converted):
        text = (
            "prompts: ['{% if a %}x{% endif %}', '{{a}}']\n"
            "tests: [{vars: {a: [1]}, assert: [{type: equals, value: b}]}]"
        )
        assert why(converted("promptfoo", text=text, file="p.yaml")) == [
            "its prompt is a template with logic",
            "its variable a is a list: several tests in one",
        ]

    def test_a_chat_as_json_is_a_chat(self, converted):
        text = (
            'prompts: [\'[{"role": "system", "content": "s"}, {"role": "user", "content": "{{a}}"}]\']\n'
            "tests: [{vars: {a: q}, assert: [{type: equals, value: b}]}]"
        )
        assert converted("promptfoo", text=text, file="p.yaml").kept[0]["messages"][1]["content"] == "q"

    @pytest.mark.parametrize("text", ["{1: a, '1': b}", "prompts: [a]", "tests: [{vars: {}}]", "- a", "a: [", "!!x"])
    def test_a_file_that_is_none_is_refused_whole(self, converted, text):
        with pytest.raises(BadFile):
            converted("promptfoo", text=text, file="p.yaml")


@pytest.fixture
def beside(tmp_path):
    """Writes files beside the configuration."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", ".").replace("_in_", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    return write


ASKS = "tests: [{vars: {a: q}, assert: [{type: equals, value: b}]}]"


class TestFiles:
    @pytest.mark.parametrize(
        ("named", "asked"),
        [
            ("file://one.txt", ["Say q.", "Tell q."]),
            ("one.txt", ["Say q.", "Tell q."]),
            ("file://p/*.md", ["# q\n"]),
            ("file://rows.jsonl", ["Say q", "Tell q"]),
            ("file://table.csv", ["First q", "Second, q"]),
            ("Say {{a}} as in one.txt", ["Say q as in one.txt"]),
        ],
    )
    def test_prompts_stand_in_files(self, converted, beside, named, asked):
        beside(
            one__txt="Say {{a}}.\n---\nTell {{a}}.\n",
            p_in_two__md="# {{a}}\n",
            rows__jsonl="Say {{a}}\n\nTell {{a}}\n",
            table__csv='prompt,label\nFirst {{a}},x\n"Second, {{a}}" ,y\n',
        )
        rows = converted("promptfoo", text=f"prompts: ['{named}']\n{ASKS}", file="p.yaml").kept
        assert [row["prompt"].rstrip(" ") for row in rows] == asked

    @pytest.mark.parametrize("name", ["chat.json", "chat.yaml"])
    def test_a_chat_stands_in_a_file(self, converted, beside, name):
        beside(chat__json='[{"role": "user", "content": "{{a}}"}]', chat__yaml="- role: user\n  content: '{{a}}'\n")
        (row,) = converted("promptfoo", text=f"prompts: [file://{name}]\n{ASKS}", file="p.yaml").kept
        assert row["messages"] == [{"role": "user", "content": "q"}]

    def test_one_prompt_is_no_file(self, converted):
        (row,) = converted("promptfoo", text=f"prompts: 'Say {{{{a}}}}'\n{ASKS}", file="p.yaml").kept
        assert row["prompt"] == "Say q"

    @pytest.mark.parametrize(
        ("prompt", "reason"),
        [
            ("file://made.js", "file://made.js is code"),
            ("made.py:chat", "made.py:chat is code"),
            ("file://gone.txt", "file://gone.txt is not there"),
            ("file://../other.txt", "outside of the configuration's directory"),
            ("langfuse://a", "on the network"),
        ],
    )
    def test_prompts_that_cannot_be_read_are_named(self, converted, beside, tmp_path, prompt, reason):
        beside(made__js="", made__py="")
        (tmp_path.parent / "other.txt").write_text("secret")
        assert reason in why(converted("promptfoo", text=f"prompts: ['{prompt}']\n{ASKS}", file="p.yaml"))[0]

    def test_tests_stand_in_a_table(self, converted, beside):
        head = "a,__expected,__expected2,__description\n"
        asked = 'x,y,,d\nx2,contains: p,"icontains-any:Q,R",\n'
        beside(tests__csv=f"{head}{asked}x3,is-json,,\nx4,fn:output.length,,\nx5,Note: it is,,\nx6,,,\n")
        conversion = converted("promptfoo", text="prompts: ['{{a}}']\ntests: file://tests.csv\n", file="p.yaml")
        assert [row["prompt"] for row in conversion.kept] == ["x", "x2", "x5"]
        assert passes(conversion.kept[0], "y")
        assert passes(conversion.kept[1], "q and p")
        assert not passes(conversion.kept[1], "q and P")
        assert passes(conversion.kept[2], "Note: it is")
        assert [reason.partition(": any")[0] for reason in why(conversion)] == [
            "its assertion is-json has no schema",
            "its assertion fn has no counterpart",
            "it asserts nothing about the answer",
        ]

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("more__json", '[{"vars": {"a": "q"}, "assert": [{"type": "equals", "value": "b"}]}]'),
            ("more__jsonl", '{"vars": {"a": "q"}, "assert": [{"type": "equals", "value": "b"}]}\n'),
            ("more__yaml", "- vars: {a: q}\n  assert: [{type: equals, value: b}]\n"),
        ],
    )
    def test_tests_stand_in_rows(self, converted, beside, name, text):
        beside(**{name: text})
        listed = f"prompts: ['{{{{a}}}}']\ntests: [file://{name.replace('__', '.')}]\n"
        assert converted("promptfoo", text=listed, file="p.yaml").kept[0]["prompt"] == "q"

    def test_tests_that_cannot_be_read_are_named(self, converted):
        listed = "prompts: [a]\ntests: [file://t.py, 'https://x/y', file://t.csv, {path: 'file://t.py:make'}]\n"
        assert why(converted("promptfoo", text=listed, file="p.yaml")) == [
            "its tests: file://t.py is code",
            "its tests: https://x/y is on the network or in a package",
            "its tests: file://t.csv is not there",
            "its tests: file://t.py:make is code",
        ]

    def test_values_stand_in_files_and_in_each_other(self, converted, beside):
        beside(long__txt=" A {{b}} {% text %}.\n", schema__json='{"type": "object", "required": ["a"]}')
        text = (
            "prompts: ['{{long}} {{c}}']\ndefaultTest: {vars: {c: 'of {{b}}', b: x}}\n"
            "tests: [{vars: {long: file://long.txt}, assert: [{type: is-json, value: file://schema.json}]}]"
        )
        (row,) = converted("promptfoo", text=text, file="p.yaml").kept
        assert row["prompt"] == "A {{b}} {% text %}. of x"
        assert not passes(row, "{}")

    def test_variables_in_each_other_end(self, converted):
        text = "prompts: ['{{a}}']\ntests: [{vars: {a: 'x{{b}}', b: 'y{{a}}'}, assert: [{type: equals, value: b}]}]"
        assert len(converted("promptfoo", text=text, file="p.yaml").kept[0]["prompt"]) < 20

    def test_what_all_tests_share_may_stand_in_a_file(self, converted, beside):
        beside(default__yaml="assert: [{$ref: '#/assertionTemplates/b'}]\n")
        text = (
            "prompts: ['{{a}}']\ndefaultTest: file://default.yaml\n"
            "assertionTemplates: {b: {type: equals, value: b}}\n"
            "tests: [{vars: {a: q}}, {vars: {a: r}, assert: [{$ref: '#/assertionTemplates/c'}]}]"
        )
        conversion = converted("promptfoo", text=text, file="p.yaml")
        assert passes(conversion.kept[0], "b")
        assert why(conversion) == ["its assertion is #/assertionTemplates/c, which is not there"]

    def test_tests_of_providers_with_tools_are_left_out(self, converted):
        text = f"prompts: ['{{{{a}}}}']\nproviders: [{{id: x, config: {{tools: file://t.json}}}}]\n{ASKS}"
        assert why(converted("promptfoo", text=text, file="p.yaml")) == [
            "its providers are given tools, which stand in no test"
        ]


@pytest.mark.parametrize(
    ("asserted", "right", "wrong"),
    [
        ("contains, value: x}, {type: icontains, value: Y", "y x", "y X"),
        ("contains, value: x}, {type: contains-any, value: [p, q]", "q x", "x"),
        ("contains, value: learn}, {type: contains, value: learning", "learning", "learn"),
        ("contains-all, value: [a, a]", "a", "b"),
        ("icontains, value: AB}, {type: contains, value: abc", "abc", "ABC"),
        ("equals, value: 3.0", "3", "3.0"),
        ("is-json, value: 'required: [a]'", '{"a": 1}', "{}"),
        (
            "is-json, value: {$defs: {b: {type: string}}, properties: {a: {$ref: '#/$defs/b'}}}",
            '{"a": "x"}',
            '{"a": 1}',
        ),
    ],
)
def test_several_parts_must_all_be_there(converted, asserted, right, wrong):
    (row,) = converted("promptfoo", text=PROMPTFOO % asserted, file="p.yaml").kept
    assert passes(row, right)
    assert not passes(row, wrong)
