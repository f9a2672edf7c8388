"""restic command lines, built from values and run nowhere. No secret stands in an argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adapters.restic.behaviour import Behaviour
from policies.capture import Command, Paths, Stream
from policies.errors import UsageError

# What a person's shell may have set for restic must not reach ours: it would win over what we say.
FOREIGN = (
    "RESTIC_PASSWORD", "RESTIC_PASSWORD_COMMAND", "RESTIC_REPOSITORY_FILE", "RESTIC_KEY_HINT", "RESTIC_HOST",
    "RESTIC_FROM_REPOSITORY", "RESTIC_FROM_PASSWORD_FILE",
)  # fmt: skip
PASSWORD_PLACE = "RESTIC_PASSWORD_FILE"  # gets the path of a pipe  # noqa: S105
GLOB = str.maketrans({c: f"\\{c}" for c in "*?[\\"})


@dataclass(frozen=True, slots=True)
class Commands:
    """Builds command lines for one repository. Rates in bytes a second; `credentials` reach restic by environment."""

    program: str
    location: str
    behaviour: Behaviour
    cache: Path
    scratch: Path
    credentials: Mapping[str, str] = field(default_factory=dict)
    upload: int | None = None
    download: int | None = None
    region: str | None = None
    storage_class: str | None = None
    lock_wait: int = 0
    inherited: Mapping[str, str] = field(default_factory=dict)  # what a stream's command has where restic has ours

    def command(self, *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Command:
        """`restic ARGUMENTS` with what every call needs."""
        options = [f"--cache-dir={self.cache}"]
        options += [f"--limit-upload={max(self.upload // 1024, 1)}"] if self.upload else []
        options += [f"--limit-download={max(self.download // 1024, 1)}"] if self.download else []
        options += [f"--option=s3.storage-class={self.storage_class}"] if self.storage_class else []
        options += [f"--retry-lock={self.lock_wait}s"] if self.lock_wait and self.behaviour.retry_lock else []
        plain = dict.fromkeys(FOREIGN, "")
        plain |= {"RESTIC_REPOSITORY": self.location, "RESTIC_PROGRESS_FPS": "1", "TMPDIR": str(self.scratch)}
        plain |= {"AWS_DEFAULT_REGION": self.region} if self.region else {}
        verb, rest = arguments[0], arguments[1:]
        return Command(
            (self.program, verb, *options, *rest), env=plain | dict(env or {}), secret_env=self.credentials, cwd=cwd
        )

    def init(self) -> Command:
        return self.command("init", "--repository-version=2")

    def keys(self) -> Command:
        return self.command("key", "list", "--json", "--no-lock")

    def add_key(self, password_file: Path) -> Command:
        return self.command("key", "add", f"--new-password-file={password_file}")

    def open(self) -> Command:
        return self.command("cat", "config")

    def backup(
        self, paths: Paths, *, host: str, tags: Sequence[str], time: datetime | None, parent: str | None
    ) -> Command:
        options = [f"--exclude={pattern}" for pattern in paths.exclude]
        options += ["--one-file-system"] if paths.one_file_system else []
        options += [f"--parent={parent}"] if parent else []
        return self._save(host, tags, time, *options, "--", *(str(path) for path in paths.paths))

    def backup_stdin(self, stream: Stream, *, host: str, tags: Sequence[str], time: datetime | None) -> Command:
        """Reads the stream from standard input."""
        return self._save(host, tags, time, "--stdin", f"--stdin-filename={stream.name}")

    def backup_command(self, stream: Stream, *, host: str, tags: Sequence[str], time: datetime | None) -> Command:
        """restic runs the stream's command, which gets its own environment but none of the repository's."""
        ours = self._save(
            host,
            tags,
            time,
            "--stdin-from-command",
            f"--stdin-filename={stream.name}",
            "--",
            *self._without_ours(stream),
            cwd=stream.command.cwd,
        )
        given = stream.command
        return Command(ours.argv, {**ours.env, **given.env}, {**ours.secret_env, **given.secret_env}, ours.cwd)

    def can_run(self, stream: Stream) -> bool:
        """Whether restic may run the stream's command: a variable cannot mean one thing to it and another to restic."""
        theirs = {*stream.command.env, *stream.command.secret_env}
        ours = {*self.command("backup").env, *self.credentials, PASSWORD_PLACE}
        return self.behaviour.stdin_from_command and not theirs & ours

    def _without_ours(self, stream: Stream) -> list[str]:
        ours = self.command("backup")
        names = sorted({*ours.env, *self.credentials, PASSWORD_PLACE, "TZ"} - set(stream.command.env))
        back = [f"{name}={value}" for name, value in self.inherited.items() if name in names]
        return ["env", *(f"--unset={name}" for name in names), *back, *stream.command.argv]

    def _save(
        self, host: str, tags: Sequence[str], time: datetime | None, *rest: str, cwd: Path | None = None
    ) -> Command:
        for tag in tags:
            if "," in tag:
                raise UsageError(f"tag {tag!r} has a comma: restic would make two tags of it")
        options = ["--json", f"--host={host}", *(f"--tag={tag}" for tag in tags)]
        env = {}
        if time is not None:
            env["TZ"] = "UTC"  # restic reads --time in the local zone
            options.append(f"--time={time.astimezone(UTC):%Y-%m-%d %H:%M:%S}")
        return self.command("backup", *options, *rest, env=env, cwd=cwd)

    def snapshots(self, ids: Sequence[str] = (), *, tags: Sequence[str] = (), host: str | None = None) -> Command:
        options = [f"--tag={','.join(tags)}"] if tags else []
        options += [f"--host={host}"] if host else []
        return self.command("snapshots", "--json", *options, *ids)

    def forget(self, ids: Sequence[str]) -> Command:
        return self.command("forget", *ids)

    def prune(self, most_repacked: int | None) -> Command:
        return self.command("prune", *([] if most_repacked is None else [f"--max-repack-size={most_repacked}"]))

    def check(self, read: tuple[int, int] | None) -> Command:
        return self.command("check", *([f"--read-data-subset={read[0]}/{read[1]}"] if read else []))

    def locks(self) -> Command:
        return self.command("list", "locks", "--no-lock")

    def lock(self, identity: str) -> Command:
        return self.command("cat", "lock", identity, "--no-lock")

    def unlock(self) -> Command:
        """Removes what restic itself takes for stale; never everything."""
        return self.command("unlock")

    def entries(self, snapshot: str, path: str) -> Command:
        below = ["--recursive", path] if path.strip("/") else []
        return self.command("ls", "--json", snapshot, *below)

    def restore(self, snapshot: str, target: Path, include: Sequence[str], *, verify: bool) -> Command:
        options = ["--json"] if self.behaviour.restore_json else []
        options += ["--verify"] if verify else []
        options += [f"--include={literal(path)}" for path in include]
        return self.command("restore", f"--target={target}", *options, snapshot)

    def dump(self, snapshot: str, path: str) -> Command:
        return self.command("dump", snapshot, path)

    def stats(self) -> Command:
        return self.command("stats", "--mode=raw-data", "--json")


def literal(path: str) -> str:
    """A pattern that means exactly this path (and what lies below it)."""
    return "/" + path.strip("/").translate(GLOB)
