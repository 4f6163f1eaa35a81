"""Forms about organizations and their contracts. A form checks shape; the service checks the rule."""

from wtforms import BooleanField, FileField, HiddenField, SelectField
from wtforms.validators import DataRequired

from blueprints.forms.fields import DigitsField, JalaliDateField, TidyStringField, options
from blueprints.forms.keyed import KeyedForm
from models import AgreementKind, OrganizationKind
from services.organizations import AgreementValues, OrganizationValues
from services.organizations.values import AGREEMENT_KIND, KIND


class OrganizationForm(KeyedForm):
    """A company or an agency as a province writes it."""

    version = HiddenField()
    kind = SelectField("نوع", choices=options(KIND.items()))
    legal_id = DigitsField("شناسهٔ ملی", [DataRequired("شناسهٔ ملی سازمان را بنویسید")], lengths=(11,))
    title = TidyStringField("نام", [DataRequired("نام سازمان را بنویسید")])
    contact = TidyStringField("رابط", description="نام و سمت کسی که نامه‌ها به او می‌رسد")
    phone = TidyStringField("تلفن", render_kw={"dir": "ltr", "type": "tel", "autocomplete": "off", "maxlength": 24})
    address = TidyStringField("نشانی")
    is_active = BooleanField("با این سازمان کار می‌کنیم", default=True)

    def values(self) -> OrganizationValues:
        return OrganizationValues(
            kind=OrganizationKind(self.kind.data),
            legal_id=self.legal_id.data or "",
            title=self.title.data or "",
            contact=self.contact.data,
            phone=self.phone.data,
            address=self.address.data,
            is_active=bool(self.is_active.data),
        )


class PaperForm(KeyedForm):
    """The document of a contract."""

    file = FileField("تصویر یا PDF قرارداد")


class AgreementForm(KeyedForm):
    """A contract or a memorandum with an organization."""

    version = HiddenField()
    kind = SelectField("نوع", choices=options(AGREEMENT_KIND.items()))
    number = TidyStringField("شماره", [DataRequired("شمارهٔ قرارداد را بنویسید")], render_kw={"dir": "ltr"})
    subject = TidyStringField("موضوع")
    signed_on = JalaliDateField("تاریخ امضا", [DataRequired("تاریخ امضا را بنویسید")])
    valid_until = JalaliDateField("پایان اعتبار", description="اگر پایان ندارد خالی بگذارید")
    is_active = BooleanField("دورهٔ تازه با آن می‌گذاریم", default=True)

    def values(self) -> AgreementValues:
        return AgreementValues(
            kind=AgreementKind(self.kind.data),
            number=self.number.data or "",
            signed_on=self.signed_on.data,  # type: ignore[arg-type]  # required above
            subject=self.subject.data,
            valid_until=self.valid_until.data,
            is_active=bool(self.is_active.data),
        )
