"""A key that opens a restic repository quickly, so that tests may call restic a hundred times.

A new repository's key costs most of a second to derive, on purpose. This writes a second key file for the same password whose
scrypt cost is the lowest that restic accepts (format: restic's design document, "Keys, Encryption and MAC").
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305


def _derive(password: str, entry: dict[str, object]) -> bytes:
    salt = base64.b64decode(str(entry["salt"]))
    n, r, p = (int(str(entry[name])) for name in ("N", "r", "p"))
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, dklen=64, maxmem=2**30)


def _stream(key: bytes, nonce: bytes, data: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor()
    return cipher.update(data) + cipher.finalize()


def _mac(k: bytes, r: bytes, nonce: bytes, data: bytes) -> bytes:
    block = Cipher(algorithms.AES(k), modes.ECB()).encryptor()
    clamped = bytes(byte & (15 if i in {3, 7, 11, 15} else 252 if i in {4, 8, 12} else 255) for i, byte in enumerate(r))
    return Poly1305.generate_tag(clamped + block.update(nonce) + block.finalize(), data)


def make_quick(repository: Path, password: str) -> None:
    """Replace the only key of a repository by a quick one for the same password."""
    (path,) = (repository / "keys").iterdir()
    entry = json.loads(path.read_bytes())
    data, derived = base64.b64decode(entry["data"]), _derive(password, entry)
    nonce, sealed, tag = data[:16], data[16:-16], data[-16:]
    assert _mac(derived[32:48], derived[48:], nonce, sealed) == tag
    master = _stream(derived[:32], nonce, sealed)
    entry |= {"N": 2, "r": 1, "p": 1}
    derived, nonce = _derive(password, entry), os.urandom(16)
    sealed = _stream(derived[:32], nonce, master)
    entry["data"] = base64.b64encode(nonce + sealed + _mac(derived[32:48], derived[48:], nonce, sealed)).decode()
    content = json.dumps(entry).encode()
    path.unlink()
    (repository / "keys" / hashlib.sha256(content).hexdigest()).write_bytes(content)
