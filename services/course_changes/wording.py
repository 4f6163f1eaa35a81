"""What changes of approved courses are called on the screen."""

STATE = {
    "draft": ("پیش‌نویس", ""),
    "waiting": ("در انتظار تصمیم", "info"),
    "returned": ("برگشت‌خورده", "warn"),
    "done": ("اعمال شد", "ok"),
    "refused": ("پذیرفته نشد", "bad"),
    "withdrawn": ("پس گرفته شد", ""),
}
KIND = {"edit": "تغییر دوره", "cancel": "لغو دوره", "merge": "ادغام در دورهٔ دیگر"}
ACTION = {
    "approve": "تأیید",
    "return": "برگشت برای اصلاح",
    "refuse": "نپذیرفتن",
    "withdraw": "پس گرفتن درخواست",
}
# What somebody did to a change that is in this state now, and the same said to who did it.
ACTION_PAST = {
    "waiting": ("تأیید کرد", "تأیید کردید"),
    "returned": ("برگرداند", "برگرداندید"),
    "done": ("تأیید کرد", "تأیید کردید"),
    "refused": ("نپذیرفت", "نپذیرفتید"),
    "withdrawn": ("پس گرفت", "پس گرفتید"),
}
