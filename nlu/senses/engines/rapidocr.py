"""PP-OCR models through ONNX Runtime. The models come with the wheel: nothing is fetched."""

import math
import re
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR

from nlu.senses.engines.focus import Focus, focus_of, focus_of_line
from nlu.senses.errors import EngineFailed
from nlu.senses.pages import Quad, tidy

# Larger pictures cost time and gain nothing: receipts are legible at this size.
LONGEST_SIDE = 1600
# Finding the lines costs by the pixel and works on less; they are read at full size all the same.
LONGEST_SIDE_TO_FIND = 1024
LONG = 2.0
"""Lines longer than this many times their height tell how they lie."""
ASKED = 5
"""So many of the longest lines are asked which way up they are."""
SURE = 0.9
LEGIBLE = 0.6
"""Lines between the two are looked at again."""
DOUBTED = 0.8
"""At most so certain is a line that reads otherwise in another light: less than `finding.SURE`."""
ILLEGIBLE = 0.75
"""At most so certain is a line of a picture that was moved: less than `reading.LEGIBLE`."""
UNLIKE = 0.15
"""So much less certain than a figure may an ideograph be: it has thousands of others to be mistaken for."""
NARROW = 0.8
"""Of its width: so a line is read first, at so much of the cost, and again at full width where it is doubtful."""
RUN = re.compile(r"(\w)\1\1|(\d)\2[\d,]*\.\d|\d\.(\d)\3")
"""What may have lost one of its like when it was narrowed: a triple anywhere, a pair in an amount. A pair never did,
and long numbers have a known length."""

Pixels = NDArray[np.uint8]
Corners = NDArray[np.float32]


class RapidReader:
    name = "rapidocr"

    def __init__(self, *, threads: int = 1) -> None:
        cv2.setNumThreads(threads)
        self._engine = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.max_side_len": LONGEST_SIDE,
                "Det.limit_type": "max",
                "Det.limit_side_len": LONGEST_SIDE_TO_FIND,
                # Lines one by one, padded to no more than a letter or two: receipts are full of short words,
                # and the defaults (6 together, at least 320 wide) recognise mostly padding at twice the cost.
                "Rec.rec_batch_num": 1,
                "Rec.rec_img_shape": [3, 48, 64],
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                # Without it a tenth of the time is spent on getting memory from the system and giving it back.
                "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
            }
        )

    def recognise(self, picture: Pixels) -> list[tuple[str, Quad, float]]:
        """The corners of a line follow its writing, whichever way the picture lies.

        A line's confidence is the mean of its letters, or that of its least certain figure or letter where that is
        less: one doubtful digit of twenty makes a number doubtful. Where the picture is out of focus, lines must say
        the same in every light; where it was moved, none is certain: both lose figures without a doubt about the rest.
        """
        try:
            # The engine takes arrays as OpenCV has them: blue first.
            return self._recognised(np.ascontiguousarray(picture[:, :, ::-1]))
        except (RuntimeError, MemoryError, cv2.error) as error:
            raise EngineFailed(f"{self.name}: {error}") from error

    def _recognised(self, picture: Pixels) -> list[tuple[str, Quad, float]]:
        scale = min(1.0, LONGEST_SIDE / max(picture.shape[:2]))
        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        found: Any = self._engine(picture, use_det=True, use_cls=False, use_rec=False)
        if found.boxes is None or not len(found.boxes):
            return []
        boxes = [np.asarray(box, np.float32) for box in found.boxes]
        lines = self._along_the_writing(picture, boxes)
        cuts = [_cut(picture, box) for box in lines]
        focus = focus_of(cuts)
        read = [
            (*self._read(cut, focus_of_line(cut, focus)), _quad(box / scale))
            for cut, box in zip(cuts, lines, strict=True)
        ]
        return [(text, quad, sure) for text, sure, quad in read if text.strip()]

    def _along_the_writing(self, picture: Pixels, boxes: list[Corners]) -> list[Corners]:
        """The boxes with their corners in the order of reading: short ones lie as most of the long ones do."""
        tall = [_length(box, 1, 2) > LONG * _length(box, 0, 1) for box in boxes]
        wide = [_length(box, 0, 1) > LONG * _length(box, 1, 2) for box in boxes]
        sideways = sum(tall) > sum(wide)
        boxes = [
            np.roll(box, 1, axis=0) if is_tall or (sideways and not is_wide) else box
            for box, is_tall, is_wide in zip(boxes, tall, wide, strict=True)
        ]
        longest = sorted(boxes, key=lambda box: _length(box, 0, 1), reverse=True)[:ASKED]
        turned = sum(self._upside_down(_cut(picture, box)) for box in longest)
        return [np.roll(box, 2, axis=0) for box in boxes] if turned > len(longest) / 2 else boxes

    def _upside_down(self, line: Pixels) -> bool:
        told: Any = self._engine(line, use_det=False, use_cls=True, use_rec=False)
        return bool(told.cls_res[0][0] == "180")

    def _read(self, line: Pixels, focus: Focus) -> tuple[str, float]:
        at_first, sure, _ = self._read_once(_narrower(line))
        if focus == "moved":
            return at_first, min(sure, ILLEGIBLE)
        if sure >= SURE and focus == "sharp" and not RUN.search(at_first):
            return at_first, sure
        text, sure, legible = self._read_once(line)
        if legible < LEGIBLE:
            return text, sure
        if focus == "soft" and _letters(at_first) != _letters(text):
            return text, min(sure, DOUBTED)
        # A doubtful line is looked at again in other lights. All looks must say the same, and then each takes
        # away from the doubt; one that says something else leaves the line doubtful.
        for light in (_sharper, _softer):
            if sure >= SURE and focus == "sharp":
                break
            again, surely, _ = self._read_once(light(line))
            if _letters(again) != _letters(text):
                return text, min(sure, surely, DOUBTED)
            sure = 1 - (1 - sure) * (1 - surely)
        return text, sure

    def _read_once(self, line: Pixels) -> tuple[str, float, float]:
        """The text, the confidence as `recognise` gives it, and the mean of all letters."""
        read: Any = self._engine(line, use_det=False, use_cls=False, use_rec=True, return_word_box=True)
        text, (letters,) = read.txts[0], read.word_results
        each = [sure + _leniency(letter) for letter, sure in zip(text, letters.confs, strict=False)]
        return text, float(min([read.scores[0], *each])), float(read.scores[0])


def _leniency(letter: str) -> float:
    if not letter.isalnum():
        return 1.0
    return 0.0 if letter.isascii() else UNLIKE


def _letters(text: str) -> str:
    """The text without what means nothing: gaps, and whether a colon is wide or narrow."""
    return tidy(text).replace(" ", "")


def _narrower(line: Pixels) -> Pixels:
    width = max(8, round(NARROW * line.shape[1]))
    return np.asarray(cv2.resize(line, (width, line.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)


def _sharper(line: Pixels) -> Pixels:
    """Grey, stretched from black to white, sharpened, larger and with a margin."""
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)
    low, high = np.percentile(grey, (2, 98))
    stretched = ((grey - low) * (255.0 / max(high - low, 1.0))).clip(0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(stretched, (0, 0), 1.5)
    sharp = cv2.addWeighted(stretched, 1.6, soft, -0.6, 0)
    rim = max(2, line.shape[0] // 12)
    framed = cv2.copyMakeBorder(sharp, rim, rim, rim, rim, cv2.BORDER_REPLICATE)
    larger = cv2.resize(framed, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(larger, cv2.COLOR_GRAY2BGR), np.uint8)


def _softer(line: Pixels) -> Pixels:
    """Without the seal's red and the grain: the brightest channel, smoothed, closely cut."""
    trim = line.shape[0] // 16
    bright = np.ascontiguousarray(line[trim : line.shape[0] - trim].max(axis=2))
    return np.asarray(cv2.cvtColor(cv2.GaussianBlur(bright, (0, 0), 0.8), cv2.COLOR_GRAY2BGR), np.uint8)


def _length(box: Corners, start: int, end: int) -> float:
    return math.dist(box[start], box[end])


def _cut(picture: Pixels, box: Corners) -> Pixels:
    """The line, straightened."""
    width, height = max(8, round(_length(box, 0, 1))), max(8, round(_length(box, 1, 2)))
    upright = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(box, upright)
    cut = cv2.warpPerspective(
        picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, np.uint8)


def _quad(box: Corners) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in box)
    return a, b, c, d
