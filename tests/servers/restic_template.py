"""Restic repositories for tests: made once by the real binary, copied per test, with keys that open at once.

restic makes its key derivation cost half a second on purpose, and every call pays it. The password is as secret as these tests
need it: the same master key is wrapped again with a derivation of cost 2. Locks of any age and owner can be laid down, too:
they are small JSON files sealed with the master key (AES-256-CTR with Poly1305-AES, restic's design document)."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import threading
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from adapters.restic import ResticRepository
from policies.repository import LocalRepository

PASSWORD = "correct horse"
CHEAP = {"N": 2, "r": 1, "p": 1}
REFERENCE = {"file": "/nowhere"}


@dataclass(frozen=True)
class Seal:
    """A restic key: encrypts and authenticates. The three parts of 32, 16 and 16 bytes are secret."""

    encrypt: bytes = field(repr=False)
    mac_k: bytes = field(repr=False)
    mac_r: bytes = field(repr=False)

    @classmethod
    def derived(cls, password: str, key: dict[str, object]) -> Seal:
        """From a password and the numbers in a key file."""
        costs = {name: int(str(key[big])) for name, big in (("n", "N"), ("r", "r"), ("p", "p"))}
        raw = hashlib.scrypt(password.encode(), salt=b64decode(str(key["salt"])), dklen=64, maxmem=1 << 30, **costs)
        return cls(raw[:32], raw[32:48], raw[48:])

    @classmethod
    def master(cls, text: bytes) -> Seal:
        value = json.loads(text)
        return cls(b64decode(value["encrypt"]), b64decode(value["mac"]["k"]), b64decode(value["mac"]["r"]))

    def close(self, text: bytes) -> bytes:
        nonce = os.urandom(16)
        sealed = self._stream(nonce, text)
        return nonce + sealed + self._mac(nonce, sealed)

    def open(self, blob: bytes) -> bytes:
        nonce, sealed, mac = blob[:16], blob[16:-16], blob[-16:]
        assert mac == self._mac(nonce, sealed), "wrong password, or not a file of this repository"
        return self._stream(nonce, sealed)

    def _stream(self, nonce: bytes, text: bytes) -> bytes:
        return Cipher(algorithms.AES(self.encrypt), modes.CTR(nonce)).encryptor().update(text)

    def _mac(self, nonce: bytes, sealed: bytes) -> bytes:
        block = Cipher(algorithms.AES(self.mac_k), modes.ECB()).encryptor().update(nonce)
        r = int.from_bytes(self.mac_r, "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
        total = 0
        for start in range(0, len(sealed), 16):
            total = (total + int.from_bytes(sealed[start : start + 16] + b"\1", "little")) * r % ((1 << 130) - 5)
        return ((total + int.from_bytes(block, "little")) % (1 << 128)).to_bytes(16, "little")


def cheapen(folder: Path, passwords: list[str]) -> None:
    """Wrap the master key of the repository in `folder` again, once for each of these passwords, at no cost."""
    places = list((folder / "keys").iterdir())
    master = opened(folder, passwords)
    for place in places:
        place.chmod(0o600)
        place.unlink()
    for password in passwords:
        key: dict[str, object] = {"created": "2026-01-01T00:00:00Z", "username": "tests", "hostname": "tests"}
        key |= {"kdf": "scrypt", **CHEAP, "salt": b64encode(os.urandom(64)).decode()}
        key["data"] = b64encode(Seal.derived(password, key).close(master)).decode()
        _put(folder / "keys", json.dumps(key).encode())


def opened(folder: Path, passwords: list[str]) -> bytes:
    """The master key, as JSON."""
    for place in (folder / "keys").iterdir():
        key = json.loads(place.read_bytes())
        for password in passwords:
            try:
                return Seal.derived(password, key).open(b64decode(key["data"]))
            except AssertionError:
                continue
    raise AssertionError("none of these passwords opens it")


def lay_lock(
    folder: Path, moment: datetime, *, pid: int, host: str = "", exclusive: bool = True, password: str = PASSWORD
) -> str:
    """A lock as a restic process would have left it then; its id. The file is as old as it says."""
    body = {"time": moment.isoformat(), "exclusive": exclusive, "hostname": host or socket.gethostname()}
    body |= {"username": "tests", "pid": pid, "uid": os.getuid(), "gid": os.getgid()}
    identity = _put(folder / "locks", Seal.master(opened(folder, [password])).close(json.dumps(body).encode()))
    place = folder / "locks" / identity
    os.utime(place, (moment.timestamp(), moment.timestamp()))
    return identity


def _put(folder: Path, content: bytes) -> str:
    identity = hashlib.sha256(content).hexdigest()
    (folder / identity).write_bytes(content)
    return identity


class Templates:
    """One repository a binary, made on first use; `copy` hands out copies."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.made: dict[Path, Path] = {}
        self.guard = threading.Lock()

    def of(self, restic: Path) -> Path:
        with self.guard:
            if restic not in self.made:
                folder = self.root / f"template-{len(self.made)}"
                key = self.root / f"recovery-{len(self.made)}"
                local = LocalRepository.model_validate({"kind": "local", "path": str(folder), "password": REFERENCE})
                ResticRepository(
                    "template", local, lambda: PASSWORD, restic=str(restic), cache_dir=self.root / "cache",
                    scratch=self.root / "scratch", recovery_key_file=key,
                ).initialise()  # fmt: skip
                cheapen(folder, [PASSWORD, key.read_text().strip()])
                self.made[restic] = folder
            return self.made[restic]

    def copy(self, restic: Path, target: Path) -> Path:
        return Path(shutil.copytree(self.of(restic), target))
