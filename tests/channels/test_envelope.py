"""The envelope against the published vector, an independent implementation, and what is no envelope."""

import binascii
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.channels.envelope import EnvelopeCrypto, EnvelopeRefused, Sealed

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP = "wx5823bf96d3bd56c7"
CRYPTO = EnvelopeCrypto(TOKEN, AES_KEY, CORP)
PEER = WeChatCrypto(TOKEN, AES_KEY, CORP)

# developer.work.weixin.qq.com/document/path/91144
PUBLISHED = Sealed(
    encrypted=(
        "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/s"
        "YYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJ"
        "YuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGU"
        "callcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDY"
        "A5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
    ),
    signature="477715d11cdb4164915debcba66cb864d751f3e6",
    timestamp="1409659813",
    nonce="1372623149",
)

WORDS = st.text(max_size=40)
DIGITS = st.integers(0, 10**12).map(str)


def opened(sealed: Sealed, crypto: EnvelopeCrypto = CRYPTO) -> bytes:
    return crypto.open(sealed.encrypted, sealed.signature, sealed.timestamp, sealed.nonce)


def refusal(sealed: Sealed, crypto: EnvelopeCrypto = CRYPTO) -> str:
    with pytest.raises(EnvelopeRefused) as refused:
        opened(sealed, crypto)
    return refused.value.reason


def signed(encrypted: str) -> Sealed:
    return Sealed(encrypted, CRYPTO.signature("1", "n", encrypted), "1", "n")


def test_the_published_vector_opens() -> None:
    root = ElementTree.fromstring(opened(PUBLISHED).decode())
    assert {child.tag: child.text for child in root} == {
        "ToUserName": CORP,
        "FromUserName": "mycreate",
        "CreateTime": "1409659813",
        "MsgType": "text",
        "Content": "hello",
        "MsgId": "4561255354251345929",
        "AgentID": "218",
    }


def test_a_wrong_signature_is_refused_before_anything_is_opened() -> None:
    assert refusal(replace(PUBLISHED, signature="0" * 40)) == "signature"
    assert refusal(replace(PUBLISHED, timestamp="1409659814")) == "signature"
    assert refusal(replace(PUBLISHED, nonce="1372623148")) == "signature"
    assert refusal(replace(PUBLISHED, signature=PUBLISHED.signature.upper())) == "signature"


def test_an_envelope_for_another_corp_is_refused() -> None:
    assert (
        refusal(EnvelopeCrypto(TOKEN, AES_KEY, "wx0000000000000000").seal(b"<xml/>", "1", "n")) == "receiver"
    )


def test_an_empty_receive_id_is_checked_as_well() -> None:
    robot = EnvelopeCrypto(TOKEN, AES_KEY, "")
    assert opened(robot.seal(b"hello", "1", "n"), robot) == b"hello"
    assert refusal(CRYPTO.seal(b"hello", "1", "n"), robot) == "receiver"


@pytest.mark.parametrize(
    "encrypted", ["", "====", "*not base64*", "QUJD", "汉字", "QUJDREVGR0hJSktMTU5PUA=="]
)
def test_a_signed_envelope_that_is_none_is_refused(encrypted: str) -> None:
    assert refusal(signed(encrypted)) == "malformed"


@pytest.mark.parametrize(
    "plain",
    [
        b"r" * 16 + (0).to_bytes(4) + b"\x00" * 12,
        b"r" * 16 + (0).to_bytes(4) + CORP.encode() + b"\x21" * 26,
        b"r" * 16 + (0).to_bytes(4) + CORP.encode() + b"\x01" * 25 + b"\x1a",
        b"r" * 16 + (2**31).to_bytes(4) + CORP.encode() + b"\x1a" * 26,
        b"\x10" * 16,
    ],
    ids=["no padding", "pad over 32", "uneven pad", "length beyond the end", "shorter than its head"],
)
def test_padding_and_length_are_checked(plain: bytes) -> None:
    encryptor = CRYPTO._cipher.encryptor()
    assert (
        refusal(signed(binascii.b2a_base64(encryptor.update(plain), newline=False).decode())) == "malformed"
    )


@pytest.mark.parametrize("key", ["", "short", AES_KEY + "x", "!" * 43])
def test_a_key_that_is_none_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="43 characters") as refused:
        EnvelopeCrypto(TOKEN, key, CORP)
    assert not key or key not in str(refused.value)


@given(st.binary(max_size=3000), DIGITS, WORDS)
def test_what_is_sealed_opens_to_the_same_bytes(message: bytes, timestamp: str, nonce: str) -> None:
    assert opened(CRYPTO.seal(message, timestamp, nonce)) == message


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=500), DIGITS, DIGITS)
def test_the_peer_opens_what_we_seal(text: str, timestamp: str, nonce: str) -> None:
    sealed = CRYPTO.seal(text.encode(), timestamp, nonce)
    outer = f"<xml><Encrypt>{sealed.encrypted}</Encrypt></xml>"
    assert PEER.decrypt_message(outer, sealed.signature, timestamp, nonce) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=500), DIGITS, DIGITS)
def test_we_open_what_the_peer_seals(text: str, timestamp: str, nonce: str) -> None:
    outer: Any = ElementTree.fromstring(PEER.encrypt_message(text, nonce, timestamp))
    sealed = Sealed(outer.findtext("Encrypt"), outer.findtext("MsgSignature"), timestamp, nonce)
    assert opened(sealed) == text.encode()


@given(st.data())
def test_tampering_is_always_refused(data: st.DataObject) -> None:
    sealed = CRYPTO.seal(data.draw(st.binary(max_size=200)), "1700000000", "nonce")
    field = data.draw(st.sampled_from(["encrypted", "signature", "timestamp", "nonce"]))
    original = getattr(sealed, field)
    place = data.draw(st.integers(0, len(original) - 1))
    other = data.draw(st.characters().filter(lambda letter: letter != original[place]))
    tampered = original[:place] + other + original[place + 1 :]
    assert refusal(replace(sealed, **{field: tampered})) == "signature"


@given(WORDS, WORDS, WORDS, WORDS)
def test_nothing_but_a_refusal_is_raised_for_arbitrary_input(a: str, b: str, c: str, d: str) -> None:
    with pytest.raises(EnvelopeRefused):
        CRYPTO.open(a, b, c, d)


@given(st.binary(max_size=400))
def test_nothing_but_a_refusal_is_raised_for_signed_garbage(garbage: bytes) -> None:
    """What somebody sends who knows the token but not the key."""
    assert refusal(signed(binascii.b2a_base64(garbage, newline=False).decode())) == "malformed"
