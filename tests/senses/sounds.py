"""Puts a recording into the containers and codecs that messengers and phones send."""

import io
import struct
from typing import Any

import av
import numpy as np

from nlu.senses.decoding import RATE, Samples

# name: container, encoder, sample rate, sample format, samples a frame (None where any will do), options
WAYS: dict[str, tuple[str, str, int, str, int | None, dict[str, str]]] = {
    "amr-nb": ("amr", "libopencore_amrnb", 8_000, "s16", 160, {}),
    "amr-nb with dtx": ("amr", "libopencore_amrnb", 8_000, "s16", 160, {"dtx": "1"}),
    "3gp with amr-nb": ("3gp", "libopencore_amrnb", 8_000, "s16", 160, {}),
    "m4a": ("mp4", "aac", 44_100, "fltp", 1024, {}),
    "webm with opus": ("webm", "libopus", 48_000, "s16", 960, {}),
    "ogg with opus": ("ogg", "libopus", 16_000, "s16", 320, {}),
    "mp3": ("mp3", "libmp3lame", 16_000, "s16p", 576, {}),
    "flac": ("flac", "flac", 16_000, "s16", 4096, {}),
    "wav": ("wav", "pcm_s16le", 16_000, "s16", None, {}),
    "wav in stereo": ("wav", "pcm_s16le", 44_100, "s16", None, {"layout": "stereo"}),
}


def encoded(samples: Samples, way: str) -> bytes:
    """Mono float32 at 16 kHz → the bytes of a file."""
    container, encoder, rate, form, frame_size, options = WAYS[way]
    layout = options.get("layout", "mono")
    out = io.BytesIO()
    with av.open(out, "w", format=container) as box:
        stream: Any = box.add_stream(
            encoder, rate=rate, options={key: value for key, value in options.items() if key != "layout"}
        )
        stream.layout, stream.format = layout, form
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(format=form, layout=layout, rate=rate, frame_size=frame_size or 0)
        at = 0
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            if frame_size and piece.samples < frame_size:
                break
            piece.pts, at = at, at + piece.samples
            box.mux(stream.encode(piece))
        box.mux(stream.encode(None))
    return out.getvalue()


def in_3gp(amr: bytes) -> bytes:
    """The frames of an AMR file, as they are, in the container of Android's recorder."""
    out = io.BytesIO()
    with av.open(io.BytesIO(amr)) as source, av.open(out, "w", format="3gp") as box:
        stream = box.add_stream_from_template(source.streams.audio[0], opaque=True)
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                box.mux(packet)
    return out.getvalue()


def in_ogg(frames: list[bytes]) -> bytes:
    """Wideband Speex frames in Ogg, one a page, as speexenc writes them but for its comments."""
    head = (
        b"Speex   "
        + b"1.2".ljust(20, b"\0")
        + struct.pack("<13i", 1, 80, RATE, 1, 4, 1, -1, 320, 0, 1, 0, 0, 0)
    )
    packets = [head, bytes(8), *frames]
    pages = []
    for number, packet in enumerate(packets):
        flags = 2 if number == 0 else 4 if number == len(packets) - 1 else 0
        page = struct.pack(
            "<4s2BqIII2B", b"OggS", 0, flags, max(0, number - 1) * 320, 1, number, 0, 1, len(packet)
        )
        page += packet
        pages.append(page[:22] + struct.pack("<I", _ogg_checksum(page)) + page[26:])
    return b"".join(pages)


def _ogg_checksum(page: bytes) -> int:
    rest = 0
    for byte in page:
        rest ^= byte << 24
        for _ in range(8):
            rest = (rest << 1 ^ (0x04C11DB7 if rest & 0x8000_0000 else 0)) & 0xFFFF_FFFF
    return rest


def silent_amr(seconds: float) -> bytes:
    """Nothing but silence descriptors: 6 bytes for every 20 ms."""
    return b"#!AMR\n" + (bytes([8 << 3 | 4]) + bytes(5)) * round(seconds * 50)


def silent_amr_wb(seconds: float) -> bytes:
    """Wideband, silence descriptors and frames without data in turn; no encoder for more comes with PyAV."""
    return b"#!AMR-WB\n" + (bytes([9 << 3 | 4]) + bytes(5) + bytes([15 << 3 | 4]) * 7) * round(
        seconds * 50 / 8
    )


def wav_that_states(seconds: float) -> bytes:
    """A WAV file whose header promises more than the half second that follows."""
    body, size = bytes(RATE), round(seconds * RATE) * 2
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        size + 36,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        RATE,
        RATE * 2,
        2,
        16,
        b"data",
        size,
    )
    return head + body


def flac_that_states(seconds: float) -> bytes:
    """A FLAC file whose header promises more than the half second that follows."""
    short = bytearray(encoded(noise(0.5), "flac"))
    # STREAMINFO follows `fLaC` and its own 4 bytes of header; 36 bits from its byte 13 on count the samples.
    at = 4 + 4 + 13
    kept = short[at] & 0xF0
    short[at : at + 5] = (kept << 32 | round(seconds * RATE)).to_bytes(5, "big")
    return bytes(short)


def noise(seconds: float) -> Samples:
    drawn = np.random.default_rng(1).standard_normal(round(seconds * RATE)) * 1e-3
    return drawn.astype(np.float32)


def endless_flac(seconds: float) -> bytes:
    """Silence in a few kilobytes, whose header does not say how long it is."""
    whole = bytearray(encoded(np.zeros(round(seconds * RATE), np.float32), "flac"))
    # STREAMINFO begins at byte 8; its last 36 bits before the checksum are the number of samples, 0 for unknown.
    whole[21] &= 0xF0
    whole[22:26] = bytes(4)
    return bytes(whole)


def wav_at(rate: int, samples: int) -> bytes:
    """Silence that claims this sample rate."""
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        samples * 2 + 36,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        rate,
        rate * 2,
        2,
        16,
        b"data",
        samples * 2,
    )
    return head + bytes(samples * 2)


BOMBS: dict[str, tuple[bytes, str]] = {
    "a flac that does not say how long it is": (endless_flac(400), "too_long"),
    "an hour that claims one sample a second": (wav_at(1, 3600), "too_long"),
    "a minute at one sample a second": (wav_at(1, 60), "damaged"),
    "frames of a kind that does not exist": (b"#!AMR-WB\n" + b"\x6c" * 100_000, "damaged"),
    "a chain of Speex frames without end": ((b"\x0a" + b"\1" * 10) * 200_000, "too_long"),
    "empty Ogg pages": (b"OggS\0\2" * 200_000, "damaged"),
    "frames without sound": (b"\xff\xf1\x50\x80\x02\x1f\xfc" * 50_000, "too_long"),
}
"""Recordings that would take minutes, or gigabytes, if they were decoded to their end; how they are refused."""
