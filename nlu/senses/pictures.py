"""The bytes of a picture → an upright RGB picture, or a kind refusal. Nothing is decoded before its size is known."""

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from nlu.senses.errors import UnreadableMedia
from nlu.senses.sniffing import PICTURES, SOUNDS

Pixels = NDArray[np.uint8]

MOST_PIXELS = 40_000_000
LARGEST_BYTES = 40 * 1024 * 1024
SHORTEST_SIDE = 32

# Only these are handed to Pillow: its other plug-ins parse formats that no phone sends.
Image.init()
FORMATS = tuple(form for form in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF") if form in Image.OPEN)

ImageFile.LOAD_TRUNCATED_IMAGES = False

REFUSED = {
    "empty": ("empty", "这个文件是空的，没有收到任何内容。请重新拍一张再发。"),
    "too_large": ("too_large", "这个文件太大（超过 40 MB）。请用手机直接拍照发给我，或者只截取票据部分。"),
    "too_big": (
        "too_big",
        "这张图片的尺寸太大（超过 4000 万像素），打不开。请用手机普通模式重新拍一张，或者截图发给我。",
    ),
    "too_small": ("too_small", "这张图片太小，看不清上面的字。请发原图，或者靠近一点重新拍一张。"),
    "heic": (
        "heic",
        "这是苹果手机的 HEIC 照片，我这里打不开。请在相册里截个图再发，或在设置的相机格式里改为兼容性最佳后重拍。",
    ),
    "damaged": ("damaged", "这张图片没有传完整或者已经损坏，打不开。请重新拍一张，或者重新发一次。"),
    "sound": ("not_picture", "这是一段语音或视频，不是图片。票据请拍照发给我。"),
    "answer": (
        "not_picture",
        "没有拿到图片：平台给的是一条出错信息或网页，多半是图片已经过期。请重新发一遍。",
    ),
    "archive": ("archive", "这是压缩包，我不会打开。请解压以后把里面的图片、PDF、OFD 或 XML 发给我。"),
    "office": ("office", "这是办公文档，不是票据。请把票据拍照，或者导出成 PDF 发给我。"),
    "unknown": (
        "not_picture",
        "这个文件不是图片、PDF、OFD 或 XML，我读不了。请把票据拍照发给我，或者发 PDF。",
    ),
}
_NO_PICTURE = (
    dict.fromkeys(SOUNDS, "sound")
    | {"json": "answer", "html": "answer", "zip": "archive"}
    | {kind: kind for kind in ("empty", "heic", "archive", "office", "unknown")}
)


def refused(reason: str) -> UnreadableMedia:
    return UnreadableMedia(*REFUSED[reason])


def refusal_of(kind: str) -> UnreadableMedia:
    """Why a file of this kind (see sniffing) is no picture."""
    return refused(_NO_PICTURE.get(kind, "unknown"))


def open_picture(data: bytes, kind: str) -> Image.Image:
    """An RGB picture as it is meant to be seen: turned by its EXIF, first frame, transparency on white.

    Raises UnreadableMedia. At most 40 megapixels.
    """
    if kind not in PICTURES:
        raise refusal_of(kind)
    if len(data) > LARGEST_BYTES:
        raise refused("too_large")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures before it has read them; the limit here is our own.
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise refused("too_big")
            if min(picture.size) < SHORTEST_SIDE:
                raise refused("too_small")
            picture.load()
            return _as_rgb(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError:
        raise refused("too_big") from None
    except (UnreadableMedia, MemoryError):
        raise
    except Exception:
        # Pillow's parsers fail with whatever they stumble on: KeyError, struct.error, IndexError …
        raise refused("damaged") from None


def _as_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return _from_deep(picture)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture.convert("RGB")


def _from_deep(picture: Image.Image) -> Image.Image:
    """More than 8 bits a pixel: Pillow would clip to white, so the values are spread over 0 to 255."""
    deep = np.asarray(picture).astype(np.float32)
    low, high = float(deep.min()), float(deep.max())
    spread = (deep - low) * (255.0 / max(high - low, 1.0))
    return Image.fromarray(spread.astype(np.uint8)).convert("RGB")


def darkness_and_sharpness(picture: Image.Image) -> tuple[float, float]:
    """0 (white) to 1 (black) for the brighter parts of the picture; the spread of its edges, low where blurred.

    The sharpness is the variance of the Laplacian on a picture of at most 1,000 pixels, less where one direction is
    far blurrier than the other, as a moving hand blurs only one: below about 30 no print is legible. Only to say why
    reading failed, never to reject.
    """
    grey = picture.convert("L")
    grey.thumbnail((1000, 1000))
    tones = np.asarray(grey, dtype=np.float32)
    down = tones[:-2, 1:-1] + tones[2:, 1:-1] - 2 * tones[1:-1, 1:-1]
    across = tones[1:-1, :-2] + tones[1:-1, 2:] - 2 * tones[1:-1, 1:-1]
    if not down.size:
        return 1 - float(np.percentile(tones, 95)) / 255, 0.0
    blurrier, sharper = sorted((float(down.var()), float(across.var())))
    moved = min(1.0, 4 * blurrier / max(sharper, 1e-6))
    return 1 - float(np.percentile(tones, 95)) / 255, float((down + across).var()) * moved
