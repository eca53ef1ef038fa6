"""make bench: what the program costs by itself, in less than ten minutes.

    BENCH_SKIP   parts to leave out, separated by commas: starting, costs, instructions, saturation, micro
"""

import os
from typing import Any

from .rig import costs, micro
from .rig.bots import Omni, Python
from .rig.processes import run
from .rig.report import save, table
from .rig.sampling import loaded
from .rig.starting import start_and_idle
from .rig.world import world

SKIPPED = set(filter(None, os.environ.get("BENCH_SKIP", "").split(",")))
PAIRS = [
    ("JSON, parse, MB/s", "json_parse_mb_s", ["foundation_json_parse_mb_s", "python_json_parse_mb_s"]),
    ("JSON, write, MB/s", "json_write_mb_s", ["foundation_json_write_mb_s", "python_json_write_mb_s"]),
    ("server-sent events, MB/s", "sse_parse_mb_s", ["", "python_sse_parse_mb_s"]),
    ("envelope to question, µs", "envelope_decode_us", ["", "python_envelope_decode_us"]),
    ("a verdict of policy, µs", "verdict_us", ["", ""]),
    ("10,000 tools listed for one person, ms", "list_10000_tools_ms", ["", ""]),
    ("25 kB of Markdown cut for Slack, µs", "markdown_split_us", ["", ""]),
]
"""Words, our figure, and the same of Foundation and Python."""


async def compared() -> dict[str, Any]:
    """Both bots side by side."""
    figures: dict[str, Any] = {}
    rows: dict[str, list[float]] = {}
    for bot in (Omni(), Python()):
        found: dict[str, float] = {}
        if "starting" not in SKIPPED:
            start, idle = await start_and_idle(bot)
            found |= {"start to connected, ms": start, "idle RSS, MB": idle.rss, "idle threads": idle.threads}
        if "costs" not in SKIPPED:
            found["CPU a question, ms"] = await costs.cpu(bot)
            async with world(bot, model_seconds=0) as made:
                sample = await loaded(made, rate=5, seconds=20, model_seconds=0)
            found |= {"ack p50, ms": sample.ack_p50, "ack p99, ms": sample.ack_p99}
        if "saturation" not in SKIPPED:
            found["questions a second at most"] = await costs.saturation(bot)
        print(f"measured: {bot.name}", flush=True)
        figures[bot.name] = found
        for name, value in found.items():
            rows.setdefault(name, []).append(value)
    print(table(["", "omni", "python", "python / omni"],
                [[name, omni, python, python / omni] for name, (omni, python) in rows.items()]))
    return figures


async def own() -> dict[str, Any]:
    figures: dict[str, Any] = {}
    if "costs" not in SKIPPED:
        figures |= await costs.allocations()
    if "instructions" not in SKIPPED:
        figures["million_instructions"] = await costs.instructions()
    print(table(["of one question", "omni"], list(figures.items())))
    return figures


async def inner_loops() -> dict[str, float]:
    figures = await micro.measure()
    rows = [[words, figures[name], *(figures.get(other) for other in others)] for words, name, others in PAIRS]
    print(table(["", "omni", "Foundation", "Python"], rows))
    return figures


async def main() -> int:
    figures: dict[str, Any] = {}
    if "micro" not in SKIPPED:
        figures["micro"] = await inner_loops()
    figures["own"] = await own()
    figures["compared"] = await compared()
    save("figures", figures)
    return 0


if __name__ == "__main__":
    run(main())
