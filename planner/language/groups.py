"""Words that stand for several names: a kind ("the databases"), all, the rest, both, all but one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from planner.language.known import Known, plain

EVERYTHING = frozenset(
    {
        "all", "everything", "all data", "all of it", "all of them", "all servers", "all datasets", "every dataset", "all systems",
        "the lot", "全部", "所有", "一切", "全部数据", "所有数据", "全部数据集", "所有数据集", "所有的数据", "所有东西", "整个系统",
    }
)  # fmt: skip
REST = re.compile(
    r"(?:the |all (?:the )?)?(?:rest(?: of (?:the |them|it)?)?|remaining|remainder|others?|other ones|everything else|all else)"
    r"\s*(?P<kind>.*)|(?:其余|其他|其它|剩下|剩余|别)的?(?P<han>.*)"
)
BUT = re.compile(
    r"(?P<all>everything|all\b.*?|every .+?)\s+(?:except|but|apart from|other than|excluding|without|besides|save)\s+(?:for )?(?P<but>.+)"
    r"|除了?(?P<hanbut>.+?)(?:以外|之外|外)?(?:的|,|,)?(?P<hanall>所有.*|全部.*|一切|其他.*|其它.*|都)"
    r"|(?P<hanall2>所有.*?|全部.*?)[,,]?(?:除了|除)(?P<hanbut2>.+?)(?:以外|之外|外)?"
)
BOTH = re.compile(r"(?:the )?(?:both(?: of them)?|two)(?: the)?\s*(?P<kind>.*)|(?:两个|两者|二者|这两个)(?P<han>.*)")
QUANTIFIER = re.compile(
    r"^(?:(?:all(?: of)?|every|each|any|both)\b\s*(?:the |our |my |of )*|(?:the |our |my )|(?:所有|全部|全体|每个|各个|每台|各台|一切)的?)"
)
COUNTING = re.compile(r"^(?:all|every|each|any|both)\b|^(?:所有|全部|全体|每|各|一切)")
#: the kinds of dataset behind the words for them, in the singular
KINDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("postgres", "postgresql", "pg", "psql"), frozenset({"postgres"})),
    **dict.fromkeys(("sqlite", "sqlite3"), frozenset({"sqlite"})),
    **dict.fromkeys(("database", "db", "sql", "数据库", "資料庫", "库"), frozenset({"postgres", "sqlite"})),
    **dict.fromkeys(
        ("file", "folder", "directory", "file system", "filesystem", "文件", "文件夹", "目录", "文件系统"),
        frozenset({"files"}),
    ),
}
FILLING = frozenset({"server", "instance", "cluster", "dataset", "system"})
HAN_KIND = re.compile(r"^(postgres(?:ql)?|pg|sqlite)?\s*的?(数据库|資料庫|库|文件系统|文件夹|文件|目录)?$")


@dataclass(frozen=True, slots=True)
class Group:
    """`kind`: words for what kind of thing is meant ("" for any); `but`: words for what is left out of it."""

    scope: str  # all, rest, both
    kind: str = ""
    but: tuple[str, ...] = ()


def group(word: str) -> Group | None:
    """How a word stands for several names by itself; None where it is a name or a kind."""
    target = plain(word)
    if target in EVERYTHING:
        return Group("all")
    if found := BUT.fullmatch(target):
        whole = found["all"] or found["hanall"] or found["hanall2"] or ""
        but = found["but"] or found["hanbut"] or found["hanbut2"] or ""
        kind = "" if whole in EVERYTHING or whole in {"都", "其他", "其它"} else bare(whole)
        return Group("all", kind, listed(but))
    if found := REST.fullmatch(target):
        return Group("rest", (found["kind"] or found["han"] or "").strip())
    if found := BOTH.fullmatch(target):
        return Group("both", (found["kind"] or found["han"] or "").strip())
    return None


def listed(words: str) -> tuple[str, ...]:
    """`the wiki and the home` as separate names."""
    parts = re.split(r"\s*[,;、\uff0c\uff1b]\s*(?:and |or )?|\s+(?:and|or|nor)\s+|\s*[和与及跟]\s*", words)
    return tuple(p for p in (re.sub(r"^(?:the|our|my)\s+", "", part.strip()) for part in parts) if p)


def bare(word: str) -> str:
    """A kind without "all", "every", "the"."""
    return QUANTIFIER.sub("", word, count=1).strip()


def singular(word: str) -> str:
    """An English plural's singular, as far as names of things need it."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(?:ss|x|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 2 else word


def of_kind(word: str, known: Sequence[Known]) -> tuple[list[Known], bool]:
    """(what is of the kind that a word tells, whether the word means all of it): `databases`, `postgres server`, `所有数据库`,
    `vms` (by names and descriptions). Empty where the word tells no kind."""
    target = plain(word)
    counted = bool(COUNTING.match(target))
    stem = bare(target)
    if kinds := _kinds(stem):
        return [k for k in known if k.kind in kinds], counted or _plural(stem)
    one = singular(stem)
    if not (counted or one != stem) or not one:
        return [], False
    if one.isascii():
        return [k for k in known if one in _tokens(k)], True
    return [k for k in known if any(one in text for text in (*k.words, k.about))], True


def _tokens(known: Known) -> set[str]:
    return {singular(token) for text in (*known.words, known.about) for token in re.findall(r"[a-z]+", plain(text))}


def _plural(stem: str) -> bool:
    last = stem.rsplit(maxsplit=1)[-1] if stem else ""
    return last.isascii() and singular(last) != last and last not in {"postgres", "sqlite"}


def _kinds(stem: str) -> frozenset[str]:
    """The kinds of dataset that every token of a phrase agrees to."""
    if han := HAN_KIND.fullmatch(stem):
        found = [KINDS[part] for part in han.groups() if part]
        return frozenset.intersection(*found) if found else frozenset()
    if stem in KINDS:
        return KINDS[stem]
    tokens = [t if t in KINDS else singular(t) for t in stem.split()]
    told = [KINDS[t] for t in tokens if t in KINDS]
    if not told or any(t not in KINDS and t not in FILLING for t in tokens):
        return frozenset()
    return frozenset.intersection(*told)
