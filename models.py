"""Every table of Doreh, section by section; the tables themselves are in `tables/`.

Nothing else is imported from `tables` by the rest of the product.
"""

from tables.approval import (
    ChangeKind,
    ChangeState,
    ChecklistSignature,
    CourseChange,
    CourseClaim,
    Deputy,
    SavedFilter,
)
from tables.attendance import (
    Attendance,
    AttendanceMark,
    Presence,
)
from tables.audit import (
    AuditEvent,
    CronRun,
    FormSubmission,
)
from tables.base import (
    APPEND_ONLY,
    BIG,
    Base,
    Code10,
    MaybeUtc,
    Model,
    Name,
    Pk,
    Rial,
    SortKey,
    Utc,
    UtcDateTime,
    choice,
    db,
    fk,
    utcnow,
)
from tables.catalog import (
    EquipmentGroup,
    FieldLevel,
    SkillStandard,
    StandardRequirement,
    StandardTariff,
    Tariff,
    TradeField,
)
from tables.courses import (
    UNDER_WAY,
    ApprovalRoute,
    Course,
    CourseEvent,
    CourseInstructor,
    CourseSession,
    CourseStatus,
    Delivery,
    ReasonText,
    Setting,
    Shift,
    Trigger,
)
from tables.credit import (
    Account,
    LedgerTransfer,
    OwnerKind,
    TransferKind,
)
from tables.enrollment import (
    Channel,
    DebitSource,
    Enrollment,
    EnrollmentDraft,
    EnrollmentEvent,
    EnrollmentStatus,
)
from tables.files import (
    FileAccess,
    FileKind,
    FileState,
    StoredFile,
)
from tables.foundations import (
    County,
    Gender,
    Holiday,
    Policy,
    Province,
    Unit,
    UnitKind,
)
from tables.imports import (
    ImportBatch,
    ImportRow,
    ImportState,
    RowKind,
    RowState,
)
from tables.instructor_records import (
    CompetenceRuling,
    Degree,
    EducationRecord,
    EmploymentKind,
    EmploymentRecord,
    ExperienceKind,
    ExperienceRecord,
    InstructorCard,
    InstructorRecord,
    InstructorRule,
    RecordEvent,
    RecordKind,
    RecordState,
    RetrainingRecord,
    SkillCertificate,
)
from tables.instructors import (
    Instructor,
    InstructorEvent,
    InstructorField,
    InstructorMove,
    InstructorMoveState,
    InstructorProfile,
    MaritalStatus,
    MilitaryStatus,
)
from tables.inventory import (
    Condition,
    EquipmentItem,
    EquipmentMovement,
    EquipmentRequest,
    EquipmentTransfer,
    MovementKind,
    RequestState,
    ServiceKind,
    ServiceRecord,
    Source,
    Stocktake,
    StocktakeCount,
    StocktakeState,
    TransferState,
)
from tables.licenses import (
    FounderKind,
    License,
    LicenseEvent,
    LicenseGrade,
    LicenseState,
    LicenseTrade,
    LicenseVisit,
    VisitKind,
    VisitOutcome,
)
from tables.messages import (
    BreakerState,
    DeliveryEvent,
    Message,
    MessageState,
    Outbox,
    OutboxState,
    OutsideSystem,
)
from tables.payments import (
    SETTLED,
    AnswerCount,
    Basket,
    Payment,
    PaymentEvent,
    PaymentLine,
    PaymentState,
)
from tables.people import (
    Discrepancy,
    DiscrepancyState,
    HeldPost,
    IdentityStatus,
    IncomeDecile,
    Inquiry,
    InquiryCount,
    InquiryKind,
    InquiryOutcome,
    MobileStatus,
    OneTimeCode,
    Person,
    Role,
    SessionKind,
    SignInThrottle,
    TargetGroup,
    User,
    UserRole,
    UserSession,
)
from tables.places import (
    Area,
    Ownership,
    Place,
    PlaceKind,
    Workshop,
    WorkshopDowntime,
    WorkshopStandard,
)
from tables.requests import (
    Agreement,
    AgreementKind,
    CourseDemand,
    DemandState,
    Nominee,
    NomineeState,
    Organization,
    OrganizationKind,
)
from tables.settlement import (
    CreditCase,
    CreditCaseKind,
    CreditCaseState,
    DayClosing,
    DebitObjection,
    ObjectionState,
    Outcome,
    ReconciliationFile,
    ReconciliationRow,
)

__all__ = [
    "SETTLED", "AnswerCount", "Basket", "Payment", "PaymentEvent", "PaymentLine", "PaymentState", "IncomeDecile",
    "CreditCase", "CreditCaseKind", "CreditCaseState", "DayClosing", "DebitObjection", "ObjectionState",
    "Outcome", "ReconciliationFile", "ReconciliationRow", "APPEND_ONLY", "Account", "Agreement", "AgreementKind",
    "ApprovalRoute", "Area", "Attendance", "AttendanceMark", "AuditEvent", "BIG", "Base", "BreakerState",
    "ChangeKind", "ChangeState", "Channel", "ChecklistSignature", "Code10", "CompetenceRuling", "Condition",
    "County", "Course", "CourseChange", "CourseClaim", "CourseDemand", "CourseEvent", "CourseInstructor",
    "CourseSession", "CourseStatus", "CronRun", "DebitSource", "Degree", "Delivery", "DeliveryEvent",
    "DemandState", "Deputy", "Discrepancy", "DiscrepancyState", "EducationRecord", "EmploymentKind",
    "EmploymentRecord", "Enrollment", "EnrollmentDraft", "EnrollmentEvent", "EnrollmentStatus", "EquipmentGroup",
    "EquipmentItem", "EquipmentMovement", "EquipmentRequest", "EquipmentTransfer", "ExperienceKind",
    "ExperienceRecord", "FieldLevel", "FileAccess", "FileKind", "FileState", "FormSubmission", "FounderKind",
    "Gender", "HeldPost", "Holiday", "IdentityStatus", "ImportBatch", "ImportRow", "ImportState", "Inquiry",
    "InquiryCount", "InquiryKind", "InquiryOutcome", "Instructor", "InstructorCard", "InstructorEvent",
    "InstructorField", "InstructorMove", "InstructorMoveState", "InstructorProfile", "InstructorRecord",
    "InstructorRule", "LedgerTransfer", "License", "LicenseEvent", "LicenseGrade", "LicenseState", "LicenseTrade",
    "LicenseVisit", "MaritalStatus", "MaybeUtc", "Message", "MessageState", "MilitaryStatus", "MobileStatus",
    "Model", "MovementKind", "Name", "Nominee", "NomineeState", "OneTimeCode", "Organization", "OrganizationKind",
    "Outbox", "OutboxState", "OutsideSystem", "OwnerKind", "Ownership", "Person", "Pk", "Place", "PlaceKind",
    "Policy", "Presence", "Province", "ReasonText", "RecordEvent", "RecordKind", "RecordState", "RequestState",
    "RetrainingRecord", "Rial", "Role", "RowKind", "RowState", "SavedFilter", "ServiceKind", "ServiceRecord",
    "SessionKind", "Setting", "Shift", "SignInThrottle", "SkillCertificate", "SkillStandard", "SortKey", "Source",
    "StandardRequirement", "StandardTariff", "Stocktake", "StocktakeCount", "StocktakeState", "StoredFile",
    "TargetGroup", "Tariff", "TradeField", "TransferKind", "TransferState", "Trigger", "UNDER_WAY", "Unit",
    "UnitKind", "User", "UserRole", "UserSession", "Utc", "UtcDateTime", "VisitKind", "VisitOutcome", "Workshop",
    "WorkshopDowntime", "WorkshopStandard", "choice", "db", "fk", "utcnow",
]  # fmt: skip
