"""Ways a rule can say no; the message is a Persian sentence for the person at the screen."""


class DomainError(Exception):
    """A refused rule. `field` names the form field it belongs to, when it belongs to one."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(DomainError):
    """No such row, or not yours to see."""

    status = 404


class OutsideTerritory(NotFound):
    """The row exists, but not for this person: looks like `NotFound`, and the error handler adds an audit row."""

    def __init__(self, subject: str, subject_id: int) -> None:
        super().__init__("چنین چیزی پیدا نشد. شاید نشانی ناقص است یا این پرونده برای واحد شما نیست.")
        self.subject = subject
        self.subject_id = subject_id


class NotAllowed(DomainError):
    status = 403


class Conflict(DomainError):
    """Somebody was faster; the page must be read again."""

    status = 409


class Unavailable(DomainError):
    """Something that we stand on does not answer; the same again may do in a while."""

    status = 503


class TooMany(DomainError):
    """Too many tries; `seconds` tells how long to wait."""

    status = 429

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
