"""What the senses need to know. `bot` fills it in from the settings; nothing here reads any."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from domain.values import Value


class SensesConfig(Value):
    speech_engine: Literal["faster-whisper", "sherpa-onnx"] = "faster-whisper"
    speech_model: str = ""
    """The engine's usual model where it is empty: see `models.REPOSITORIES`."""
    model_dir: Path | None = None
    """The folder of the model's files, or a folder that holds one named after the model."""
    temperatures: tuple[float, ...] = (0.0, 0.2, 0.4)
    """(0.0,) makes every transcription repeatable."""
    reading_engine: Literal["rapidocr", "paddleocr"] = "rapidocr"
    reading_model: str = ""
    """`PP-OCRv6_small` where it is empty; rapidocr has its own and needs neither this nor the next."""
    reading_model_dir: Path | None = None
    """Holds the folders `<model>_det` and `<model>_rec`."""
    hearing_workers: int = Field(default=1, ge=1)
    reading_workers: int = Field(default=1, ge=1)
    threads: int = Field(default=1, ge=1)
    """CPU threads of each worker."""
    load_seconds: float = 120.0
    hear_seconds: float = 180.0
    """Wall time of one note; 5 minutes of speech take `small` about 45 s on two cores."""
    read_seconds: float = 30.0
    item_memory_mb: int = 1536
    """What a single item may take on top of the loaded engine."""
    worker_memory_mb: int = 3072
    """A worker that has grown beyond this is replaced after its item."""
    most_items: int = 500
    """A worker is replaced after so many items, as engines leak."""
