"""CPU, memory, threads and descriptors of a process, from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """CPU in seconds, memory in MiB."""

    cpu: float
    rss: float
    peak_rss: float
    threads: int
    descriptors: int


def usage(pid: int) -> Usage:
    """Raises FileNotFoundError when there is no such process."""
    folder = Path(f"/proc/{pid}")
    # The process name in parentheses may hold spaces and parentheses; the fields follow the last one (proc(5)).
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    return Usage(
        cpu=(int(fields[11]) + int(fields[12])) / TICKS, rss=_megabytes(status["VmRSS"]),
        peak_rss=_megabytes(status["VmHWM"]), threads=int(status["Threads"]),
        descriptors=len(list((folder / "fd").iterdir())))


def _megabytes(kilobytes: str) -> float:
    return int(kilobytes.split()[0]) / 1024


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def children_cpu(pid: int) -> float:
    return sum(usage(child).cpu for child in children(pid))
