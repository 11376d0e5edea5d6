import pytest
from rows import row, rows

from suture.core.teach.dataset import RowKind
from suture.training.examples import Example, encode_rows
from suture.training.load import load_tokenizer


@pytest.fixture(scope="module")
def tokenizer(base_of):
    return load_tokenizer(base_of())


def test_prompt_and_target_are_cut_apart(tokenizer):
    made = row(7)
    (example,), too_long = encode_rows([made], tokenizer, 1000)
    prompt = tokenizer(made.prompt)["input_ids"]
    assert list(example.ids[: len(prompt)]) == prompt  # what the engine sees when it is asked
    assert tokenizer.decode(example.ids[len(prompt) :]) == made.target  # and nothing after the closing fence
    assert example.answer == len(example.ids) - len(prompt)
    assert too_long == 0


def test_half_a_character_is_read_as_the_replacement_character(tokenizer):
    half, readable = (encode_rows([row(7, target=f"# {c}\n")], tokenizer, 1000)[0] for c in ("\ud835", "\ufffd"))
    assert half == readable


def test_rows_without_target_are_left_out_and_long_ones_counted(tokenizer):
    made = [row(1), row(2, target=""), row(3, target="x = 1\n" * 200), row(4, RowKind.ANCHOR)]
    examples, too_long = encode_rows(made, tokenizer, 120)
    assert [example.key for example in examples] == [0, 3]
    assert [example.anchor for example in examples] == [False, True]
    assert too_long == 1


def test_a_target_that_is_no_token_is_left_out(tokenizer):
    class Deaf:
        def __call__(self, text, **options):
            return {"input_ids": [] if "nothing" in text else tokenizer(text, **options)["input_ids"]}

    examples, too_long = encode_rows([row(1), row(2, target="nothing")], Deaf(), 1000)
    assert ([example.key for example in examples], too_long) == ([0], 0)


def test_the_end_of_a_row_for_a_short_proof():
    long = Example(tuple(range(300)), 100, True, 7)
    assert long.shortened(64).ids == tuple(range(168, 232))
    assert long.shortened(64).answer == 32
    short = Example((1, 2, 3), 1, False, 0)
    assert short.shortened(64) == short


def test_a_row_of_exactly_max_len_is_kept(tokenizer):
    (example,), _ = encode_rows(rows(1, 0), tokenizer, 1000)
    assert encode_rows(rows(1, 0), tokenizer, len(example.ids))[1] == 0
    assert encode_rows(rows(1, 0), tokenizer, len(example.ids) - 1)[1] == 1
