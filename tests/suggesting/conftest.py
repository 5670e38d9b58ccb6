"""No test talks to a language model but those that bring their own endpoint and say so."""

import pydantic_ai.models

pydantic_ai.models.ALLOW_MODEL_REQUESTS = False
