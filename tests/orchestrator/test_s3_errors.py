"""What a person reads when a store in S3 can't be used: one clear error with the way out, never a secret or a traceback."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.adapters.test_object_store import answering, error_body
from tests.conftest import restic_binaries
from tests.orchestrator.installation import Installation, Said
from tests.servers.s3 import SECRET_KEY, S3Server, free_ports

pytest_plugins = ["tests.servers.s3_fixtures"]
pytestmark = [pytest.mark.integration, pytest.mark.slow]

REGION = "AuthorizationHeaderMalformed"
WRONG = "hunter2-is-not-the-secret"


@dataclass(frozen=True, slots=True)
class Case:
    """What is wrong: in the environment, in restora.yaml (the endpoint or the bucket), or in what the store answers."""

    says: str
    way_out: str
    code: int
    env: tuple[tuple[str, str], ...] = ()
    endpoint: Callable[[str], str] = lambda endpoint: endpoint
    bucket: str = ""
    answer: tuple[int, str] | None = None


def closed(_: str) -> str:
    (port,) = free_ports(1)
    return f"http://127.0.0.1:{port}"


def encrypted(known: str) -> str:
    return known.replace("http:", "https:")


CASES = {
    "wrong secret": Case("secret key is wrong", "check secret_key", 4, env=(("AWS_SECRET_ACCESS_KEY", WRONG),)),
    "unknown key": Case("does not know the access key", "check access_key", 4, env=(("AWS_ACCESS_KEY_ID", "nobody"),)),
    "no secret": Case("AWS_SECRET_ACCESS_KEY is empty", "put the secret there", 4, env=(("AWS_SECRET_ACCESS_KEY", ""),)),
    "unknown bucket": Case("there is no bucket otherbucket", "create_bucket: true", 6, bucket="otherbucket"),
    "nobody listens": Case("refuses the connection", "check that the service runs", 6, endpoint=closed),
    "unknown host": Case("no host of the name", "DNS", 6, endpoint=lambda _: "http://nowhere.invalid:9000"),
    "https for http": Case("the other side speaks no TLS", "check http and https", 4, endpoint=encrypted),
    "no S3 there": Case("not as S3 does", "check the endpoint", 4, answer=(200, "<html>hello</html>")),
    "clock": Case("clock is too far off", "set the clock", 4, answer=(403, error_body("RequestTimeTooSkewed"))),
    "region": Case("in region eu-west-1", "region: eu-west-1", 4, answer=(400, error_body(REGION, Region="eu-west-1"))),
    "denied": Case("denies these credentials", "s3:ListBucket", 4, answer=(403, error_body("AccessDenied"))),
}  # fmt: skip


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def ready(
    seaweedfs: S3Server, tmp_path_factory: pytest.TempPathFactory, newest: Path
) -> Callable[[Path], Installation]:
    """An installation that has backed up into the store once; broken in one way for each test, on the restic given."""
    folder = tmp_path_factory.mktemp("errors")
    (folder / "papers").mkdir()
    (folder / "papers" / "one.txt").write_text("one")
    made = Installation(folder / "home", newest, dict(seaweedfs.environment))
    place = f"s3://papers-bucket/here?endpoint={seaweedfs.endpoint}&region=us-east-1"
    made("init", "--repository", place, "--path", folder / "papers")
    made("--yes", "back up papers nightly, keep 30 days")
    made("run")
    sound = made.configuration.read_text()

    def fresh(restic: Path) -> Installation:
        made.configuration.write_text(sound)
        return replace(made, restic=restic, env=dict(made.env))

    return fresh


@pytest.fixture(scope="module")
def newest() -> Path:
    return restic_binaries()[-1]


@contextmanager
def spoiled(installed: Installation, case: Case, endpoint: str) -> Iterator[Installation]:
    """The installation with that one thing wrong."""
    installed.env.update(case.env)
    text = installed.configuration.read_text()
    with ExitStack() as stack:
        wrong = stack.enter_context(answering(*case.answer)) if case.answer else case.endpoint(endpoint)
        text = text.replace(endpoint, wrong)
        if case.bucket:
            text = text.replace("papers-bucket", case.bucket).replace("create_bucket: true", "create_bucket: false")
        installed.configuration.write_text(text)
        yield installed


def clear(said: Said, case: Case) -> None:
    """It is told once, with the way out and without the secret."""
    told = re.sub(r"\s+", " ", said.both)
    assert told.count(case.says) == 1, said
    assert case.way_out in told, said
    assert WRONG not in told
    assert SECRET_KEY not in told


def test_before_anything_is_saved(
    case: Case, ready: Callable[[Path], Installation], newest: Path, seaweedfs: S3Server
) -> None:
    with spoiled(ready(newest), case, seaweedfs.endpoint) as restora:
        clear(restora("doctor", code=1), case)
        clear(restora("init", code=case.code), case)


def test_a_run(case: Case, ready: Callable[[Path], Installation], restic: Path, seaweedfs: S3Server) -> None:
    with spoiled(ready(restic), case, seaweedfs.endpoint) as restora:
        clear(restora("run", code=6), case)
