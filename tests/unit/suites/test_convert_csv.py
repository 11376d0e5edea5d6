"""Tables as tasks."""

import shlex

import pytest
from tests.support.converting import passes, why

from suture.cli.main import run
from suture.core.errors import BadFile, UnknownName, UsageError
from suture.suites.catalog import load_suite
from suture.suites.convert.conversion import convert
from suture.suites.convert.converter import Choices
from suture.suites.convert.table_file import say_how


class TestCsv:
    def test_bom_semicolons_and_quoted_newlines(self, converted):
        text = '\ufeffid;Question;Answer\n1;"a; b\nc";4\n2;d;5\n3;e;\n4;f;1,5\n'
        conversion = converted("csv", text=text, file="t.csv", prompt="Question", expected="Answer", as_kind="number")
        assert conversion.kept[0]["prompt"] == "a; b\nc"
        assert passes(conversion.kept[0], "It is 4")
        assert [item.at.partition(", ")[2] for item in conversion.left_out] == ["line 5", "line 6"]
        assert conversion.left_out[0].why == "it has no wanted answer"
        assert "'1,5' is no number" in conversion.left_out[1].why  # one and a half to some, fifteen to others

    @pytest.mark.parametrize(
        ("cell", "number"),
        [("1,234", "1234"), ("-2.50", "-2.50"), ("1.234,5", None), ("12,34", None), ("1_000", None), ("ten", None)],
    )
    def test_a_number_is_what_an_answer_has_to_write_it_as(self, converted, cell, number):
        conversion = converted(
            "csv", text=f"q;a\nx?;{cell}\n", file="t.csv", prompt="q", expected="a", as_kind="number"
        )
        assert [row["check"]["number"] for row in conversion.kept] == ([] if number is None else [number])

    @pytest.mark.parametrize("as_kind", ["starts", "includes"])
    def test_white_space_in_a_wanted_text_is_that_of_an_answer(self, converted, as_kind):
        conversion = converted(
            "csv",
            text='q,a\nx,"Dear  Cafe\u0301,\nthank you"\n',
            file="t.csv",
            prompt="q",
            expected="a",
            as_kind=as_kind,
        )
        assert passes(conversion.kept[0], "Dear Caf\u00e9,\nthank you all")

    def test_a_wanted_value_with_a_key_twice_is_left_out(self, converted):
        text = 'q,a\nx,"{""a"": 1, ""a"": 2}"\ny,"{""a"": 1}"\n'
        conversion = converted("csv", text=text, file="t.csv", prompt="q", expected="a", as_kind="json")
        assert [row["prompt"] for row in conversion.kept] == ["y"]
        assert "the key 'a' twice" in conversion.left_out[0].why

    @pytest.mark.parametrize("head", ['"q; or; not; this",a', '"q\nof two lines",a'])
    def test_a_head_with_marks_in_its_names_is_read(self, converted, head):
        asked = head.split('"')[1]
        conversion = converted("csv", text=f"{head}\nx,y\n", file="t.csv", prompt=asked, expected="a", as_kind="exact")
        assert [row["prompt"] for row in conversion.kept] == ["x"]

    def test_two_columns_of_one_name_are_refused(self, converted):
        with pytest.raises(BadFile, match="two columns are named 'a'"):
            converted("csv", text="q,a,a\nx,y,z\n", file="t.csv", prompt="q", expected="a", as_kind="exact")

    @pytest.mark.parametrize("line", ["a,b,c,d", "a"])
    def test_a_line_with_other_cells_is_left_out(self, converted, line):
        conversion = converted(
            "csv", text=f"q,a\nx,y\n{line}\n", file="t.csv", prompt="q", expected="a", as_kind="exact"
        )
        assert [row["prompt"] for row in conversion.kept] == ["x"]
        assert "more or fewer cells" in why(conversion)[0]

    def test_an_unknown_column_offers_the_nearest(self, converted):
        with pytest.raises(UnknownName, match="did you mean 'question'"):
            converted("csv", text="question,a\n", file="t.csv", prompt="qestion", expected="a", as_kind="exact")

    @pytest.mark.parametrize(
        ("as_kind", "text"), [("number", "many"), ("json", "{"), ("regex", "(?=a)"), ("regex", "a*")]
    )
    def test_a_wanted_answer_that_is_none_is_left_out(self, converted, as_kind, text):
        conversion = converted("csv", text=f"q,a\nx,{text}\n", file="t.csv", prompt="q", expected="a", as_kind=as_kind)
        assert len(conversion.left_out) == 1


class TestTables:
    TABLE = "text,class\nThe wifi drops.,network\nI forgot my password.,account\n"

    def test_the_values_of_a_column_are_the_labels(self, converted):
        found = converted("csv", text=self.TABLE, file="t.csv", prompt="text", expected="class", as_kind="label")
        assert [row["check"] for row in found.kept] == [
            {"one_of": ["network", "account"], "target": "network", "ignore": ["case", "punctuation"]},
            {"one_of": ["network", "account"], "target": "account", "ignore": ["case", "punctuation"]},
        ]
        assert passes(found.kept[1], "Account.")
        assert passes(found.kept[1], "account")
        assert not passes(found.kept[1], "network")

    def test_labels_that_differ_in_marks_alone_are_told_apart(self, converted):
        table = "text,class\nGood.,+1\nBad.,-1\n"
        found = converted("csv", text=table, file="t.csv", prompt="text", expected="class", as_kind="label")
        assert passes(found.kept[0], "+1")
        assert not passes(found.kept[0], "-1")

    def test_a_question_may_be_written_around_the_columns(self, converted):
        asked = "Ticket: {text} Network or account?"
        found = converted("csv", text=self.TABLE, file="t.csv", prompt=asked, expected="class", as_kind="label")
        assert found.kept[0]["prompt"] == "Ticket: The wifi drops. Network or account?"

    @pytest.mark.parametrize("choices", [{}, {"prompt": "txt", "expected": "class", "as_kind": "exact"}])
    def test_what_is_missing_is_mended_by_a_command_with_the_table_s_own_columns(self, tmp_path, monkeypatch, choices):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "t.csv").write_text(self.TABLE)
        with pytest.raises(UsageError) as caught:
            convert(tmp_path / "t.csv", "csv", Choices(**choices))
        assert caught.value.mend is not None
        assert run(shlex.split(caught.value.mend)[1:]) == 0
        assert len(load_suite("t.jsonl")) == 2

    def test_a_table_in_place_of_tasks_is_mended_by_the_same(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "t.csv").write_text(self.TABLE)
        with pytest.raises(BadFile, match=r"a CSV table \(columns text, class\)") as caught:
            load_suite("t.csv")
        assert caught.value.mend is not None
        assert run(shlex.split(caught.value.mend)[1:]) == 0
        assert len(load_suite("t.jsonl")) == 2


class TestRemedy:
    """The command that is offered keeps what was given right, and compares labels as labels."""

    LABELS = "text,class\n" + "".join(f"text {at},{('spam', 'ham')[at % 2]}\n" for at in range(6))

    @pytest.mark.parametrize(
        ("text", "given", "offered"),
        [
            (LABELS, Choices(), "--prompt text --expected class --as label"),
            (LABELS, Choices(prompt="Spam? {text}"), "--prompt 'Spam? {text}' --expected class --as label"),
            (LABELS, Choices(prompt="{txt}", as_kind="loose"), "--prompt text --expected class --as loose"),
            (LABELS, Choices(expected="text", as_kind="?"), "--prompt class --expected text --as exact"),
            (LABELS, Choices(prompt="class"), "--prompt class --expected text --as exact"),
            ("q,a\n1+1?,2\n2+1?,3\n1+2?,3\n", Choices(), "--prompt q --expected a --as exact"),
            ("q,a\nx\n", Choices(), "--prompt q --expected a --as exact"),
        ],
    )
    def test_what_is_offered(self, tmp_path, text, given, offered):
        path = tmp_path / "t.csv"
        path.write_text(text)
        assert say_how(path, given).endswith(offered)

    def test_a_missing_option_is_added_to_those_given(self, tmp_path):
        path = tmp_path / "t.csv"
        path.write_text(self.LABELS)
        with pytest.raises(UsageError) as refused:
            convert(path, "csv", Choices(prompt="Spam? {text}"))
        command = f"suture suite convert {path} --from csv --out t.jsonl --prompt 'Spam? {{text}}'"
        assert refused.value.mend == f"{command} --expected class --as label"
