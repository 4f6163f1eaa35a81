"""Named lists of courses, in the small country of the walkers of pages and forms."""

from models import SavedFilter
from tests import make

Scene = tuple[str, dict, dict]
LEVELS = ("center", "province", "hq")


def kept(world, level: str, title: str = "شب‌ها", query: str = "tab=all&shift=night") -> SavedFilter:
    row = {"user_id": world.staff[level].id, "page": f"{level}.courses", "title": title}
    return make.first(SavedFilter, **row) or make.save(SavedFilter(query=query, **row))


def grown(world, n: int) -> None:
    if n < 7:
        for level in LEVELS:
            kept(world, level, f"فهرست {n}", f"tab=open&setting=prison&trade={n}")


def named(level: str):
    return lambda world: (f"/{level}/courses?tab=open&shift=morning", {}, {"title": "صبح‌ها"})


def forgotten(level: str):
    def scene(world) -> Scene:
        return f"/{level}/courses?tab=all&shift=night", {"filter_id": kept(world, level).id}, {}

    return scene


SCENES = {f"{level}.filter_save": named(level) for level in LEVELS} | {
    f"{level}.filter_remove": forgotten(level) for level in LEVELS
}
