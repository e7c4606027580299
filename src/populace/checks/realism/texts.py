"""What people write: hardly ever twice the same, apart from the shortest answers."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from populace.checks.confidence import least_share
from populace.checks.realism.logs import Logs, Written
from populace.checks.realism.metric import Curve, Measured, Metric

HASHES = 24
BANDS = 6
"""Texts whose signatures agree in one of so many bands are compared."""
ALIKE = 0.8
SHINGLE = 3
SHORTEST = 6
"""Words of a text that can be nearly the same as another: of shorter ones anybody writes the same."""
FEWEST_TEXTS = 50
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"[.!?…\n]+")


def normal(text: str) -> str:
    """A text without case, punctuation and spaces that say nothing."""
    return " ".join(_WORD.findall(text.lower()))


def repeated(texts: Sequence[str]) -> float:
    """What part of texts stands there at least twice."""
    counts = Counter(map(normal, texts))
    return sum(n for n in counts.values() if n > 1) / len(texts) if texts else float("nan")


def commonest_sentence(texts: Sequence[str]) -> tuple[float, str]:
    """What part of texts has the sentence that most of them have, and the sentence."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({normal(sentence) for sentence in _SENTENCE.split(text)} - {""})
    if not counts:
        return float("nan"), ""
    sentence, n = max(counts.items(), key=lambda item: (item[1], item[0]))
    return n / len(texts), sentence


def nearly_repeated(texts: Sequence[str]) -> float:
    """What part of the texts of six words or more has four of five runs of three words in common with another, at
    least. Each different text is compared once; those that are equal are not counted, which `repeated` does."""
    shingled = {t: s for t in dict.fromkeys(map(normal, texts)) if len(s := _shingles(t)) > SHORTEST - SHINGLE}
    if len(shingled) < 2:
        return 0.0
    names = list(shingled)
    signatures = np.array([_signature(shingled[t]) for t in names])
    near = np.zeros(len(names), dtype=np.bool_)
    width = HASHES // BANDS
    for band in range(BANDS):
        buckets: dict[bytes, list[int]] = {}
        for i, row in enumerate(signatures[:, band * width : (band + 1) * width]):
            buckets.setdefault(row.tobytes(), []).append(i)
        for bucket in buckets.values():
            for a, b in zip(bucket, bucket[1:] + bucket[:1], strict=True):
                if a != b and not (near[a] and near[b]) and _alike(shingled[names[a]], shingled[names[b]]):
                    near[a] = near[b] = True
    return float(near.mean())


def _shingles(text: str) -> frozenset[int]:
    words = text.split()
    return frozenset(zlib.crc32(" ".join(words[i : i + SHINGLE]).encode()) for i in range(len(words) - SHINGLE + 1))


_FACTORS = np.array([(2 * i + 1) * 0x9E3779B97F4A7C15 % 2**64 for i in range(HASHES)], dtype=np.uint64)


def _signature(shingles: frozenset[int]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    mixed = np.fromiter(shingles, dtype=np.uint64)[:, None] * _FACTORS
    lowest: np.ndarray[tuple[int], np.dtype[np.uint64]] = (mixed ^ (mixed >> np.uint64(29))).min(axis=0)
    return lowest


def _alike(one: frozenset[int], other: frozenset[int]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)


def _worst(logs: Logs, share: Callable[[Sequence[str]], float]) -> Measured:
    """The table whose texts are worst, and how sure that is."""
    assert logs.texts is not None
    found = [(share(texts), kind, texts) for kind, texts in _by_kind(logs.texts).items()]
    if not found:
        return Measured(float("nan"), 0)
    value, kind, texts = max(found, key=lambda f: f[0])
    n = len(texts)
    # How sure one is that it is not less, as far off as one standard error counts with a normal law.
    low = least_share(round(value * n), n)
    return Measured(value, sum(len(t) for _, _, t in found), (value - low) / 1.645, f"in {kind}")


def _by_kind(texts: Written) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for kind, text in zip(texts.kind.tolist(), texts.text.tolist(), strict=True):
        kinds.setdefault(kind, []).append(text)
    return {kind: some for kind, some in kinds.items() if len(some) >= FEWEST_TEXTS}


def _commonest(logs: Logs) -> Measured:
    assert logs.texts is not None
    worst = _worst(logs, lambda texts: commonest_sentence(texts)[0])
    said = ""
    if kind := worst.note.removeprefix("in "):
        said = commonest_sentence(_by_kind(logs.texts)[kind])[1]
    return Measured(worst.value, worst.n, worst.error, f"{worst.note}: “{said[:60]}”" if said else worst.note)


def by_table(share: Callable[[Sequence[str]], float]) -> Callable[[Logs], Curve]:
    """The share, by table."""

    def curve(logs: Logs) -> Curve:
        assert logs.texts is not None
        return [(kind, share(texts)) for kind, texts in _by_kind(logs.texts).items()]

    return curve


_FAMILY = "texts"


def _of(id: str, title: str, meaning: str, formula: str, share: Callable[[Sequence[str]], float],
        measure: Callable[[Logs], Measured] | None = None) -> Metric:  # fmt: skip
    return Metric(
        id=id, title=title, meaning=meaning, formula=formula, family=_FAMILY, needs=("texts",), counts="texts",
        fewest=FEWEST_TEXTS, unit="share", measure=measure or (lambda logs: _worst(logs, share)), curve=by_table(share),
        axes="share by table",
    )  # fmt: skip


METRICS = (
    _of("text_repeated", "Texts that stand there twice",
    "what part of a table's texts is the same as another, word by word",
        "texts whose words stand there at least twice / texts, in the worst table", repeated),
    _of("text_near", "Texts that are nearly the same", "what part of a table's different texts differs from another by "
        "a word or two", "different texts of 6 words or more that share 80 % of their runs of 3 words with another / "
        "such "
        "texts, in the worst table", nearly_repeated),
    _of("text_sentence", "The commonest sentence",
    "what part of a table's texts has the sentence that most of them have",
        "texts with the commonest sentence / texts, in the worst table", lambda texts: commonest_sentence(texts)[0],
        _commonest),
)  # fmt: skip
