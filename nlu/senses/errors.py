"""What can go wrong while hearing and reading.

UnreadableMedia(Refusal)   the file itself; permanent; `code` and Chinese `words` (what, why, what to do)
EngineUnavailable          nothing can be heard or read now; the file waits, no attempt is used up
  ModelMissing             the model was never fetched
  ModelBroken              it is there, but incomplete or damaged
EngineFailed               the engine fell over on this item; may be tried again a few times
"""

from domain.errors import Refusal


class UnreadableMedia(Refusal):
    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class EngineUnavailable(Exception):
    """The message is English, for the administrator: what, why, what to do."""

    code = "engine_unavailable"


class ModelMissing(EngineUnavailable):
    code = "model_missing"


class ModelBroken(EngineUnavailable):
    code = "model_broken"


class EngineFailed(Exception):
    code = "engine_failed"
