"""Hashed n-grams: a question as a short list of numbered features, the same in every process and on every machine."""

import math
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from suture.router.plain import plain, words_in

BUCKETS = 2**15
_CHARS = (3, 4)
_MARKS = " ,.!?;-"


def features(text: str) -> dict[int, float]:
    """(bucket, weight): words, pairs of words, and runs of letters in words, of length one (Euclid)."""
    counts = Counter(bucket_of(gram) for gram in grams(text))
    weights = {bucket: 1 + math.log(count) for bucket, count in counts.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {bucket: weight / length for bucket, weight in weights.items()}


def grams(text: str) -> Iterator[str]:
    """Everything that is counted of a question, once for each time it is there. Not the marks at its end: a courtesy
    behind them takes them away."""
    words = words_in(plain(text).rstrip(_MARKS))
    yield from (f"w {_shape(word)}" for word in words)
    yield from (f"p {_shape(one)} {_shape(two)}" for one, two in pairwise(words))
    for word in words:
        padded = f"<{_shape(word)[:32]}>"
        for size in _CHARS:
            yield from (f"c {padded[at : at + size]}" for at in range(len(padded) - size + 1))


def _shape(word: str) -> str:
    """Numbers are alike: which one it is says nothing of the job."""
    return "0" if word.isdecimal() else word


def bucket_of(gram: str) -> int:
    """The number of a gram; several may share one."""
    return zlib.crc32(gram.encode("utf-8", "replace")) % BUCKETS
