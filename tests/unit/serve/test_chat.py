"""``/v1/chat/completions``: what clients of OpenAI's interface depend on, one test a line."""

import pytest
from doors import PACK
from openai.types.chat import ChatCompletion, ChatCompletionChunk

USAGE = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}


def test_a_whole_answer_has_the_official_shape(door):
    said = door.chat()
    body = said.json()
    ChatCompletion.model_validate(body, strict=True)
    assert said.status_code == 200 and said.headers["content-type"] == "application/json"
    assert body["id"].startswith("chatcmpl-") and body["object"] == "chat.completion"
    assert isinstance(body["created"], int) and body["model"] == "code"
    message = {"role": "assistant", "content": "one two three", "refusal": None}
    assert body["choices"] == [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}]
    assert body["usage"] == USAGE


def test_headers_say_who_answered(door):
    for stream in (False, True):
        headers = door.chat(stream=stream).headers
        assert (headers["x-suture-model"], headers["x-suture-pack"]) == ("code", PACK)
        assert headers["x-request-id"].startswith("req_")


def test_a_request_id_of_the_clients_is_kept(door):
    assert door.http.get("/v1/models", headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    strange = door.http.get("/v1/models", headers={"x-request-id": "a b"}).headers["x-request-id"]
    assert strange.startswith("req_")


def test_ids_differ(door):
    assert len({door.chat().json()["id"] for _ in range(5)}) == 5


def test_a_stream_has_the_official_shape(door, events):
    said = door.chat(stream=True)
    assert said.headers["content-type"].startswith("text/event-stream")
    assert (said.headers["cache-control"], said.headers["x-accel-buffering"]) == ("no-cache", "no")
    chunks, done = events(said)
    assert done
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk, strict=True)
        assert "usage" not in chunk and chunk["model"] == "code" and chunk["object"] == "chat.completion.chunk"
    assert len({(chunk["id"], chunk["created"]) for chunk in chunks}) == 1
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert [delta.get("role") for delta in deltas] == ["assistant"] + [None] * (len(deltas) - 1)
    assert "".join(delta.get("content", "") for delta in deltas) == "one two three"
    assert deltas[-1] == {}
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]


def test_usage_comes_in_one_last_chunk_and_only_when_asked(door, events):
    chunks, done = events(door.chat(stream=True, stream_options={"include_usage": True}))
    assert done and chunks[-1]["choices"] == [] and chunks[-1]["usage"] == USAGE
    assert (chunks[-1]["id"], chunks[-1]["model"]) == (chunks[0]["id"], "code")
    assert all("usage" not in chunk for chunk in chunks[:-1])


def test_an_answer_that_runs_out_of_tokens_says_length(door):
    for name in ("max_tokens", "max_completion_tokens"):
        choice = door.chat(**{name: 2}).json()["choices"][0]
        assert (choice["finish_reason"], choice["message"]["content"]) == ("length", "one two ")


def test_an_empty_answer_is_an_empty_text(door, says, events):
    says("")
    assert door.chat().json()["choices"][0]["message"]["content"] == ""
    chunks, _ = events(door.chat(stream=True))
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}


def test_content_may_be_parts_and_developer_is_system(door, speaker):
    parts = [{"type": "text", "text": "Hello"}, {"type": "text", "text": " there"}]
    door.chat(messages=[{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts}])
    chat = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello there<|im_end|>\n<|im_start|>assistant\n"
    assert speaker.heard[-1].prompt == chat


def test_n_answers_are_told_apart_by_index(door, speaker, says, events):
    says(lambda speech: f"seed {speech.sampling.seed}")
    body = door.chat(n=3, seed=5, temperature=1).json()
    ChatCompletion.model_validate(body, strict=True)
    assert [choice["message"]["content"] for choice in body["choices"]] == ["seed 5", "seed 6", "seed 7"]
    assert [choice["index"] for choice in body["choices"]] == [0, 1, 2]
    assert body["usage"] == {"prompt_tokens": 3, "completion_tokens": 6, "total_tokens": 9}
    chunks, done = events(door.chat(n=2, seed=5, temperature=1, stream=True))
    told = {0: "", 1: ""}
    for chunk in chunks:
        told[chunk["choices"][0]["index"]] += chunk["choices"][0]["delta"].get("content", "")
    assert done and told == {0: "seed 5", 1: "seed 6"}
    assert sum("role" in chunk["choices"][0]["delta"] for chunk in chunks) == 2


def test_sampling_reaches_the_engine_and_greedy_is_the_default(door, speaker):
    door.chat()
    assert (speaker.heard[-1].sampling.temperature, speaker.heard[-1].sampling.top_p) == (0, 1)
    door.chat(temperature=0.5, top_p=0.9, seed=-1, stop=["a", "b"], frequency_penalty=1, presence_penalty=-1)
    heard = speaker.heard[-1]
    assert (heard.sampling.temperature, heard.sampling.top_p, heard.stop) == (0.5, 0.9, ("a", "b"))
    assert 0 <= heard.sampling.seed < 2**32 - 1
    assert (heard.frequency_penalty, heard.presence_penalty) == (1, -1)
    door.chat(logit_bias={"12": -100})
    assert speaker.heard[-1].logit_bias == ((12, -100),)


def test_a_seed_is_drawn_where_none_is_given(door, speaker):
    for _ in range(8):
        door.chat(temperature=1)
    assert len({speech.sampling.seed for speech in speaker.heard}) > 1


def test_stop_ends_the_answer(door):
    assert door.chat(stop="two").json()["choices"][0]["message"]["content"] == "one "


def test_log_probabilities_in_the_chat_shape(door, events):
    body = door.chat(logprobs=True, top_logprobs=2).json()
    ChatCompletion.model_validate(body, strict=True)
    content = body["choices"][0]["logprobs"]["content"]
    assert [entry["token"] for entry in content] == ["one ", "two ", "three"]
    assert all(len(entry["top_logprobs"]) == 2 and entry["bytes"] == list(entry["token"].encode()) for entry in content)
    assert door.chat(logprobs=True).json()["choices"][0]["logprobs"]["content"][0]["top_logprobs"] == []
    chunks, _ = events(door.chat(logprobs=True, top_logprobs=1, stream=True))
    told = [entry["token"] for chunk in chunks for entry in (chunk["choices"][0]["logprobs"] or {}).get("content", [])]
    assert told == ["one ", "two ", "three"]


@pytest.mark.parametrize(
    "field", ["stream", "stop", "tools", "temperature", "n", "max_tokens", "tool_choice", "stream_options", "user"]
)
def test_a_null_is_as_if_it_were_not_there(door, field):
    assert door.chat(**{field: None}).status_code == 200


def test_empty_lists_are_as_if_they_were_not_there(door):
    assert door.chat(tools=[], stop=[]).json()["choices"][0]["message"]["content"] == "one two three"


def test_fields_without_effect_are_taken(door):
    told = {"user": "u", "metadata": {"a": "b"}, "store": True, "service_tier": "auto", "reasoning_effort": "low"}
    more = {"parallel_tool_calls": False, "prompt_cache_key": "k", "verbosity": "low", "safety_identifier": "s"}
    assert door.chat(**told, **more, modalities=["text"]).status_code == 200


def test_characters_arrive_whole(door, says, events):
    says("naïve 🧵 漢字")
    chunks, _ = events(door.chat(stream=True))
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == "naïve 🧵 漢字"
