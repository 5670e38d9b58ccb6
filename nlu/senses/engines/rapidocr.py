"""PP-OCR models through ONNX Runtime. The models come with the wheel: nothing is fetched."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR

from nlu.senses.errors import EngineFailed
from nlu.senses.pages import Quad

# Larger pictures cost time and gain nothing: receipts are legible at this size.
LONGEST_SIDE = 1600


class RapidReader:
    name = "rapidocr"

    def __init__(self, *, threads: int = 1) -> None:
        cv2.setNumThreads(threads)
        self._engine = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.max_side_len": LONGEST_SIDE,
                # Lines one by one, padded to no more than two letters: receipts are full of short words,
                # and the defaults (6 together, at least 320 wide) recognise mostly padding at twice the cost.
                "Rec.rec_batch_num": 1,
                "Rec.rec_img_shape": [3, 48, 96],
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def recognise(self, picture: NDArray[np.uint8]) -> list[tuple[str, Quad, float]]:
        try:
            # The engine takes arrays as OpenCV has them: blue first.
            found: Any = self._engine(np.ascontiguousarray(picture[:, :, ::-1]))
        except (RuntimeError, MemoryError, cv2.error) as error:
            raise EngineFailed(f"{self.name}: {error}") from error
        if found.boxes is None or found.txts is None:
            return []
        return [
            (text, _quad(box), float(score))
            for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True)
        ]


def _quad(box: NDArray[np.float32]) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in box)
    return a, b, c, d
