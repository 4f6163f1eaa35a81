"""Payments before the bank, for the walkers of pages and forms."""

from models import Person
from services import baskets
from services.baskets import Payer, typed
from tests import make

Scene = tuple[str, dict[str, object], dict[str, str]] | tuple[str, dict[str, object], dict[str, str], str]


def basket(world, people: int = 1) -> str:
    """A stranger's basket, half of it for codes that nobody has; its key."""
    codes = [make.person().national_code if n % 2 == 0 else make.national_code() for n in range(people)]
    wanted = [typed.one(code) for code in codes]
    nobody = Payer((codes[0],))  # asked about by nobody before
    return baskets.start(nobody, wanted, 50_000)


def changed(button: str, people: int = 1, **typed_in: str):
    def scene(world) -> Scene:
        key = basket(world, people)
        return f"/pay/{key}", {"key": key}, typed_in, button

    return scene


def listed(world) -> Scene:
    return "/pay/list", {}, {"codes": "\n".join(make.national_code() for _ in range(3))}


def own(world) -> tuple[str, dict[str, object], dict[str, str], str, Person]:
    return "/pay", {}, {}, "", world.trainee


def short(world) -> tuple[str, dict[str, object], dict[str, str], str, Person]:
    return f"/trainee/enroll/{world.course.code}", {"code": world.course.code}, {}, "do=top_up", make.person()


SCENES = {
    "public.pay_begin": lambda world: ("/pay", {}, {}),
    "public.pay_list_begin": listed,
    "public.pay_own": own,
    "public.pay_change amount": changed("do=amount", other="۸۰٬۰۰۰"),
    "public.pay_change amounts": changed("do=amounts", people=3),
    "public.pay_change add": changed("do=add"),
    "public.pay_change remove": changed("do=remove-1", people=3),
    "trainee.enroll_top_up": short,
}
