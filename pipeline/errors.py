"""Every error of ours. What to do follows from the class: `MessageError` never, `UnavailableError` not now."""


class WindhoverError(Exception):
    """The root: catch it only at the top of a process."""


class ConfigurationError(WindhoverError):
    """Stop at start-up with exit code 2; the message is one line that names the setting and what to do."""


class MessageError(WindhoverError):
    """This message, never: dead-letter it. `reason` is from `schemas.dead_letter.REASONS`, `detail` for people."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} ({detail})" if detail else reason)
        self.reason = reason
        self.detail = detail


class MalformedMessageError(MessageError):
    """The bytes are not what the protocol promises."""


class UnsupportedMessageError(MessageError):
    """Well formed, but nobody reads it."""


class ImplausibleValueError(MessageError):
    """A value outside what is physically possible: latitude 412."""


class RequestError(WindhoverError):
    """The caller's mistake: a 4xx that names the field."""

    def __init__(self, detail: str, field: str | None = None, status: int = 422) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.status = status


class UnavailableError(WindhoverError):
    """Not now: wait and try again, lose nothing. The message says what is away and what to do."""
