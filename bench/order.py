"""make order: which functions some questions need, so that `make release` can lay them side by side.

The loader brings a program in by pages, sixteen at a time. With what is used lying together it is a half of them. The
list ages without harm: a name that is gone is passed over, a new function lies with the rest.
"""

import asyncio
import gzip
import json
import re
import subprocess
from pathlib import Path

from .rig.bots import OMNI, ROOT, Omni
from .rig.costs import batch, dump, stripped, valgrind
from .rig.processes import run
from .rig.world import world

LIST = ROOT / "scripts/order.txt.gz"


def called(profile: Path) -> list[str]:
    """The functions of a callgrind profile, in its order: `fn=(7) name` where a name is met first."""
    names = re.findall(r"^c?fn=\(\d+\) ([^\s']+)", profile.read_text(errors="replace"), re.MULTILINE)
    return list(dict.fromkeys(names))


def symbols(*files: Path) -> set[str]:
    """What is defined in them."""
    listed = subprocess.run(
        ["nm", "--defined-only", *map(str, files)], check=True, capture_output=True, text=True).stdout
    return {fields[-1] for line in listed.splitlines() if len(fields := line.split()) == 3}


def toolchain() -> set[str]:
    """What comes from Swift's own static libraries."""
    told = subprocess.run(["swift", "-print-target-info"], check=True, capture_output=True, text=True).stdout
    libraries = Path(json.loads(told)["paths"]["runtimeResourcePath"] + "_static") / "linux"
    return symbols(*libraries.glob("*.a"))


async def main() -> int:
    program = await stripped()
    async with world(Omni(*await valgrind(program, "--demangle=no")), model_seconds=0) as made:
        await batch(made.emulator, 0, 8, rate=0.5, within=240)
        pid = made.child.pid
        await dump(pid)
        names = called(made.folder / f"callgrind.{pid}.1")
    own, given = symbols(OMNI), toolchain()
    # Some of the toolchain's files are one piece each, of which a function brings all the others along: they come last.
    kept = sorted((name for name in names if name in own), key=lambda name: name in given)
    # Without a date, so that equal lists make equal files.
    LIST.write_bytes(gzip.compress("\n".join([*kept, ""]).encode(), mtime=0))
    print(f"written: {LIST.relative_to(ROOT)}, {len(kept)} functions")
    return 0 if kept else 1


if __name__ == "__main__":
    run(main())
