"""``/v1/completions``: prompts as they are, and log-probabilities in the legacy shape."""

from openai.types import Completion


def test_a_prompt_goes_on_without_a_template(door, speaker):
    body = door.complete().json()
    Completion.model_validate(body, strict=True)
    assert body["object"] == "text_completion" and body["id"].startswith("cmpl-")
    assert body["choices"] == [{"index": 0, "text": "one two three", "logprobs": None, "finish_reason": "stop"}]
    assert (speaker.heard[-1].prompt, speaker.heard[-1].max_tokens) == ("Hello", 16)


def test_prompts_may_be_many_or_token_ids(door, speaker):
    body = door.complete(prompt=["a", "b"], n=2).json()
    assert [choice["index"] for choice in body["choices"]] == [0, 1, 2, 3]
    assert sorted(speech.prompt for speech in speaker.heard) == ["a", "a", "b", "b"]
    assert body["usage"] == {"prompt_tokens": 2, "completion_tokens": 12, "total_tokens": 14}
    door.complete(prompt=[5, 6])
    assert speaker.heard[-1].prompt == (5, 6)
    assert len(door.complete(prompt=[[5], [6]]).json()["choices"]) == 2
    assert door.complete(prompt=[5, 999_999]).json()["error"]["code"] == "refused_by_engine"


def test_log_probabilities_in_the_legacy_shape(door):
    body = door.complete(logprobs=2).json()
    Completion.model_validate(body, strict=True)
    told = body["choices"][0]["logprobs"]
    assert told["tokens"] == ["one ", "two ", "three"] and told["text_offset"] == [0, 4, 8]
    assert len(told["token_logprobs"]) == 3 and all(len(each) == 2 for each in told["top_logprobs"])


def test_a_stream_of_completions(door, events):
    chunks, done = events(door.complete(stream=True, logprobs=1, stream_options={"include_usage": True}))
    for chunk in chunks:  # OpenAI's own stream has null until the end, which its types do not know
        told = [choice | {"finish_reason": choice["finish_reason"] or "stop"} for choice in chunk["choices"]]
        Completion.model_validate(chunk | {"choices": told}, strict=True)
    assert done and "".join(chunk["choices"][0]["text"] for chunk in chunks[:-1]) == "one two three"
    offsets = [at for chunk in chunks[:-1] for at in chunk["choices"][0]["logprobs"]["text_offset"]]
    assert offsets == [0, 4, 8]
    assert chunks[-1]["choices"] == [] and chunks[-1]["usage"]["total_tokens"] == 4
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"


def test_echo_tells_the_prompt_first(door, events):
    assert door.complete(echo=True).json()["choices"][0]["text"] == "Helloone two three"
    chunks, _ = events(door.complete(echo=True, stream=True))
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == "Helloone two three"


def test_what_is_not_done_is_refused(door, speaker):
    for fields, param in (
        ({"suffix": "end"}, "suffix"),
        ({"best_of": 3}, "best_of"),
        ({"echo": True, "logprobs": 1}, "echo"),
        ({"echo": True, "prompt": [1]}, "echo"),
        ({"prompt": ["a"] * 17}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [[]]}, "prompt"),
        ({"prompt": [1, "a"]}, "prompt"),
        ({"prompt": [-1]}, "prompt"),
        ({"messages": []}, "messages"),
    ):
        said = door.complete(**fields)
        assert (said.status_code, said.json()["error"]["param"].split("[")[0]) == (400, param), fields
    assert speaker.heard == []
