"""The tree of errors. Anything that is not in it is a bug.

Refusal               told to the person, kindly: what, why, what to do
DeliveryError         the platform did not take what we sent
  permanent=True        and never will: give up and say so
  permanent=False       try again, not before `retry_after` seconds
  maybe_delivered=True  nobody knows: never sent again blindly
  pause_channel=True    the whole app is affected (credentials, quota, trusted IP): everything of it waits
"""


class Refusal(Exception):
    """`words` are Chinese and go to the person as they are."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class DeliveryError(Exception):
    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        maybe_delivered: bool = False,
        pause_channel: bool = False,
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.maybe_delivered = maybe_delivered
        self.pause_channel = pause_channel
        self.code = code
