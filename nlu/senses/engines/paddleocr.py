"""PP-OCR models through PaddleOCR on ONNX Runtime: for models that rapidocr does not bundle.

Lives in an environment of its own (the extra `paddleocr`): it brings another OpenCV. Nothing is fetched here: the
models are folders that `xiaofang models fetch reading` brings, or that somebody copied.
"""

import os
from pathlib import Path
from typing import Any

# Before the import, which would ask hosts of models whether they are there.
os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")

import cv2
import numpy as np
from numpy.typing import NDArray
from paddleocr import PaddleOCR

from nlu.senses.errors import EngineFailed, ModelBroken
from nlu.senses.pages import Quad

# As with rapidocr: receipts are legible at this size.
LONGEST_SIDE = 1600


class PaddleReader:
    """Raises ModelBroken when constructed on folders that are no models. `folders` are detection and recognition."""

    name = "paddleocr"

    def __init__(self, folders: tuple[Path, Path], model: str, *, threads: int = 1) -> None:
        cv2.setNumThreads(threads)
        detection, recognition = folders
        try:
            self._engine = PaddleOCR(
                text_detection_model_name=f"{model}_det",
                text_detection_model_dir=str(detection),
                text_recognition_model_name=f"{model}_rec",
                text_recognition_model_dir=str(recognition),
                use_doc_orientation_classify=False,
                use_doc_unwarping=False,
                use_textline_orientation=False,
                text_det_limit_side_len=LONGEST_SIDE,
                text_det_limit_type="max",
                text_recognition_batch_size=1,
                engine="onnxruntime",
                engine_config={"intra_op_num_threads": threads, "inter_op_num_threads": 1},
                device="cpu",
            )
        except Exception as error:  # PaddleX and ONNX Runtime each raise their own
            raise ModelBroken(
                f"The reading models {detection.name} and {recognition.name} in {detection.parent} cannot be loaded "
                f"({type(error).__name__}: {error}). Fetch them again with `xiaofang models fetch reading --again`."
            ) from error

    def recognise(self, picture: NDArray[np.uint8]) -> list[tuple[str, Quad, float]]:
        try:
            # The engine takes arrays as OpenCV has them: blue first.
            (found,) = self._engine.predict(np.ascontiguousarray(picture[:, :, ::-1]))
        except (RuntimeError, MemoryError, cv2.error) as error:
            raise EngineFailed(f"{self.name}: {error}") from error
        lines = zip(found["rec_texts"], found["rec_polys"], found["rec_scores"], strict=True)
        return [(text, _quad(corners), float(score)) for text, corners, score in lines if text.strip()]


def _quad(corners: Any) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d
