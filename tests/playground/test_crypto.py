import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.playground.wecom_crypto import (
    BadEnvelope,
    Keys,
    decrypt,
    encrypt,
    encrypt_block,
    open_signed,
    pad,
    plain_block,
    signature,
)
from bot.playground.wecom_xml import from_xml, to_xml
from tests.playground.peers import AES_KEY, CORP

KEYS = Keys("QDG6eK", AES_KEY, CORP)
TIMESTAMP, NONCE = "1409659813", "1372623149"
SIGNATURE = "477715d11cdb4164915debcba66cb864d751f3e6"
ENCRYPTED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/s"
    "YYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJ"
    "YuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGU"
    "callcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDY"
    "A5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)


def test_the_published_vector_opens() -> None:
    inner = from_xml(open_signed(KEYS, SIGNATURE, TIMESTAMP, NONCE, ENCRYPTED).decode())
    assert (inner["FromUserName"], inner["Content"], inner["AgentID"]) == ("mycreate", "hello", "218")
    assert (inner["MsgId"], inner["CreateTime"]) == ("4561255354251345929", "1409659813")


@given(st.binary(max_size=300))
def test_what_is_sealed_here_opens_here(message: bytes) -> None:
    assert decrypt(KEYS, encrypt(KEYS, message)) == message


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=80))
def test_an_independent_peer_reads_what_is_sealed_here(words: str) -> None:
    peer = WeChatCrypto("QDG6eK", AES_KEY, CORP)
    sealed = encrypt(KEYS, to_xml({"Content": words}).encode())
    signed = signature("QDG6eK", TIMESTAMP, NONCE, sealed)
    plain = peer.decrypt_message(to_xml({"Encrypt": sealed}), signed, TIMESTAMP, NONCE)
    assert from_xml(plain.decode() if isinstance(plain, bytes) else plain)["Content"] == words


def test_a_wrong_signature_is_refused() -> None:
    with pytest.raises(BadEnvelope, match="wrong signature"):
        open_signed(KEYS, SIGNATURE[::-1], TIMESTAMP, NONCE, ENCRYPTED)


def test_an_envelope_for_another_company_is_refused() -> None:
    with pytest.raises(BadEnvelope, match="another receiver"):
        decrypt(Keys("QDG6eK", AES_KEY, "ww1"), ENCRYPTED)


@pytest.mark.parametrize(
    ("sealed", "reason"),
    [
        ("*", "not base64"),
        ("AAAA", "no multiple"),
        (encrypt_block(KEYS, b"x" * 32), "bad padding"),
        (encrypt_block(KEYS, pad(b"short")), "too short"),
        (encrypt_block(KEYS, pad(plain_block(b"hi", CORP, 2**31))), "does not fit"),
    ],
    ids=["base64", "multiple", "padding", "short", "length"],  # the sealed bytes differ from run to run
)
def test_damage_is_named(sealed: str, reason: str) -> None:
    with pytest.raises(BadEnvelope, match=reason):
        decrypt(KEYS, sealed)


@given(st.integers(0, 200))
def test_padding_fills_blocks_of_32(size: int) -> None:
    padded = pad(b"a" * size)
    assert len(padded) % 32 == 0 and 1 <= padded[-1] <= 32


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=60))
def test_xml_keeps_every_text_even_the_end_of_cdata(words: str) -> None:
    assert from_xml(to_xml({"Content": words + "]]>" + words})) == {"Content": words + "]]>" + words}


def test_repeated_elements_become_lists() -> None:
    message = {"SelectedItems": {"SelectedItem": [{"QuestionKey": "a"}, {"QuestionKey": "b"}]}}
    assert from_xml(to_xml(message)) == message


def test_entities_are_refused() -> None:
    with pytest.raises(ValueError, match="not a plain XML document"):
        from_xml('<!DOCTYPE a [<!ENTITY b "c">]><xml><Content>&b;</Content></xml>')
