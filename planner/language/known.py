"""The names that a person may mean, and what else identifies what they stand for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from planner.language.normalise.text import fold
from policies.capture import Candidate
from policies.catalog import Catalog
from policies.dataset import FilesDataset, PostgresDataset, SqliteDataset

#: words that say what kind of thing a name is, and nothing more
_KIND_WORDS = (
    "database databases db dbs server servers share shares host hosts machine box files file folder folders directory dir data dataset "
    "datasets cluster instance volume app application service site system systems repo repository bucket store storage disk drive the "
    "our my postgres postgresql pg sqlite"
)  # fmt: skip
GENERIC = frozenset(_KIND_WORDS.split())
GENERIC_HAN = re.compile(
    r"(?:数据库|資料庫|服务器|伺服器|主机|系统|系統|集群|实例|数据集|数据|仓库|倉庫|存储桶|文件夹|文件|目录|库|庫|盘)$"
)


@dataclass(frozen=True, slots=True)
class Known:
    """A name that may be meant: `words` are the name and its aliases, `about` its description, `parts` what lies in it."""

    name: str
    words: tuple[str, ...]
    kind: str
    paths: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    candidate: Candidate | None = None
    about: str = ""


def datasets(catalog: Catalog, discovered: Sequence[Candidate] = ()) -> list[Known]:
    """Everything that can be protected: the catalog's datasets, then discovered ones with other names."""
    known = []
    for name, data in catalog.datasets.items():
        paths = (
            data.paths if isinstance(data, FilesDataset) else (data.path,) if isinstance(data, SqliteDataset) else ()
        )
        parts = data.databases if isinstance(data, PostgresDataset) else ()
        known.append(Known(name, (name, *data.aliases), data.kind, tuple(paths), tuple(parts), about=data.description))
    for found in discovered:
        if found.name not in catalog.datasets:
            raw = found.fields.get("paths") or found.fields.get("path") or ()
            paths = (raw,) if isinstance(raw, str) else _texts(raw)
            parts = _texts(found.fields.get("databases") or ())
            known.append(Known(found.name, (found.name, *found.aliases), found.kind, paths, parts, found))
    return known


def repositories(catalog: Catalog) -> list[Known]:
    """All repositories; a bucket, a folder, `offsite`, `local` and `s3` name them too."""
    known = []
    for name, repo in catalog.repositories.items():
        words = [name, *repo.aliases]
        words += [repo.bucket] if repo.kind == "s3" else [repo.path, posixpath.basename(repo.path)]
        words += ["offsite", "off-site", "异地", "cloud", "云", "云端"] if repo.offsite else []
        words += ["s3"] if repo.kind == "s3" else ["local", "local disk", "本地"]
        known.append(Known(name, tuple(w for w in words if w), repo.kind))
    return known


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


def plain(word: str) -> str:
    """A name without case, separators and quotes."""
    return re.sub(r"[\s_\-.]+", " ", fold(word).strip(" \t\"'“”‘’「」").casefold()).strip()


def core(word: str) -> str:
    """A name without words that only say what kind of thing it is."""
    tokens = [t for t in plain(word).split() if t not in GENERIC]
    return GENERIC_HAN.sub("", " ".join(tokens)).strip() or plain(word)
