"""The paper that a form may bring with a change, and what became of papers."""

from flask import request

from blueprints import uploads
from blueprints.forms.equipment import PaperForm
from blueprints.guards import me
from models import EquipmentItem, StoredFile
from services import files, submissions
from services.equipment import documents
from services.files.reasons import words


def bring(form: PaperForm, item: EquipmentItem) -> str:
    """The key of the paper of this form, empty for none; a refused form keeps it in `document` for its next sending.

    Raises:
        DomainError: it is not taken; the field is `file`.
    """
    sent = request.files.get(uploads.FIELD)
    if sent is not None and sent.filename:
        # Another file in the same form is another paper, not a repeat of the first.
        key = submissions.for_choice(form.key(), sent.filename)
        form.document.data = files.receive(
            me(), sent.stream, sent.filename, key, documents.place_of(item, later=True)
        ).key
    return (form.document.data or "")[:32]


def why_refused(file: StoredFile) -> str:
    return words(file.refused_reason)
