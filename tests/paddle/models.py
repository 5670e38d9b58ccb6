"""Folders as PaddleOCR takes them, made of the models that come with rapidocr's wheel.

They are PaddleOCR's own PP-OCRv6 small, as ONNX; only the descriptions (`inference.yml`) are written here, with the
values of PaddleX's. The recogniser's characters stand in the metadata of its ONNX file.
"""

import shutil
from pathlib import Path
from typing import Any

import onnxruntime
import yaml

MODEL = "PP-OCRv6_small"

DETECTION: dict[str, Any] = {
    "Global": {"model_name": f"{MODEL}_det"},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetLabelEncode": None},
            {"DetResizeForTest": {"resize_long": 960}},
            {
                "NormalizeImage": {
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "scale": "1./255.",
                    "order": "hwc",
                }
            },
            {"ToCHWImage": None},
            {"KeepKeys": {"keep_keys": ["image", "shape", "polys", "ignore_tags"]}},
        ]
    },
    "PostProcess": {
        "name": "DBPostProcess",
        "thresh": 0.3,
        "box_thresh": 0.6,
        "max_candidates": 1000,
        "unclip_ratio": 1.5,
    },
}

RECOGNITION: dict[str, Any] = {
    "Global": {"model_name": f"{MODEL}_rec"},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"RecResizeImg": {"image_shape": [3, 48, 320]}},
            {"KeepKeys": {"keep_keys": ["image", "label_ctc", "label_gtc", "length", "valid_ratio"]}},
        ]
    },
}


def build(bundled: Path, root: Path) -> None:
    """From the folder of rapidocr's models into `root`, as `models fetch reading` would leave them there."""
    for file, part, about in (
        ("PP-OCRv6_det_small.onnx", "det", DETECTION),
        ("PP-OCRv6_rec_small.onnx", "rec", RECOGNITION | {"PostProcess": _decoding(bundled)}),
    ):
        folder = root / f"{MODEL}_{part}"
        folder.mkdir(parents=True)
        shutil.copy(bundled / file, folder / "inference.onnx")
        (folder / "inference.yml").write_text(yaml.safe_dump(about, allow_unicode=True), encoding="utf-8")


def _decoding(bundled: Path) -> dict[str, Any]:
    session = onnxruntime.InferenceSession(bundled / "PP-OCRv6_rec_small.onnx")
    characters = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    return {"name": "CTCLabelDecode", "character_dict": characters}
