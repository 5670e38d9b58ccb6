"""The bytes of a voice message → samples.

PyAV reads every container here; two things need a hand. FFmpeg's own AMR decoders stop at the silence
descriptors of DTX, so AMR goes through libopencore, which the same wheel carries. WeCom's JS-SDK voice is
headerless Speex, which nothing recognises: see `speex_frames`.
"""

import io
import struct
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.container import InputContainer
from numpy.typing import NDArray

from nlu.senses.errors import UnreadableMedia
from nlu.senses.sniffing import PICTURES, kind_of

RATE = 16_000
LONGEST_SECONDS = 300.0
LARGEST_BYTES = 64 * 1024 * 1024
LOWEST_RATE = 4_000
"""Hz. Nobody records speech at less; at 1 Hz a few kilobytes would unfold to gigabytes."""
MOST_PACKETS = 200_000
"""More than 5 minutes of the shortest frames that a codec has (2.5 ms); each costs time, whatever is in it."""
MOST_BAD_PACKETS = 1_000
"""Or empty ones. Twenty seconds lost: what is left would be heard wrong."""
LONGEST_HEADER = 8 * 1024 * 1024
"""Bytes read before the first sound, pictures of an album included: 64 MB of empty Ogg pages take half a minute."""

Samples = NDArray[np.float32]

# Only these containers are opened: playlists and the like would have FFmpeg open other files and addresses.
CONTAINERS = (
    "amr,amrnb,amrwb,ogg,mp3,wav,w64,flac,aac,caf,aiff,au,asf,flv,avi,mpegts,mpeg,"
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
)
OPENCORE = {"amrnb": ("libopencore_amrnb", 8_000), "amrwb": ("libopencore_amrwb", 16_000)}

# Bytes of a stored AMR frame by its frame type (RFC 4867, section 5.3); the header byte included.
AMR_FRAME_BYTES = {
    b"#!AMR\n": {0: 13, 1: 14, 2: 16, 3: 18, 4: 20, 5: 21, 6: 27, 7: 32, 8: 6, 15: 1},
    b"#!AMR-WB\n": {0: 18, 1: 24, 2: 33, 3: 37, 4: 41, 5: 47, 6: 51, 7: 59, 8: 61, 9: 6, 14: 1, 15: 1},
}
# Bytes of a wideband Speex frame for the quality settings 0 to 10.
SPEEX_FRAME_BYTES = frozenset({10, 15, 20, 25, 32, 42, 52, 60, 70, 86, 106})
FEWEST_SPEEX_FRAMES = 10
MOST_SPEEX_FRAMES = round(LONGEST_SECONDS / 0.02)

REFUSED = {
    "empty": ("empty", "这段语音是空的，没有收到任何内容。请重新录一遍再发，或者直接打字告诉我。"),
    "silk": (
        "silk",
        "这段语音是 SILK 格式，我这里解不开。请在企业微信里按住说话直接录给我，或者打字告诉我。",
    ),
    "json": (
        "not_audio",
        "没有拿到语音：平台给的是一条出错信息，多半是语音已经过期。请重新发一遍，或者直接打字告诉我。",
    ),
    "picture": (
        "not_audio",
        "这是一张图片，不是语音。图片请按图片发给我；要说的话请录成语音，或者直接打字。",
    ),
    "document": ("not_audio", "这是一个文档，不是语音。要说的话请录成语音发给我，或者直接打字。"),
    "unknown": ("not_audio", "这个文件不是我能听的语音。请重新录一段语音发给我，或者直接打字。"),
    "no_sound": ("no_sound", "这个文件里没有声音。请重新录一段语音发给我，或者直接打字。"),
    "damaged": ("damaged", "这段语音坏了，一句也解不出来。请重新录一遍再发，或者直接打字告诉我。"),
    "too_large": ("too_large", "这段语音文件太大（超过 64 MB）。请分成几段，每段不超过 5 分钟，再发给我。"),
}
_NO_SOUND_INSIDE = (
    dict.fromkeys((*PICTURES, "heic"), "picture")
    | dict.fromkeys(("pdf", "ofd", "zip", "archive", "office"), "document")
    | {"empty": "empty", "silk": "silk", "json": "json", "html": "json", "xml": "json"}
)


@dataclass(frozen=True)
class Sound:
    """Mono float32 at 16 kHz between -1 and 1; `cut_off` where the file stops before its own end."""

    samples: Samples
    cut_off: bool = False

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


def decode(audio: bytes) -> Sound:
    """The bytes of a voice message → sound. Raises UnreadableMedia with words for the rep."""
    if len(audio) > LARGEST_BYTES:
        raise refused("too_large")
    if reason := _NO_SOUND_INSIDE.get(kind_of(audio)):
        raise refused(reason)
    if frames := speex_frames(audio):
        return _decode_speex(frames)
    return _decode_container(audio)


def wave_of(sound: Sound) -> bytes:
    """A WAV file of 16 bits."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound.samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return out.getvalue()


def refused(reason: str) -> UnreadableMedia:
    return UnreadableMedia(*REFUSED[reason])


def too_long(seconds: float | None) -> UnreadableMedia:
    told = f"这段语音有 {seconds / 60:.0f} 分钟" if seconds else "这段语音超过了 5 分钟"
    return UnreadableMedia(
        "too_long", f"{told}，一次最多听 5 分钟。请分成几段录，每段不超过 5 分钟，再发给我。"
    )


class _File(io.BytesIO):
    """Ends early for whoever looks too long for its beginning."""

    def __init__(self, audio: bytes) -> None:
        super().__init__(audio)
        self.allowed: int | None = LONGEST_HEADER

    def read(self, size: int | None = -1, /) -> bytes:
        got = super().read(size)
        if self.allowed is not None:
            self.allowed -= len(got)
            return got if self.allowed > 0 else b""
        return got


def _decode_container(audio: bytes) -> Sound:
    file = _File(audio)
    try:
        opened = av.open(
            file,
            metadata_errors="ignore",
            options={"format_whitelist": CONTAINERS, "protocol_whitelist": "none"},
        )
    except (av.error.FFmpegError, ValueError, OSError):
        # An AMR file of its header alone cannot be opened; anything else here is no sound at all.
        raise refused("damaged" if kind_of(audio) in ("amr", "audio") else "unknown") from None
    file.allowed = None
    box = cast(InputContainer, opened)
    with box:
        if not box.streams.audio:
            raise refused("no_sound")
        stream = box.streams.audio[0]
        stated = None if box.format.name == "amr" else _stated_seconds(box, stream)
        if stated is not None and stated > LONGEST_SECONDS:
            raise too_long(stated)
        samples = _collect(_frames(box, stream))
    if not len(samples):
        raise refused("damaged")
    short = stated is not None and len(samples) / RATE < 0.9 * stated - 0.5
    return Sound(samples, cut_off=short or amr_is_cut_off(audio) or riff_is_cut_off(audio))


def _stated_seconds(box: InputContainer, stream: av.AudioStream) -> float | None:
    # AMR states no duration: FFmpeg guesses one from the first frame, far too long where DTX saved frames.
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return box.duration / av.time_base if box.duration else None


def _frames(box: InputContainer, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
    context = stream.codec_context
    for own, (decoder, rate) in OPENCORE.items():
        if context.name in (own, decoder):
            context = cast(AudioCodecContext, av.CodecContext.create(decoder, "r"))
            context.sample_rate, context.layout = rate, "mono"
    packets, bad = box.demux(stream), 0
    for _ in range(MOST_PACKETS):
        frames: list[av.AudioFrame] = []
        try:
            packet = next(packets)
            frames = context.decode(packet if packet.size else None)
        except (StopIteration, av.error.EOFError):
            return
        except av.error.FFmpegError:
            pass  # One bad packet costs 20 ms of sound, not the note; a demuxer that fails ends the loop itself.
        yield from frames
        bad += not frames
        if bad > MOST_BAD_PACKETS:
            raise refused("damaged")
    raise too_long(None)


def _collect(frames: Iterator[av.AudioFrame]) -> Samples:
    to_mono = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    parts: list[Samples] = []
    count = 0
    for frame in frames:
        if frame.sample_rate < LOWEST_RATE:
            raise refused("damaged")
        frame.pts = None
        for piece in to_mono.resample(frame):
            parts.append(piece.to_ndarray()[0])
            count += len(parts[-1])
        if count > LONGEST_SECONDS * RATE:
            raise too_long(None)
    if parts:
        parts += [piece.to_ndarray()[0] for piece in to_mono.resample(None)]
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)


def amr_is_cut_off(audio: bytes) -> bool:
    """Whether a raw AMR file stops inside a frame: the download or the upload broke off."""
    for magic, sizes in AMR_FRAME_BYTES.items():
        if audio.startswith(magic):
            at = len(magic)
            while at < len(audio):
                size = sizes.get(audio[at] >> 3 & 0x0F)
                if size is None:
                    return False
                at += size
            return at > len(audio)
    return False


def riff_is_cut_off(audio: bytes) -> bool:
    """Whether a WAV file is shorter than its header says; FFmpeg takes what is there for the whole."""
    stated = int.from_bytes(audio[4:8], "little")
    # Recorders that stream write no size: 0 or all ones.
    return audio.startswith(b"RIFF") and len(audio) < 0.9 * stated and stated < 0xFFFF_FF00


def speex_frames(audio: bytes) -> list[bytes]:
    """The frames of a headerless Speex recording (`[length byte][frame]…`, 16 kHz); [] if it is none.

    There is no magic: it counts as Speex when every length is one that a wideband encoder produces and the
    lengths lead exactly to the end, or further than a note may last. By chance a file does so once in 22^10.
    """
    frames: list[bytes] = []
    at = 0
    while at < len(audio) and len(frames) <= MOST_SPEEX_FRAMES:
        size = audio[at]
        frame = audio[at + 1 : at + 1 + size]
        if size not in SPEEX_FRAME_BYTES or len(frame) < size:
            return []
        frames.append(frame)
        at += 1 + size
    return frames if len(frames) >= FEWEST_SPEEX_FRAMES else []


def _decode_speex(frames: list[bytes]) -> Sound:
    if len(frames) > MOST_SPEEX_FRAMES:
        raise too_long(None)
    # FFmpeg's decoder wants the 80-byte header of the Ogg mapping: version, header size, rate, mode 1
    # (wideband), bitstream 4, mono, unknown bit rate, 320 samples a frame, no VBR, one frame a packet.
    numbers = struct.pack("<13i", 1, 80, RATE, 1, 4, 1, -1, 320, 0, 1, 0, 0, 0)
    context = av.CodecContext.create("speex", "r")
    context.extradata = b"Speex   " + b"1.2".ljust(20, b"\0") + numbers
    context.sample_rate, context.layout = RATE, "mono"

    def decoded() -> Iterator[av.AudioFrame]:
        for frame in frames:
            try:
                yield from context.decode(av.Packet(frame))
            except av.error.FFmpegError:
                continue

    samples = _collect(decoded())
    if not len(samples):
        raise refused("damaged")
    return Sound(samples)
