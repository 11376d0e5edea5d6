"""Kind ``text``: what is the wanted text, number, choice or pattern, and which checks are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kinds import own, verdict

from suture.core.measure.attempt import FinishReason
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.text import TextCheck
from suture.core.measure.task import fenced
from suture.suites.kinds import kind_of

ANIMALS = {"A": "a horse", "B": "a duck", "C": "a van", "D": "a goat"}
YES, NO, NONE = "pass", "fail:wrong", "fail:no-answer"

PLAIN = ChatTemplate(source="")


def key(check, text):
    return verdict(own("text", check), text).key


@pytest.mark.parametrize(
    ("check", "text", "wanted"),
    [
        ({"exact": "Rio de Janeiro"}, "  Rio de\n Janeiro ", YES),
        ({"exact": "caf\u00e9"}, "cafe\u0301", YES),
        ({"exact": "Rio"}, "rio", NO),
        ({"exact": "Rio"}, "Rio Rio", NO),
        ({"exact": "Rio"}, "It is Rio", NO),
        ({"exact": "Rio"}, "Rio.", NO),
        ({"exact": "Rio"}, "", NONE),
        ({"exact": "Rio"}, " \n", NONE),
        ({"exact": "Rio"}, "<think>Rome?</think>Rio", YES),
        ({"exact": "Rio", "ignore": ["punctuation"]}, '"Rio."', YES),
        ({"exact": "Gro\u00df", "ignore": ["case"]}, "GROSS", YES),
        ({"exact": "it's", "ignore": ["punctuation"]}, "its", YES),
        ({"exact": "1.5", "ignore": ["punctuation"]}, "15", NO),
        ({"exact": "1.5", "ignore": ["punctuation"]}, "(1.5).", YES),
        ({"exact": "-3", "ignore": ["punctuation"]}, "3", NO),
        ({"exact": "3", "ignore": ["punctuation"]}, "-3", NO),
        ({"exact": ".5", "ignore": ["punctuation"]}, "5", NO),
        ({"exact": "Hello world", "ignore": ["punctuation", "case"]}, "hello , World!", YES),
    ],
)
def test_the_whole_answer(check, text, wanted):
    assert key(check, text) == wanted


@pytest.mark.parametrize(
    ("check", "text", "wanted"),
    [
        ({"one_of": ["Holland", "Netherlands"]}, "Netherlands", YES),
        ({"one_of": ["Holland", "Netherlands"]}, "Belgium", NO),
        ({"one_of": ["spam", "ham"], "target": "spam"}, "spam", YES),
        ({"one_of": ["spam", "ham"], "target": "spam"}, "ham", NO),
        ({"one_of": ["spam", "ham"], "target": "spam"}, "not spam", NO),
        ({"one_of": ["spam", "ham"], "target": "spam"}, "spam ham", NO),
        ({"contains": "hat"}, "my Hat, a hat.", YES),
        ({"contains": "hat"}, "that", NO),
        ({"contains": "hat"}, "that hat", YES),
        ({"contains": "hat"}, "hat_2", NO),
        ({"contains": "5"}, "It costs 5.", YES),
        ({"contains": "5"}, "It costs 5.50", NO),
        ({"contains": "5"}, "It costs 1,5", NO),
        ({"contains": "C++"}, "I like C++!", YES),
        ({"contains": ["red", "blue"]}, "red and green", NO),
        ({"contains": ["red", "blue"]}, "blue and red", YES),
        ({"contains": "red", "not_contains": ["blue"]}, "red, blue", NO),
        ({"contains": "red", "not_contains": "blue"}, "red, blueish", YES),
        ({"contains": "red", "ignore": ["case"]}, "RED", YES),
    ],
)
def test_one_of_several_texts_and_words_in_it(check, text, wanted):
    assert key(check, text) == wanted


@pytest.mark.parametrize(
    ("text", "only", "last"),
    [
        ("18", YES, YES),
        ("$18.00", YES, YES),
        ("18, in total", NO, YES),
        ("That is 9 * 2 = $18 a day.", NO, YES),
        ("**18**", NO, YES),
        ("\\boxed{18}", NO, YES),
        ("1.8e1", YES, YES),
        ("+18", YES, YES),
        ("-18", NO, NO),
        ("\u221218", NO, NO),
        ("\u201318", NO, NO),
        ("18%", NO, NO),
        ("18km", NO, NO),
        ("the 18th", NO, NO),
        ("B18", NO, NO),
        ("1/18", NO, NO),
        ("2018-01-18", NO, NO),
        ("12-18", NO, NO),
        ("18:18", NO, NO),
        ("1,8", NO, NO),
        ("1.8.18", NO, NO),
        ("18 or 19", NO, NO),
        ("\u0661\u0668", NO, NO),
        ("18\u00b2", NO, NO),
        ("eighteen", NO, NO),
        ("1" * 20_000, NO, NO),
        ("1e99999999999", NO, NO),
        ("-" * 20_000 + "18", NO, NO),
    ],
)
def test_numbers(text, only, last):
    assert (key({"number": 18}, text), key({"number": 18, "where": "last"}, text)) == (only, last)


@pytest.mark.parametrize(
    ("check", "text", "wanted"),
    [
        ({"number": -3}, "\u22123", YES),
        ({"number": -3}, "$-3", YES),
        ({"number": 0.5}, ".5", YES),
        ({"number": 1234567}, "1,234,567", YES),
        ({"number": 1234567}, "1,234567", NO),
        ({"number": 123}, "0,123", NO),
        ({"number": "0.1"}, "0.1000", YES),
        ({"number": 0.1}, "0.10000000000000001", NO),
        ({"number": 10**40}, str(10**40 + 1), NO),
        ({"number": 7, "percent": True}, "7 %", YES),
        ({"number": 7, "percent": True}, "7", YES),
        ({"number": 2.72, "abs_tol": 0.01}, "2.71", YES),
        ({"number": 2.72, "abs_tol": 0.01}, "2.70", NO),
        ({"number": 200, "rel_tol": 0.01}, "202", YES),
        ({"number": 200, "rel_tol": 0.01}, "203", NO),
        ({"number": 7, "where": "after", "marker": "Total:"}, "5 Total: $7 and 9\nTotal: 8", YES),
        ({"number": 8, "where": "after", "marker": "Total:"}, "5 Total: 7\nTotal: 8", NO),
        ({"number": 7, "where": "after", "marker": "Total:"}, "7", NO),
        ({"number": 7, "where": "after", "marker": "total:", "ignore": ["case"]}, "TOTAL: 7", YES),
    ],
)
def test_numbers_are_exact_and_have_a_place(check, text, wanted):
    assert key(check, text) == wanted


@pytest.mark.parametrize(
    ("text", "label"),
    [
        *[(text, "B") for text in ("B", "b", "(B)", "**b**", "B.", "B)", "[B]", "`B`", "option B", "B\n")],
        *[(text, "B") for text in ("B. a duck", "(B) A duck.", "**B: a duck**", "B - a duck", "a duck", "A duck.")],
        ("\\boxed{B}", "B"),
        ("So the answer is $\\boxed{\\text{B}}$.", "B"),
        ("The answer is \\boxed{a duck}.", "B"),
        *[(f"The {cue} B. It quacks.", "B") for cue in ("answer is", "correct answer is:", "right choice is")],
        ("Answer: **B**\n\nA horse does not quack.", "B"),
        ("Answer:\nB", "B"),
        ("The answer is a duck, not a horse.", "B"),
        ("The answer is not A. The answer is B", "B"),
        ("The answer is A because", "A"),
        ("The answer is (a)", "A"),
        ("The answer is a.", "A"),
        ("The answer is A horse", "A"),
    ],
)
def test_a_choice_that_is_stated(text, label):
    for wanted in ANIMALS:
        assert key({"choice": wanted, "options": ANIMALS}, text) == (YES if wanted == label else NO), wanted


@pytest.mark.parametrize(
    "text",
    [
        "B. a horse",
        "Answer: A\nAnswer: B",
        "The answer is A or B",
        "The answer is B, C",
        "The answer is a duck or a goat",
        "The answer is B. a horse",
        "The answer is a bird",
        "A, B, C, D",
        "A B C D",
        "E",
        "I like B",
        "a bird",
        "Answer: none",
        "The answer is",
        "A duck is a bird, A horse is none",
    ],
)
def test_no_choice_is_stated(text):
    assert {key({"choice": label, "options": ANIMALS}, text) for label in ANIMALS} == {NO}


NUMBERS = {"A": "-3", "B": "3", "C": "10", "D": "20"}
MARKED = {"A": "[1]", "B": "(1)", "C": "$5", "D": "5", "E": "{}", "F": "[]", "G": "-x", "H": "x", "I": "<p>", "J": "p"}

FRUIT, PLACES = {"A": "3 apples", "B": "4 apples"}, {"A": "Paris", "B": "Rome"}


@pytest.mark.parametrize(
    ("options", "text", "label"),
    [
        *[(NUMBERS, text, "B") for text in ("3", "**3**", "3.", "B) 3", "The answer is 3.", "The answer is B) 3")],
        *[(NUMBERS, text, "A") for text in ("-3", "A) -3", "The answer is -3.", "(-3)", "A: -3", "\u22123")],
        *[(NUMBERS, text, None) for text in ("B) -3", "A) 3", "The answer is A) 3", "-10", "C) -10", ".10")],
        *[(NUMBERS, f"The answer is {text}", None) for text in ("10.5", "10,000", "10/3", "10%", "10-20")],
        *[(NUMBERS, f"The answer is {text}", "C") for text in ("10", "10.", "10, since 5 + 5", "$10$")],
        *[(MARKED, text, label) for label, text in MARKED.items()],
        *[(MARKED, f"{label}) {text}", label) for label, text in MARKED.items()],
        *[(MARKED, f"The answer is {text}.", label) for label, text in MARKED.items()],
        (MARKED, "1", None),
        *[(FRUIT, f"A{dash}3 apples", "A") for dash in ("-", "\u2013", "\u2014", ": ", ") ", " - ")],
        (FRUIT, "A: -3 apples", None),
        *[(PLACES, text, "A") for text in ("A-Paris", "A:-Paris", "-Paris", "- Paris", "A \u2014 Paris")],
        (NUMBERS, "A) \u20133", "A"),
        *[({"A": "5", "B": "6"}, text, "A") for text in ("$5", "A: $5", "The answer is $5.")],
    ],
)
def test_a_sign_or_bracket_belongs_to_an_option(options, text, label):
    for wanted in options:
        assert key({"choice": wanted, "options": options}, text) == (YES if wanted == label else NO), wanted


def test_options_in_a_list_have_letters():
    check = {"choice": "B", "options": ["horse", "duck"]}
    assert key(check, "B") == key(check, "duck") == YES


@pytest.mark.parametrize(
    ("check", "text", "wanted"),
    [
        ({"regex": "[A-Z]{2}-[0-9]+"}, "AB-12", YES),
        ({"regex": "[A-Z]{2}-[0-9]+"}, " AB-12\n", YES),
        ({"regex": "[A-Z]{2}-[0-9]+"}, "it is AB-12", NO),
        ({"regex": "[A-Z]{2}-[0-9]+", "search": True}, "it is AB-12", YES),
        ({"regex": "a b"}, "a\n  b", YES),
        ({"regex": "ok$", "strip": False}, "ok\n", NO),
        ({"regex": "ok", "ignore": ["case"]}, "OK", YES),
        ({"regex": "\\d+"}, "\u0665", NO),
        ({"regex": "(x+x+)+y"}, "x" * 20_000, NO),
        ({"regex": ".+"}, "x\ud800", NO),
        ({"regex": "\\pL+"}, "\u00e9t\u00e9", YES),
    ],
)
def test_patterns(check, text, wanted):
    assert key(check, text) == wanted


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"regex": "(?=a)b"}, "look-around"),
        ({"regex": "(?<!a)b"}, "look-around"),
        ({"regex": "(a)\\1"}, "back-reference"),
        ({"regex": "["}, "cannot be used"),
        ({"regex": "a{5000}"}, "cannot be used"),
        ({"regex": ""}, "fits the empty answer"),
        ({"regex": "a*"}, "fits the empty answer"),
        ({"regex": "a|$", "search": True}, "fits the empty answer"),
        ({"regex": "^1\\n2$", "search": True}, '"strip": false'),
        ({"regex": "a\nb"}, '"strip": false'),
        ({"regex": "Dear\\ \\ Ann"}, '"strip": false'),
        ({"exact": " "}, "empty answer"),
        ({"exact": "...", "ignore": ["punctuation"]}, "empty answer"),
        ({"one_of": []}, "empty answer"),
        ({"one_of": ["a", ""]}, "empty answer"),
        ({"one_of": ["a", "b"], "target": "c"}, "none of its labels"),
        ({"one_of": ["a", "A"], "target": "a", "ignore": ["case"]}, "the same"),
        ({"contains": []}, "empty answer"),
        ({"contains": "red hat", "not_contains": "hat"}, "refuses"),
        ({"number": "five"}, "number"),
        ({"number": True}, "number"),
        ({"number": "NaN"}, "number"),
        ({"number": 5, "abs_tol": -1}, "abs_tol"),
        ({"number": "1e999999999", "rel_tol": 0.1}, "beyond 1e10000"),
        ({"number": 5, "rel_tol": "1e999999"}, "beyond 1e10000"),
        ({"number": 5, "percent": "yes"}, "percent"),
        ({"regex": "a", "search": "yes"}, "search"),
        ({"number": 5, "where": "after"}, "marker"),
        ({"number": 5, "where": "after", "marker": " "}, "marker is empty"),
        ({"number": 5, "marker": "x"}, "marker"),
        ({"number": 5, "exact": "5"}, "exact, number"),
        ({"target": "5"}, "none"),
        ({"exact": "5", "search": True}, "regex"),
        ({"choice": "E", "options": ANIMALS}, "none of its options"),
        ({"choice": "A"}, "none of its options"),
        ({"choice": "A", "options": {"A": "x"}}, "one option alone"),
        ({"choice": "A", "options": {"A": "x", "B": " X "}}, "one text"),
        ({"choice": "A", "options": {"A": "x", "a": "y"}}, "one label"),
        ({"choice": "A", "options": {"A": "b", "B": "c"}}, "label of another"),
        ({"choice": "A", "options": ["x"] * 27}, "26"),
    ],
)
def test_a_check_that_cannot_decide_is_refused_in_one_line(check, said):
    with pytest.raises(ValueError, match=said):
        own("text", check)


@pytest.mark.parametrize(
    ("more", "text", "wanted"),
    [
        ({"where": "after", "marker": "####"}, "5 eggs\n#### 18", YES),
        ({"where": "after", "marker": "####"}, "18, or maybe 7", NO),
        ({"where": "last"}, "18%", NO),
        ({"where": "last", "percent": True}, "18%", YES),
        ({"where": "after", "marker": "So:"}, "SO: 18", YES),
    ],
)
def test_marks_count_where_a_number_is_read_whatever_is_ignored(more, text, wanted):
    assert key({"number": 18, "ignore": ["punctuation", "case"], **more}, text) == wanted


def test_what_is_taught():
    task = own("text", {"exact": "Rio"}, reference=" Rio\n")
    assert kind_of(task).target_of_reference(task, PLAIN, restyle=True) == "Rio"
    assert kind_of(task).target_of_answer(task, PLAIN, "<think>x</think> Rio\n") == "Rio"
    opened = task.model_copy(update={"form": fenced("text")})
    assert kind_of(task).target_of_answer(opened, PLAIN, "Rio\n```\nDone") == "Rio\n```"
    assert verdict(opened, "Rio\n```\nDone").key == YES


def test_a_wrong_answer_that_was_cut_off_is_a_truncation():
    assert verdict(own("text", {"exact": "Rio"}), "Rio de", FinishReason.LENGTH).key == "fail:truncated"


CHECKS = [
    {"exact": "a b", "ignore": ["case", "punctuation"]},
    {"one_of": ["a", "b"], "target": "a"},
    {"contains": "a", "not_contains": "b"},
    {"number": 1, "where": "last", "percent": True, "rel_tol": 0.1},
    {"number": 1, "where": "after", "marker": "a"},
    {"number": 1},
    {"choice": "A", "options": ANIMALS},
    {"regex": "a(a|b)+", "search": True},
]
TEXTS = st.text() | st.lists(
    st.sampled_from(
        ["a", "B", "(", "answer is ", "option", ".", ",", "-", "1", "0", "e", "$", "%", " or ", "\n", "\ud800"]
    )
).map("".join)


@given(st.sampled_from(CHECKS), TEXTS)
def test_every_text_has_one_verdict(check, text):
    first = verdict(own("text", check), text)
    assert first == verdict(own("text", check), text)
    assert "\n" not in first.detail


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_survives_json(check):
    task = own("text", check)
    assert TextCheck.model_validate(task.check.to_json()).digest == task.check.digest


@pytest.mark.parametrize(
    "check",
    [
        {"regex": "^1\\n2$", "search": True, "strip": False},
        {"regex": "a[\\n ]b"},
        {"regex": "a(?:\\nb)?"},
        {"regex": "a\\n*b"},
        {"regex": "a\\\\n"},
        {"regex": "a\\nb|c"},
        {"regex": "a  ?b"},
    ],
)
def test_a_pattern_that_an_answer_can_still_fit_is_used(check):
    assert own("text", check)
