"""The encryption of callbacks, the same scheme for WeCom and for DingTalk's HTTP events.

AES-256-CBC with the first 16 bytes of the key as IV, PKCS#7 to a multiple of 32. The plain text is 16 random
bytes, the length in bytes as a big-endian 32-bit number, the message, and the receiver (corp id or AppKey).
"""

import base64
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class BadEnvelope(ValueError):
    """The envelope cannot be opened; the message says what is wrong with it."""


@dataclass(frozen=True)
class Keys:
    token: str
    aes_key: str
    """43 characters, base64 without its last `=`."""
    receiver: str

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.aes_key + "=")


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    return hashlib.sha1("".join(sorted([token, timestamp, nonce, encrypted])).encode()).hexdigest()


def pad(content: bytes) -> bytes:
    missing = BLOCK - len(content) % BLOCK
    return content + bytes([missing]) * missing


def encrypt_block(keys: Keys, padded: bytes) -> str:
    """Encrypts bytes that are padded already; for damaged envelopes."""
    encryptor = Cipher(algorithms.AES(keys.key), modes.CBC(keys.key[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def plain_block(message: bytes, receiver: str, length: int | None = None) -> bytes:
    size = len(message) if length is None else length
    return secrets.token_bytes(16) + struct.pack(">I", size) + message + receiver.encode()


def encrypt(keys: Keys, message: bytes) -> str:
    return encrypt_block(keys, pad(plain_block(message, keys.receiver)))


def decrypt(keys: Keys, encrypted: str) -> bytes:
    """The message inside; raises `BadEnvelope` for every kind of damage and for another receiver."""
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except ValueError as broken:
        raise BadEnvelope("not base64") from broken
    if not sealed or len(sealed) % 16:
        raise BadEnvelope("length is no multiple of the AES block")
    decryptor = Cipher(algorithms.AES(keys.key), modes.CBC(keys.key[:16])).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    missing = padded[-1]
    if not 1 <= missing <= BLOCK or padded[-missing:] != bytes([missing]) * missing:
        raise BadEnvelope("bad padding")
    plain = padded[:-missing]
    if len(plain) < 20:
        raise BadEnvelope("too short")
    (size,) = struct.unpack(">I", plain[16:20])
    if 20 + size > len(plain):
        raise BadEnvelope("length prefix does not fit")
    if plain[20 + size :] != keys.receiver.encode():
        raise BadEnvelope("made for another receiver")
    return plain[20 : 20 + size]


def open_signed(keys: Keys, given: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
    """The message inside an envelope whose signature is right."""
    if not hmac.compare_digest(signature(keys.token, timestamp, nonce, encrypted), given):
        raise BadEnvelope("wrong signature")
    return decrypt(keys, encrypted)


def new_nonce() -> str:
    return str(secrets.randbelow(9_000_000_000) + 1_000_000_000)
