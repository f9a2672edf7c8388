"""Random catalogs for property tests: valid, with names and texts that YAML readers stumble over."""

from __future__ import annotations

from hypothesis import strategies as st

from policies.catalog import Catalog, Channel, Learning
from policies.dataset import Dataset, FilesDataset, Objectives, PostgresDataset, SqliteDataset
from policies.duration import Duration
from policies.larger_model import LocalModel, ModelServer
from policies.policy import NotificationRule, Policy
from policies.repository import LocalRepository, Repository, S3Repository
from policies.retention import Retention
from policies.schedule import Schedule
from policies.secret import SecretReference
from policies.window import Window

TRAPS = ("no", "on", "off", "y", "null", "1e3", "0x1f", "0o17", "01", "1.0", "1_000", "db-1", "数据库", "a.b", "true")
NAMES = st.sampled_from(TRAPS) | st.from_regex(r"\A[a-z][a-z0-9_.\-]{0,8}\Z")
SAID = (
    "",
    "01:40",
    "no: yes",
    "# no comment",
    "'",
    '"',
    "a: b",
    "- a",
    "{x",
    "*a",
    "&a",
    "!t",
    "|",
    " x ",
    "é\u2028ü",
    "\t",
    "~",
)
TEXTS = st.sampled_from(SAID) | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
PATHS = TEXTS.map(lambda text: "/" + text.strip("\t"))
SECRETS = st.builds(SecretReference, file=PATHS) | st.builds(SecretReference, environment=TEXTS)
SECRETS |= st.lists(TEXTS, min_size=1, max_size=3).map(lambda words: SecretReference(command=tuple(words)))
DURATIONS = st.builds(Duration, st.integers(1, 99), st.sampled_from(["h", "d", "w", "mo", "y"]))
TIMES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0, tzinfo=None, fold=0))
WINDOWS = st.builds(lambda start, until: Window(**{"from": start, "to": until}), TIMES, TIMES)
OBJECTIVES = st.builds(Objectives, rpo=st.none() | DURATIONS, rto=st.none() | DURATIONS)
DATASETS: st.SearchStrategy[Dataset] = (
    st.builds(
        FilesDataset, kind=st.just("files"), paths=st.lists(PATHS, min_size=1, max_size=3).map(tuple),
        exclude=st.lists(TEXTS, max_size=3).map(tuple), objectives=OBJECTIVES, description=TEXTS, one_file_system=st.booleans(),
        size_hint=st.none() | st.integers(0, 10**13),
    )
    | st.builds(SqliteDataset, kind=st.just("sqlite"), path=PATHS, shrink_tolerance=st.floats(0, 1))
    | st.builds(
        PostgresDataset, kind=st.just("postgres"), databases=st.lists(TEXTS, max_size=3).map(tuple), host=st.none() | TEXTS,
        port=st.none() | st.integers(1, 65535), user=st.none() | TEXTS, password=st.none() | SECRETS,
    )
)  # fmt: skip
REPOSITORIES: st.SearchStrategy[Repository] = st.builds(
    LocalRepository, kind=st.just("local"), path=PATHS, password=SECRETS, limit=st.none() | st.integers(0, 10**13),
    upload=st.none() | st.integers(1, 10**9), offsite=st.booleans(),
) | st.builds(
    S3Repository, kind=st.just("s3"), bucket=st.sampled_from(["abc", "no-1"]), prefix=TEXTS, password=SECRETS,
    access_key=st.none() | SECRETS, usd_per_gb_month=st.floats(0, 1),
)  # fmt: skip
SCHEDULES = st.builds(
    Schedule, every=st.sampled_from([Duration(1, "d"), Duration(1, "w")]), at=st.lists(TIMES, min_size=1, max_size=2).map(tuple),
    timezone=st.none() | st.just("Europe/Berlin"),
)  # fmt: skip
RETENTIONS = st.builds(Retention, keep_within=DURATIONS, keep_last=st.none() | st.integers(1, 9)) | st.just(
    Retention(forever=True)
)


@st.composite
def policies(draw: st.DrawFn, datasets: list[str], repositories: list[str], channels: list[str]) -> Policy:
    """A policy that refers to names that are there."""
    told: st.SearchStrategy[NotificationRule | None] = st.none()
    if channels:
        told |= st.builds(NotificationRule, channels=st.lists(st.sampled_from(channels), min_size=1).map(tuple))
    return draw(st.builds(
        Policy, datasets=st.lists(st.sampled_from(datasets), min_size=1, max_size=3, unique=True).map(tuple),
        repositories=st.lists(st.sampled_from(repositories), min_size=1, max_size=2, unique=True).map(tuple),
        schedule=SCHEDULES, retention=RETENTIONS, window=st.none() | WINDOWS, notify=told, paused=st.booleans(), origin=TEXTS,
        rpo=st.none() | DURATIONS,
    ))  # fmt: skip


def _names(value: st.SearchStrategy[object], least: int = 0) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(NAMES, value, min_size=least, max_size=3)


LARGER_MODELS = st.none() | st.builds(
    LocalModel, provider=st.just("transformers"), model=TEXTS.filter(bool), timeout=st.just(20.0), max_tokens=st.integers(16, 900),
    use=st.just(("doubtful", "rephrase")),
) | st.builds(
    ModelServer, provider=st.just("openai"), url=st.sampled_from(["http://[::1]:8000/v1", "https://models.example/v1"]),
    model=TEXTS.filter(bool), key=st.none() | SECRETS, timeout=st.just(5.5), max_tokens=st.just(800), use=st.just(()),
    redact=st.none() | st.booleans(),
)  # fmt: skip


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """A whole catalog without loose ends."""
    datasets = draw(_names(DATASETS, 1))
    repositories = draw(_names(REPOSITORIES, 1))
    channel = st.builds(Channel, kind=st.just("webhook"), url=SECRETS) | st.just(Channel(kind="email", to=("a@b",)))
    channels = draw(_names(channel))
    policy = policies(list(datasets), list(repositories), list(channels))
    return Catalog(
        datasets=datasets,
        repositories=repositories,
        notify=channels,
        policies=draw(_names(policy)),
        windows=draw(_names(WINDOWS)),
        language=draw(st.sampled_from(["on", "off"])),
        learning=Learning(store=draw(st.booleans())),
        llm=draw(LARGER_MODELS),
    )
