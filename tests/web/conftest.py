"""What tests of pages share."""

import pytest

from services.label_sheets import document


@pytest.fixture
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """For walks that ask for every address many times: a document is drawn by a process of its own, for a second."""
    monkeypatch.setattr(document, "pdf", lambda every, first: b"%PDF-1.3 drawn elsewhere")
