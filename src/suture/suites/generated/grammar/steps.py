"""The steps that tasks are composed of: what each takes and gives, how it is said, and how it is written in Python."""

from enum import StrEnum
from typing import NamedTuple


class Value(StrEnum):
    """What a step takes or gives."""

    NUMBERS = "a list of integers"
    WORDS = "a list of words"
    TEXT = "a text"
    NUMBER = "a positive integer"
    COUNT = "an integer"
    """A result only: nothing is done with it."""
    TRUTH = "a truth value"


class Step(NamedTuple):
    """Attributes:
    name: its part of a function's name.
    says: an instruction; of a last step that gives one value, what is returned. ``{k}`` is a constant.
    code: an expression of ``{x}``.
    constants: what ``k`` may be; none where there is none.
    """

    takes: Value
    gives: Value
    name: str
    says: str
    code: str
    constants: tuple[int | str, ...] = ()


N, W, T, I = Value.NUMBERS, Value.WORDS, Value.TEXT, Value.NUMBER  # noqa: E741 - a table is read in columns
C, B = Value.COUNT, Value.TRUTH
SMALL = (2, 3, 4, 5)
LIMITS = (3, 5, 8, 10, 12, 20)
LETTERS = ("a", "e", "o", "r", "s", "t")

STEPS: tuple[Step, ...] = (
    Step(N, N, "even", "keep only the even numbers", "[n for n in {x} if n % 2 == 0]"),
    Step(N, N, "odd", "keep only the odd numbers", "[n for n in {x} if n % 2 != 0]"),
    Step(N, N, "positive", "keep only the positive numbers", "[n for n in {x} if n > 0]"),
    Step(N, N, "negative", "keep only the negative numbers", "[n for n in {x} if n < 0]"),
    Step(N, N, "above", "keep only the numbers greater than {k}", "[n for n in {x} if n > {k}]", LIMITS),
    Step(N, N, "below", "keep only the numbers smaller than {k}", "[n for n in {x} if n < {k}]", LIMITS),
    Step(N, N, "multiples", "keep only the multiples of {k}", "[n for n in {x} if n % {k} == 0]", SMALL),
    Step(N, N, "without", "leave out every {k}", "[n for n in {x} if n != {k}]", (0, 1, 2, 3, 5)),
    Step(N, N, "double", "double each number", "[2 * n for n in {x}]"),
    Step(N, N, "square", "square each number", "[n * n for n in {x}]"),
    Step(N, N, "plus", "add {k} to each number", "[n + {k} for n in {x}]", SMALL),
    Step(N, N, "minus", "subtract {k} from each number", "[n - {k} for n in {x}]", SMALL),
    Step(N, N, "times", "multiply each number by {k}", "[n * {k} for n in {x}]", SMALL[1:]),
    Step(N, N, "negate", "change the sign of each number", "[-n for n in {x}]"),
    Step(N, N, "absolute", "take the absolute value of each number", "[abs(n) for n in {x}]"),
    Step(N, N, "remainder", "take the remainder of each number divided by {k}", "[n % {k} for n in {x}]", SMALL[1:]),
    Step(N, N, "ascending", "sort the numbers in ascending order", "sorted({x})"),
    Step(N, N, "descending", "sort the numbers in descending order", "sorted({x}, reverse=True)"),
    Step(N, N, "reversed", "reverse the order of the list", "{x}[::-1]"),
    Step(N, N, "distinct", "remove duplicates and keep the order", "list(dict.fromkeys({x}))"),
    Step(N, N, "first", "take the first {k} numbers", "{x}[:{k}]", SMALL),
    Step(N, N, "last", "take the last {k} numbers", "{x}[-{k}:]", SMALL),
    Step(N, N, "every_second", "take every second number, beginning with the first", "{x}[::2]"),
    Step(N, N, "running_sums", "compute the running sums", "[sum({x}[: i + 1]) for i in range(len({x}))]"),
    Step(N, N, "steps", "compute the differences between neighbours", "[b - a for a, b in zip({x}, {x}[1:])]"),
    Step(N, N, "neighbours", "add each number to the one after it", "[a + b for a, b in zip({x}, {x}[1:])]"),
    Step(N, C, "sum", "the sum of the numbers", "sum({x})"),
    Step(N, C, "count", "how many numbers there are", "len({x})"),
    Step(N, C, "largest", "the largest number, or 0 if there is none", "max({x}, default=0)"),
    Step(N, C, "smallest", "the smallest number, or 0 if there is none", "min({x}, default=0)"),
    Step(
        N,
        C,
        "spread",
        "the largest number minus the smallest, or 0 if there is none",
        "max({x}, default=0) - min({x}, default=0)",
    ),
    Step(N, C, "count_above", "how many numbers are greater than {k}", "sum(1 for n in {x} if n > {k})", LIMITS),
    Step(N, C, "distinct_count", "how many different numbers there are", "len(set({x}))"),
    Step(N, B, "all_above", "whether all numbers are greater than {k}", "all(n > {k} for n in {x})", LIMITS[:3]),
    Step(N, B, "any_multiple", "whether any number is a multiple of {k}", "any(n % {k} == 0 for n in {x})", LIMITS[:3]),
    Step(N, B, "contains", "whether {k} is in the list", "{k} in {x}", LIMITS),
    Step(N, B, "is_ascending", "whether the numbers are in ascending order", "{x} == sorted({x})"),
    Step(
        N, T, "joined", "join the numbers with '{k}' between them", "'{k}'.join(str(n) for n in {x})", ("-", ", ", " ")
    ),
    Step(W, W, "alphabetical", "sort the words in alphabetical order", "sorted({x})"),
    Step(W, W, "by_length", "sort the words by length, words of one length in their order", "sorted({x}, key=len)"),
    Step(W, W, "longer", "keep only the words with more than {k} letters", "[w for w in {x} if len(w) > {k}]", SMALL),
    Step(
        W,
        W,
        "shorter",
        "keep only the words with fewer than {k} letters",
        "[w for w in {x} if len(w) < {k}]",
        (4, 5, 6),
    ),
    Step(
        W,
        W,
        "with_letter",
        "keep only the words that contain the letter '{k}'",
        "[w for w in {x} if '{k}' in w]",
        LETTERS,
    ),
    Step(
        W,
        W,
        "starting",
        "keep only the words that start with '{k}'",
        "[w for w in {x} if w.startswith('{k}')]",
        LETTERS,
    ),
    Step(W, W, "upper", "change each word to upper case", "[w.upper() for w in {x}]"),
    Step(W, W, "capital", "capitalise each word", "[w.capitalize() for w in {x}]"),
    Step(W, W, "backwards", "reverse each word", "[w[::-1] for w in {x}]"),
    Step(W, W, "beginnings", "take the first {k} letters of each word", "[w[:{k}] for w in {x}]", SMALL[:3]),
    Step(W, W, "unrepeated", "remove repeated words and keep the order", "list(dict.fromkeys({x}))"),
    Step(W, W, "turned", "reverse the order of the words", "{x}[::-1]"),
    Step(W, N, "lengths", "take the length of each word", "[len(w) for w in {x}]"),
    Step(W, N, "letter_counts", "count the letter '{k}' in each word", "[w.count('{k}') for w in {x}]", LETTERS),
    Step(W, T, "sentence", "join the words with '{k}' between them", "'{k}'.join({x})", (" ", "-", ", ", "_")),
    Step(W, T, "initials", "join the first letters of the words", "''.join(w[:1] for w in {x})"),
    Step(W, C, "word_count", "how many words there are", "len({x})"),
    Step(W, C, "letters", "how many letters the words have together", "sum(len(w) for w in {x})"),
    Step(T, T, "uppercase", "change the text to upper case", "{x}.upper()"),
    Step(T, T, "swapped", "swap upper and lower case", "{x}.swapcase()"),
    Step(T, T, "mirrored", "reverse the text", "{x}[::-1]"),
    Step(T, T, "no_vowels", "remove all vowels", "''.join(c for c in {x} if c not in 'aeiouAEIOU')"),
    Step(T, T, "no_blanks", "remove all spaces", "{x}.replace(' ', '')"),
    Step(T, T, "no_digits", "remove all digits", "''.join(c for c in {x} if not c.isdigit())"),
    Step(T, T, "letters_only", "keep only the letters", "''.join(c for c in {x} if c.isalpha())"),
    Step(T, T, "without_letter", "remove every '{k}'", "{x}.replace('{k}', '')", LETTERS),
    Step(T, T, "start", "take the first {k} characters", "{x}[:{k}]", LIMITS[:4]),
    Step(T, T, "end", "take the last {k} characters", "{x}[-{k}:]", LIMITS[:4]),
    Step(T, T, "every_other", "take every second character, beginning with the first", "{x}[::2]"),
    Step(T, T, "sorted_characters", "sort its characters", "''.join(sorted({x}))"),
    Step(T, T, "different_characters", "remove repeated characters and keep the order", "''.join(dict.fromkeys({x}))"),
    Step(T, W, "split", "split the text into words", "{x}.split()"),
    Step(T, N, "digits", "take its digits as numbers", "[int(c) for c in {x} if c.isdigit()]"),
    Step(T, C, "length", "the number of characters", "len({x})"),
    Step(T, C, "vowels", "how many vowels there are", "sum(1 for c in {x} if c in 'aeiouAEIOU')"),
    Step(T, C, "occurrences", "how often '{k}' occurs", "{x}.count('{k}')", LETTERS),
    Step(T, C, "capitals", "how many letters are in upper case", "sum(1 for c in {x} if c.isupper())"),
    Step(T, B, "has_digit", "whether there is a digit", "any(c.isdigit() for c in {x})"),
    Step(T, B, "palindrome", "whether it reads the same backwards", "{x} == {x}[::-1]"),
    Step(I, N, "figures", "take its digits", "[int(d) for d in str({x})]"),
    Step(
        I, N, "divisors", "take all its divisors in ascending order", "[d for d in range(1, {x} + 1) if {x} % d == 0]"
    ),
    Step(I, N, "up_to", "take all numbers from 1 to it", "list(range(1, {x} + 1))"),
    Step(I, N, "table", "take its first {k} multiples", "[{x} * i for i in range(1, {k} + 1)]", LIMITS[:4]),
    Step(I, T, "binary", "write it in binary", "bin({x})[2:]"),
    Step(I, T, "written", "write it as a text", "str({x})"),
    Step(I, T, "hexadecimal", "write it in hexadecimal", "hex({x})[2:]"),
    Step(I, B, "prime", "whether it is a prime number", "{x} > 1 and all({x} % d for d in range(2, {x}))"),
    Step(I, C, "last_figure", "its last digit", "{x} % 10"),
)
"""What gives ``COUNT`` or ``TRUTH`` ends a task; any other may also be its last step."""

ARGUMENT = {N: "numbers", W: "words", T: "text", I: "number"}
"""What a function's argument is called, by what it takes."""
