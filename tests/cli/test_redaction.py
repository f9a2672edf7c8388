"""No secret leaves the place where it is kept: not by arguments, environments, output, state, logs, caches or reports."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.installation import Called, Installation, make_data, make_keys_quick
from tests.cli.watching import watched, wrapped
from tests.servers.postgres import PostgresServer
from tests.servers.s3 import S3Server, rclone_server

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PLANTED = {
    "file": "Zq7-repo&pass/of-file",
    "command": "Zq7-repo-pass of command",
    "environment": "Zq7-repo-pass-of-environment",
    "dsn": "Zq7-dsn-pass",
    "role": "Zq7 role:pass%40\\x",
    "webhook": "Zq7-webhook-token",
    "wrong": "Zq7-wrong-repo-pass",
    "wrong-dsn": "Zq7-wrong-dsn-pass",
    "wrong-s3": "Zq7-wrong-s3-key",
}
CONFIG = """\
version: 1
tools: {{restic: {tools}/restic, postgres_bin: {tools}}}
repositories:
  one: {{kind: local, path: "{folder}/home/data/repository", password: {{file: "{folder}/home/secrets/one.password"}}}}
  two: {{kind: local, path: "{folder}/two", password: {{command: [cat, "{folder}/home/secrets/two.password"]}}}}
  three: {{kind: local, path: "{folder}/three", password: {{environment: THREE_PASSWORD}}}}
  four:
    kind: s3
    bucket: four
    endpoint: "{endpoint}"
    password: {{file: "{folder}/home/secrets/one.password"}}
    access_key: {{file: "{folder}/home/secrets/four.access"}}
    secret_key: {{file: "{folder}/home/secrets/four.secret"}}
datasets:
  docs: {{kind: files, paths: ["{folder}/docs"]}}
  till: {{kind: postgres, dsn: {{file: "{folder}/home/secrets/till.dsn"}}}}
  bar:
    kind: postgres
    databases: [{database}]
    host: 127.0.0.1
    port: {port}
    user: {role}
    password: {{file: "{folder}/home/secrets/bar.password"}}
policies:
  docs:
    datasets: [docs]
    repositories: [one, two, three, four]
    schedule: {{every: 1d, at: ["01:40"]}}
    retention: {{keep_last: 9}}
    notify: {{channels: [chat], on: always}}
  tills:
    datasets: [till, bar]
    repositories: [one]
    schedule: {{every: 1d, at: ["01:40"]}}
    retention: {{keep_last: 9}}
    notify: {{channels: [chat], on: always}}
notify:
  chat: {{kind: webhook, url: {{file: "{folder}/home/secrets/webhook"}}}}
"""


class Hook(BaseHTTPRequestHandler):
    """Refuses every message, so that there is something to complain about."""

    got: list[bytes] = []  # noqa: RUF012  the class is the record

    def do_POST(self) -> None:
        self.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        """Not on the tests' own output."""


@pytest.fixture
def hook() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3Server]:
    with rclone_server(tmp_path) as server:
        yield server


def forms(secret: str) -> set[bytes]:
    """How a secret may look when it leaks: as it is, in a URL, in JSON, in base64."""
    texts = {secret, quote(secret, safe=""), quote(secret), secret.replace("\\", "\\\\"), secret.replace("/", "\\/")}
    return {text.encode() for text in texts} | {base64.b64encode(secret.encode()).rstrip(b"=")}


def leaks(place: str, data: bytes, secrets: dict[str, str]) -> list[str]:
    return [f"{name} in {place}" for name, secret in secrets.items() if any(form in data for form in forms(secret))]


def keep(installation: Installation, name: str, secret: str) -> None:
    place = installation.home / "secrets" / name
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.write_text(secret + "\n")
    place.chmod(0o600)


@pytest.fixture
def planted(tmp_path: Path, postgres_server: PostgresServer, s3: S3Server, hook: HTTPServer) -> Installation:
    folder = tmp_path / "i"
    make_data(folder)
    s3.client().create_bucket(Bucket="four")
    made = Installation(folder, {"THREE_PASSWORD": PLANTED["environment"]})
    database = postgres_server.database("CREATE TABLE sold (n int); INSERT INTO sold SELECT generate_series(1, 50)")
    roles = {f"by_dsn_{database}": "dsn", f"by_file_{database}": "role"}
    for role, name in roles.items():
        password = PLANTED[name].replace("'", "''")
        postgres_server.run(f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD '{password}'")
    wrapped(
        folder / "tools",
        folder / "argv",
        "restic",
        *(postgres_server.tools[name] for name in ("pg_dump", "pg_dumpall", "pg_restore", "psql")),
    )
    keep(made, "one.password", PLANTED["file"])
    keep(made, "two.password", PLANTED["command"])
    keep(made, "four.access", s3.access_key)
    keep(made, "four.secret", s3.secret_key)
    keep(
        made, "till.dsn", f"postgresql://by_dsn_{database}:{PLANTED['dsn']}@127.0.0.1:{postgres_server.port}/{database}"
    )
    keep(made, "bar.password", PLANTED["role"])
    keep(made, "webhook", f"http://127.0.0.1:{hook.server_port}/services/{PLANTED['webhook']}")
    made.config.write_text(CONFIG.format(
        folder=folder, tools=folder / "tools", endpoint=s3.endpoint, database=database, port=postgres_server.port,
        role=f"by_file_{database}",
    ))  # fmt: skip
    return made


def everything(installation: Installation) -> list[Called]:
    """Every command that touches secrets, well and badly."""
    said = [installation.call("init").ended(0)]
    folder = installation.folder
    for repository in (installation.repository, folder / "two", folder / "three"):
        make_keys_quick(installation, repository, PLANTED["environment"])
    said += [
        installation.call("run").ended(0),
        installation.call("restore", "docs", "--from", "four").ended(0),
        installation.call("restore", "till", "--to", str(installation.folder / "dump")),
        installation.call("drill", "docs", "--from", "two", "--html", str(installation.home / "drill.html")).ended(0),
        installation.call("drill", "bar", "--level", "list").ended(0),
        installation.call("doctor").ended(1),
        installation.call("status", "--json"),
        installation.call("audit", "--json").ended(0),
        installation.call("snapshots", "--refresh", "--json").ended(0),
    ]
    keep(installation, "one.password", PLANTED["wrong"])
    dsn = installation.home / "secrets/till.dsn"
    keep(installation, "till.dsn", dsn.read_text().strip().replace(PLANTED["dsn"], PLANTED["wrong-dsn"]))
    keep(installation, "four.secret", PLANTED["wrong-s3"])
    said += [
        installation.call("run").ended(6),
        installation.call("run", "--json", "--debug").ended(6),
        installation.call("restore", "till").ended(6),
        installation.call("drill", "till", "--json").ended(25),
        installation.call("doctor", "--json").ended(1),
        installation.call("init").ended(6),
        installation.call("audit"),
    ]
    keep(installation, "till.dsn", f"postgresql://[{PLANTED['wrong-dsn']}")
    keep(installation, "webhook", f"nonsense {PLANTED['webhook']}")
    return [*said, installation.call("run", "till").ended(6)]


def wrong_environments(planted: Installation, secrets: dict[str, str]) -> list[str]:
    """Children with a secret that is not theirs. The person's own environment goes to all of them."""
    found = []
    for path in (planted.folder / "argv").glob("*.env"):
        program, data = path.name.partition(".")[0], path.read_bytes()
        needed = {"environment"}
        needed |= {"s3", "wrong-s3"} if program == "restic" and b"RESTIC_REPOSITORY=s3:" in data else set()
        needed |= {"dsn", "role", "wrong-dsn"} if program.startswith("p") else set()
        found += leaks(path.name, data, {name: secret for name, secret in secrets.items() if name not in needed})
        assert b"\nRESTIC_PASSWORD=" not in data or b"\nRESTIC_PASSWORD=\n" in data
    return found


def test_no_secret_leaves_its_place(planted: Installation, s3: S3Server) -> None:
    secrets = {**PLANTED, "s3": s3.secret_key}
    with watched() as seen:
        said = everything(planted)
    assert seen.rounds > 20
    assert leaks("its own place", (planted.home / "secrets/one.password").read_bytes(), secrets)
    assert len(Hook.got) >= 6
    found: list[str] = []
    for called in said:
        found += leaks(
            f"output of {' '.join(called.words)}", (called.out + called.err).encode("utf-8", "replace"), secrets
        )
    for line in seen.arguments:
        if b"/weed" not in line:  # a server of other tests is told its secrets as it wants them
            found += leaks(f"arguments {line[:60]!r}", line, secrets)
    for message in Hook.got:
        found += leaks("a message", message, secrets)
    for path in planted.folder.rglob("*"):
        if path.is_file() and path.parent != planted.home / "secrets" and path.suffix != ".env":
            found += leaks(str(path.relative_to(planted.folder)), path.read_bytes(), secrets)
    assert not found
    assert not wrong_environments(planted, secrets)
    calls = {path.name.partition(".")[0] for path in (planted.folder / "argv").iterdir()}
    assert calls >= {"restic", "pg_dump"}


KEYRING = """\
import os
from keyring import errors
def get_password(service, user):
    if os.environ.get("LOCKED"):
        raise errors.KeyringError("Zq7-kept-in-the-keyring")
    return open(os.environ["KEPT"]).read().strip() if (service, user) == ("restora", "main/one") else None
"""


def test_a_password_in_the_keyring(bare: Installation, tmp_path: Path) -> None:
    """A keyring module of one's own stands for the desktop's."""
    backend = tmp_path / "backend"
    (backend / "keyring").mkdir(parents=True)
    (backend / "keyring/__init__.py").write_text(KEYRING)
    (backend / "keyring/errors.py").write_text("class KeyringError(Exception): pass\n")
    place = bare.home / "secrets/local.password"
    kept = place.rename(tmp_path / "kept")
    bare.edit(f"password: {{file: {place}}}", "password: {keyring: restora/main/one}")
    environment = {"PYTHONPATH": f"{backend}:{bare.environ()['PYTHONPATH']}", "KEPT": str(kept)}

    def snapshots(**more: str) -> Called:
        other = Installation(bare.folder, {**environment, **more})
        with other.program(
            "snapshots", "--refresh", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as program:
            out, err = program.communicate(timeout=60)
            return Called(("snapshots",), program.returncode, out.decode(), err.decode())

    snapshots().ended(0)
    locked = snapshots(LOCKED="yes").ended(4)
    assert "the keyring does not answer for restora/main/one" in locked.err and "Next:" in locked.err
    assert "Zq7" not in locked.out + locked.err
    bare.edit("restora/main/one", "restora/main/two")
    assert "keyring set restora main/two" in snapshots().ended(4).err
    assert "pip install 'restora[keyring]'" in bare.call("snapshots", "--refresh").ended(11).err
