"""What a browser calls itself, in two words a person can tell apart."""

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung"),
    ("Firefox", "Firefox"),
    ("Brave", "Brave"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "اندروید"),
    ("iPhone", "آیفون"),
    ("iPad", "آیپد"),
    ("Windows", "ویندوز"),
    ("Mac OS", "مک"),
    ("Linux", "لینوکس"),
)


def describe(user_agent: str) -> str:
    """«Firefox، ویندوز»; what is unknown is called so."""
    browser = next((title for sign, title in _BROWSERS if sign in user_agent), "مرورگر ناشناس")
    system = next((title for sign, title in _SYSTEMS if sign in user_agent), "")
    return f"{browser}، {system}" if system else browser
