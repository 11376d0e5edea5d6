import pytest
import torch
from rows import row

from suture.loop.workshop import Silent
from suture.training.likelihood import target_logliks
from suture.training.load import load_model, load_tokenizer


def test_is_the_sum_over_the_targets_tokens(base_of):
    made = row(3)
    tokenizer, model = load_tokenizer(base_of()), load_model(base_of())
    prompt, target = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in (made.prompt, made.target))
    with torch.no_grad():
        logprobs = torch.log_softmax(model(torch.tensor([prompt + target])).logits[0], -1)
    wanted = sum(logprobs[len(prompt) + i - 1, token].item() for i, token in enumerate(target))
    pair = (made.prompt, made.target)
    assert target_logliks(base_of(), [pair, pair], Silent()) == pytest.approx([wanted, wanted], rel=0.02)


def test_nothing_asked_nothing_loaded(tmp_path):
    assert target_logliks(tmp_path / "no model here", [], Silent()) == []


def test_says_how_far_it_is(base_of):
    said = []

    class Seen(Silent):
        def start(self, stage, total):
            said.append((stage, total))

        def advance(self, done=1, *, tokens=0):
            said.append(("tokens", tokens))

        def finish(self):
            said.append(("finished", 0))

    one, other = ((made.prompt, made.target) for made in (row(3), row(4)))
    target_logliks(base_of(), [one, other, one], Seen())
    lengths = [len(load_tokenizer(base_of())(p + t, add_special_tokens=False)["input_ids"]) for p, t in (one, other)]
    assert said == [("likelihood", 2), *(("tokens", length) for length in lengths), ("finished", 0)]
