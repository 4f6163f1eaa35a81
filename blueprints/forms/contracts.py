"""The form of a counter office's contract. It checks shape; the service checks the rule."""

from wtforms import BooleanField, HiddenField
from wtforms.validators import DataRequired

from blueprints.forms.fields import JalaliDateField, TidyStringField
from blueprints.forms.keyed import KeyedForm
from services.counters import LABEL, ContractValues


class ContractForm(KeyedForm):
    """A contract with its dates and what it allows."""

    version = HiddenField()
    office_code = TidyStringField(LABEL["office_code"], render_kw={"dir": "ltr", "maxlength": 20})
    contract_no = TidyStringField(LABEL["contract_no"], render_kw={"dir": "ltr", "maxlength": 40})
    valid_from = JalaliDateField(LABEL["valid_from"], [DataRequired("آغاز قرارداد را بنویسید")])
    valid_to = JalaliDateField(LABEL["valid_to"], [DataRequired("پایان قرارداد را بنویسید")])
    may_enroll = BooleanField("این دفتر کارآموزان را ثبت‌نام می‌کند", default=True)
    may_top_up = BooleanField("این دفتر اعتبار را افزایش می‌دهد", default=True)

    def values(self) -> ContractValues:
        return ContractValues(
            office_code=self.office_code.data or "",
            contract_no=self.contract_no.data or "",
            valid_from=self.valid_from.data,  # type: ignore[arg-type]  # required above
            valid_to=self.valid_to.data,  # type: ignore[arg-type]  # required above
            may_enroll=bool(self.may_enroll.data),
            may_top_up=bool(self.may_top_up.data),
        )
