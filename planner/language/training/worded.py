"""BLEU and ROUGE-L of worded text against references. Written out here: a few short sentences are compared, and the usual
library would bring five packages for that. Chinese is compared character by character, everything else word by word."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

LONGEST = 4  # words in the longest n-gram, as BLEU is usually given
TOKEN = re.compile(r"[\u3400-\u9fff]|(?:(?![\u3400-\u9fff])[\w:./%+-])+|[^\w\s]")
BETA = 1.2  # of ROUGE-L: recall weighs a little more, as in its paper


def tokens(text: str) -> list[str]:
    """Words, numbers, marks and single Chinese characters, in lower case; a trailing full stop belongs to no word."""
    return [word.rstrip(".") or word for word in TOKEN.findall(text.casefold())]


def bleu(pairs: Sequence[tuple[str, Sequence[str]]]) -> float:
    """Corpus BLEU of (text, references) pairs, from 0 to 1: the geometric mean of the precisions of 1- to 4-grams times the
    brevity penalty. N-grams longer than every text are left out; a precision of none counts half an n-gram (method 1 with
    ε = 0.5), so that one short sentence is not 0 for lack of a common 4-gram."""
    hits, counts = [0.0] * LONGEST, [0] * LONGEST
    length = nearest = 0
    for text, references in pairs:
        words, others = tokens(text), [tokens(one) for one in references]
        length += len(words)
        nearest += min((len(one) for one in others), key=lambda n: (abs(n - len(words)), n), default=0)
        for n in range(1, LONGEST + 1):
            mine = _grams(words, n)
            most: Counter[tuple[str, ...]] = Counter()
            for other in others:
                most |= _grams(other, n)
            hits[n - 1] += sum((mine & most).values())
            counts[n - 1] += sum(mine.values())
    if not length or not hits[0]:
        return 0.0
    precisions = [(hit or 0.5) / count for hit, count in zip(hits, counts, strict=True) if count]
    mean = math.exp(sum(math.log(each) for each in precisions) / len(precisions))
    return mean * (1.0 if length >= nearest else math.exp(1 - nearest / length))


def rouge_l(text: str, references: Sequence[str]) -> float:
    """ROUGE-L F-measure of one text, from 0 to 1: by the longest common subsequence with the nearest reference."""
    words = tokens(text)
    return max((_rouge(words, tokens(one)) for one in references), default=0.0)


def _rouge(words: list[str], reference: list[str]) -> float:
    common = _longest_common(words, reference)
    if not common:
        return 0.0
    precision, recall = common / len(words), common / len(reference)
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)


def _longest_common(a: list[str], b: list[str]) -> int:
    row = [0] * (len(b) + 1)
    for word in a:
        before = 0
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if word == other else max(row[j], row[j - 1])
    return row[-1]


def _grams(words: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
