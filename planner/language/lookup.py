"""A person's word for a dataset or repository against the names that are known."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from policies.capture import Candidate
from policies.catalog import Catalog
from policies.dataset import FilesDataset, PostgresDataset, SqliteDataset

GENERIC = {"database", "databases", "db", "dbs", "server", "servers", "share", "host", "files", "repo", "repository", "bucket", "system", "the",
           "postgres", "postgresql", "pg", "sqlite", "store", "disk"}  # fmt: skip
GENERIC_HAN = re.compile(r"(?:数据库|資料庫|服务器|伺服器|系统|系統|库|庫|仓库|倉庫|文件|目录)$")
KINDS = {
    "postgres": {"postgres", "postgresql", "pg", "postgres database", "postgresql database", "postgres db"},
    "sqlite": {"sqlite", "sqlite database", "sqlite db"},
    "files": {"files", "file system", "filesystem", "文件", "文件系统"},
}
DATABASE = {"database", "db", "数据库", "資料庫", "库", "databases", "dbs", "sql", "所有数据库", "全部数据库"}
PLURAL = {"databases", "dbs", "所有数据库", "全部数据库", "files"}


@dataclass(frozen=True, slots=True)
class Known:
    """A name that may be meant, with what identifies it."""

    name: str
    words: tuple[str, ...]
    kind: str
    paths: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What a word means: names (sure), or choices (to be asked); `part`: the word named a part of the dataset."""

    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    part: str | None = None
    candidate: Candidate | None = None


def datasets(catalog: Catalog, discovered: Sequence[Candidate] = ()) -> list[Known]:
    """Everything that can be protected: the catalog's datasets, then discovered ones with other names."""
    known = []
    for name, data in catalog.datasets.items():
        paths = (
            data.paths if isinstance(data, FilesDataset) else (data.path,) if isinstance(data, SqliteDataset) else ()
        )
        parts = data.databases if isinstance(data, PostgresDataset) else ()
        known.append(Known(name, (name, *data.aliases), data.kind, tuple(paths), tuple(parts)))
    for found in discovered:
        if found.name not in catalog.datasets:
            raw = found.fields.get("paths") or found.fields.get("path") or ()
            paths = (
                (raw,) if isinstance(raw, str) else tuple(str(p) for p in raw) if isinstance(raw, (list, tuple)) else ()
            )
            bases = found.fields.get("databases") or ()
            parts = tuple(str(p) for p in bases) if isinstance(bases, (list, tuple)) else ()
            known.append(Known(found.name, (found.name, *found.aliases), found.kind, paths, parts, found))
    return known


def repositories(catalog: Catalog) -> list[Known]:
    """All repositories; a bucket, a folder, `offsite`, `local` and `s3` name them too."""
    known = []
    for name, repo in catalog.repositories.items():
        words = [name, *repo.aliases]
        words += [repo.bucket] if repo.kind == "s3" else [repo.path, posixpath.basename(repo.path)]
        words += ["offsite", "off-site", "异地", "cloud", "云"] if repo.offsite else []
        words += ["s3"] if repo.kind == "s3" else ["local", "local disk", "本地"]
        known.append(Known(name, tuple(w for w in words if w), repo.kind))
    return known


def plain(word: str) -> str:
    """A name without case, separators and quotes."""
    return re.sub(r"[\s_\-.]+", " ", word.strip().casefold()).strip()


def core(word: str) -> str:
    """A name without words that only say what kind of thing it is."""
    tokens = [t for t in plain(word).split() if t not in GENERIC]
    return GENERIC_HAN.sub("", " ".join(tokens)).strip() or plain(word)


def match(word: str, known: Sequence[Known]) -> Match:
    """What a word means among the known names."""
    target = plain(word)
    # a name of its own goes before words that say what something is: `local` beside another local repository
    named = [k for k in known if plain(k.name) == target]
    exact = named or [k for k in known if target in {plain(w) for w in k.words}]
    if exact:
        return _one_or_ask(exact)
    if word.startswith("/"):
        return _path(word, known)
    if found := _kind(target, known):
        return found
    part = [k for k in known if target in {plain(p) for p in k.parts} or core(word) in {plain(p) for p in k.parts}]
    if part:
        return Match(_one_or_ask(part).names, _one_or_ask(part).choices, core(word), part[0].candidate)
    same = [k for k in known if core(word) in {core(w) for w in k.words}]
    if same:
        return _one_or_ask(same)
    return Match(choices=tuple(near(word, known)))


def _one_or_ask(found: Sequence[Known]) -> Match:
    if len(found) == 1:
        return Match((found[0].name,), candidate=found[0].candidate)
    return Match(choices=tuple(k.name for k in found))


def _kind(target: str, known: Sequence[Known]) -> Match | None:
    for kind, words in KINDS.items():
        if target in words:
            found = [k for k in known if k.kind == kind]
            return _one_or_ask(found) if found else None
    if target in DATABASE:
        found = [k for k in known if k.kind in {"postgres", "sqlite"}]
        if target in PLURAL and found:
            return Match(tuple(k.name for k in found if k.candidate is None) or tuple(k.name for k in found))
        return _one_or_ask(found) if found else None
    return None


def _path(path: str, known: Sequence[Known]) -> Match:
    """A path that equals a dataset's path, or lies below one (the longest)."""
    wanted = posixpath.normpath(path)
    best: tuple[int, Known] | None = None
    for k in known:
        for own in k.paths:
            base = posixpath.normpath(own)
            if (wanted == base or wanted.startswith(base.rstrip("/") + "/")) and (best is None or len(base) > best[0]):
                best = (len(base), k)
    if best is None:
        return Match()
    part = wanted if wanted not in {posixpath.normpath(p) for p in best[1].paths} else None
    return Match((best[1].name,), part=part, candidate=best[1].candidate)


def near(word: str, known: Sequence[Known]) -> list[str]:
    """Names that look or read like a word, best first."""
    target, tokens = plain(word), set(plain(word).split()) - GENERIC
    scored: dict[str, float] = {}
    for k in known:
        for own in k.words:
            ratio = difflib.SequenceMatcher(None, core(target), core(own)).ratio()
            shared = tokens & (set(plain(own).split()) - GENERIC)
            contained = (len(core(own)) > 1 and core(own) in target) or (
                len(core(target)) > 1 and core(target) in plain(own)
            )
            scored[k.name] = max(scored.get(k.name, 0.0), ratio, 0.75 if shared else 0.0, 0.7 if contained else 0.0)
    return [name for name, score in sorted(scored.items(), key=lambda item: -item[1]) if score >= 0.6][:5]


def proposal(path: str, taken: Sequence[str]) -> Candidate:
    """A new files dataset for an absolute path, named after its last parts."""
    clean = posixpath.normpath(path)
    parts = [re.sub(r"[^\w.-]+", "-", p).strip("-.") for p in clean.split("/") if p]
    name = (parts[-1] if parts else "root")[:50] or "files"
    if name in taken and len(parts) > 1:
        name = f"{parts[-2]}-{parts[-1]}"[:60]
    base, n = name, 2
    while name in taken:
        name, n = f"{base}-{n}", n + 1
    return Candidate(
        name=name, kind="files", fields={"kind": "files", "paths": [clean]}, detail=f"{clean} (not in the catalog yet)"
    )
