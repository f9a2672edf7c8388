"""The systemd unit of the daemon, as text. Pure: whoever installs it writes the file and calls systemctl."""

from __future__ import annotations

from pathlib import Path

from policies.errors import UsageError

NAME = "restora.service"

# A run must be able to read and, in a restore, write any file with any mode and owner. So there is no ProtectSystem, no
# ProtectHome, no PrivateTmp (sockets and data lie there), no ProtectKernelModules (hides files that are backed up), no
# RestrictSUIDSGID (a restore sets such modes) and no MemoryDenyWriteExecute (a drill's PostgreSQL compiles queries).
ANYWHERE = (
    "NoNewPrivileges=yes",
    "LockPersonality=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap",
    "SystemCallErrorNumber=EPERM",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "UMask=0077",
)
# These need the system's manager: a user's can't make them true.
SYSTEM_ONLY = (
    # Read and write everything, restore owners, modes, devices and file capabilities, become a database's user, end a
    # child that became one.
    "CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_MKNOD CAP_SETFCAP "
    "CAP_SETUID CAP_SETGID CAP_KILL CAP_SYS_NICE",
    "ProtectControlGroups=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelTunables=yes",
)


def unit(
    user: bool, program: str, home: Path | None = None, config: Path | None = None, *, stop_seconds: int = 120
) -> str:
    """The text of `restora.service`.

    `user`: for a user's manager instead of the system's. `program`: absolute path of restora. `home` and `config`: what
    the options of these names get, if anything. `stop_seconds`: how long a stop waits for running work before it is
    killed (it resumes at the next start). Raises UsageError for a path that is not absolute or that no unit file can
    hold."""
    options = {"--home": home, "--config": config}
    given = [(option, str(path)) for option, path in options.items() if path]
    for path in (program, *(path for _, path in given)):
        _require_writable_in_a_unit(path)
    command = [program, *(word for pair in given for word in pair), "daemon"]
    head = ["Description=restora: backs up on schedule, and proves that it comes back"]
    if not user:
        head += [
            "Wants=network-online.target",
            "After=network-online.target time-sync.target remote-fs.target",
        ]
    # A daemon that gave up would be noticed too late: it is started again for ever.
    head.append("StartLimitIntervalSec=0")
    service = [
        "Type=exec",
        f"ExecStart={' '.join(_quoted(word) for word in command)}",
        # restic wants a place for its cache; the system's manager sets no HOME.
        "Environment=HOME=%h LANG=C.UTF-8 PYTHONUNBUFFERED=1",
        "Restart=on-failure",
        "RestartSec=30s",
        # Codes of a wrong call, a wrong restora.yaml and a missing program: trying again changes nothing.
        "RestartPreventExitStatus=2 4 11",
        # Ask the daemon only; it ends its children in order. What is left after the time-out is killed, which is safe.
        "KillMode=mixed",
        f"TimeoutStopSec={stop_seconds}s",
        # A child that ran out of memory is a failed run to report, not the end of the daemon.
        "OOMPolicy=continue",
        "Nice=10",
        "IOSchedulingClass=best-effort",
        "IOSchedulingPriority=7",
        *ANYWHERE,
        *(() if user else SYSTEM_ONLY),
    ]
    install = [f"WantedBy={'default.target' if user else 'multi-user.target'}"]
    sections = (("Unit", head), ("Service", service), ("Install", install))
    return "\n\n".join("\n".join([f"[{name}]", *lines]) for name, lines in sections) + "\n"


def place(user: bool, config_home: Path) -> Path:
    """Where the unit belongs. `config_home`: the user's XDG configuration folder; the system's manager has its own."""
    return (config_home / "systemd/user" if user else Path("/etc/systemd/system")) / NAME


def _require_writable_in_a_unit(path: str) -> None:
    if not path.startswith("/"):
        raise UsageError(f"{path!r} is not absolute", hint="a unit file needs whole paths, from /")
    if not path.isprintable():
        raise UsageError(f"{path!r} holds characters that no unit file can hold", hint="move it to a plainer path")


def _quoted(word: str) -> str:
    """A word as systemd reads it back: no specifiers, no variables, one argument."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if escaped != word or not word or any(sign in word for sign in " '\t;") else word
