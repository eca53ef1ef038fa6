"""Percentiles, tables and the result files of a run."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "results"


def percentile(values: Sequence[float], share: float) -> float:
    """The percentile by nearest rank; NaN without values."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A text table; the first column is left-aligned, the others right-aligned."""
    cells = [list(head)] + [[_text(value) for value in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = []
    for row in cells:
        first, *others = (cell.rjust(width) if index else cell.ljust(width)
                          for index, (cell, width) in enumerate(zip(row, widths, strict=True)))
        lines.append("  ".join([first, *others]))
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return str(value)


def save(name: str, figures: dict[str, Any]) -> None:
    """Writes bench/results/<name>.json with date, machine and version."""
    RESULTS.mkdir(exist_ok=True)
    version = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=RESULTS.parent, capture_output=True, text=True, check=False)
    about = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"), "version": version.stdout.strip(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores", "load": os.getloadavg()[0]}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"about": about, **figures}, indent=2, allow_nan=True) + "\n")
    print(f"\nwritten: {path.relative_to(RESULTS.parents[1])}")


def verdict(misses: Sequence[str]) -> int:
    """Prints the misses; returns the exit code."""
    for miss in misses:
        print(f"MISSED: {miss}")
    if not misses:
        print("Nothing was missed.")
    return 1 if misses else 0
