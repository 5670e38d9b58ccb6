"""The signed and encrypted envelope that WeCom callbacks and DingTalk events share.

    plaintext  = 16 random bytes + length of message (4 bytes, big-endian) + message + receive id
    encrypted  = base64(AES-256-CBC(PKCS#7 to 32 bytes(plaintext))), IV = first 16 bytes of the key
    signature  = sha1 hex of token, timestamp, nonce and encrypted, sorted and joined

Rules: developer.work.weixin.qq.com/document/path/91144. The receive id is the corp id for a self-built WeCom
app, empty for an in-house smart robot, and the AppKey for DingTalk events.
"""

import binascii
import os
from dataclasses import dataclass
from hashlib import sha1
from hmac import compare_digest
from typing import Literal

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32
HEAD = 20
PADS = [bytes([size]) * size for size in range(BLOCK + 1)]

Reason = Literal["signature", "malformed", "receiver"]

WORDS: dict[Reason, str] = {
    "signature": "signature does not match",
    "malformed": "envelope is malformed",
    "receiver": "envelope is addressed to somebody else",
}


class EnvelopeRefused(Exception):
    """`reason` says which check failed; the text carries nothing of what came in."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(WORDS[reason])
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Sealed:
    encrypted: str
    signature: str
    timestamp: str
    nonce: str


class EnvelopeCrypto:
    """Opens and seals envelopes of one app. Cheap to call, safe to share between threads.

    `aes_key` is the platform's 43-character EncodingAESKey; ValueError where it is none.
    """

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self._token = token
        self._receive_id = receive_id.encode()
        key = _parse_key(aes_key)
        self._cipher = Cipher(AES(key), CBC(key[:16]))

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted((self._token, timestamp, nonce, encrypted))
        return sha1("".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def open(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> bytes:
        """The message inside. Raises EnvelopeRefused and nothing else, whatever it is given."""
        expected = self.signature(timestamp, nonce, encrypted).encode()
        if not compare_digest(expected, signature.encode("utf-8", "surrogatepass")):
            raise EnvelopeRefused("signature")
        try:
            decryptor = self._cipher.decryptor()
            sealed = binascii.a2b_base64(encrypted, strict_mode=True)
            plain = decryptor.update(sealed) + decryptor.finalize()
        except ValueError:
            raise EnvelopeRefused("malformed") from None
        pad = plain[-1] if plain else 0
        if not 1 <= pad <= BLOCK or not plain.endswith(PADS[pad]):
            raise EnvelopeRefused("malformed")
        end = HEAD + int.from_bytes(plain[16:HEAD])
        if end > len(plain) - pad:
            raise EnvelopeRefused("malformed")
        if not compare_digest(plain[end : len(plain) - pad], self._receive_id):
            raise EnvelopeRefused("receiver")
        return plain[HEAD:end]

    def seal(self, message: bytes, timestamp: str, nonce: str) -> Sealed:
        """An envelope around the message, with fresh random bytes, signed."""
        plain = os.urandom(16) + len(message).to_bytes(4) + message + self._receive_id
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(plain + PADS[BLOCK - len(plain) % BLOCK]) + encryptor.finalize()
        encrypted = binascii.b2a_base64(sealed, newline=False).decode()
        return Sealed(encrypted, self.signature(timestamp, nonce, encrypted), timestamp, nonce)


def _parse_key(aes_key: str) -> bytes:
    try:
        key = binascii.a2b_base64(aes_key.encode() + b"=")
    except ValueError:
        key = b""
    if len(aes_key) != 43 or len(key) != 32:
        raise ValueError(
            f"EncodingAESKey must be 43 characters of a-zA-Z0-9, this one has {len(aes_key)}: "
            "copy it again from the platform's callback settings"
        )
    return key
