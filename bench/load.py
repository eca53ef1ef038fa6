"""make load: 50 questions per second for a minute, Omni and the Python bot one after the other on the same machine.

    LOAD_RATE      questions per second (50)
    LOAD_SECONDS   duration in seconds (60)
"""

import os

from .harness.bots import Bot, Omni, Python
from .harness.processes import run
from .harness.report import save, table, verdict
from .harness.sampling import Sample, loaded
from .harness.world import world

RATE = float(os.environ.get("LOAD_RATE", "50"))
SECONDS = float(os.environ.get("LOAD_SECONDS", "60"))
MODEL_SECONDS = 2.0
SLOWER_RATE = 10.0
"""The rate at which the Python bot is also measured when it cannot sustain the first one."""

ROWS = [
    ("questions a second", "rate"), ("asked", "asked"), ("answered", "answered"), ("ack p50, ms", "ack_p50"),
    ("ack p99, ms", "ack_p99"), ("ack p99 of every envelope, ms", "ack_all_p99"),
    ("first sign p50, ms", "first_sign_p50"), ("first sign p99, ms", "first_sign_p99"), ("answer beyond the model p50, ms", "latency_p50"),
    ("answer beyond the model p99, ms", "latency_p99"), ("CPU a question, ms", "cpu_ms"),
    ("  its MCP server, ms", "child_cpu_ms"), ("  the emulator, ms", "emulator_cpu_ms"),
    ("RSS at the end, MB", "rss"), ("RSS at its peak, MB", "peak_rss"), ("threads", "threads"),
    ("descriptors", "descriptors"), ("mean request to the model, bytes", "request_bytes"),
    ("latest question by its timetable, ms", "asking_delay"),
]


async def measured(bot: Bot, rate: float) -> Sample:
    print(f"{bot.name}: {rate:g} questions a second for {SECONDS:g} s …", flush=True)
    async with world(bot, model_seconds=MODEL_SECONDS) as made:
        return await loaded(made, rate, SECONDS, MODEL_SECONDS)


def missed(omni: Sample) -> list[str]:
    """The failed requirements of Omni; there are none for the Python bot."""
    misses = list(omni.misses)
    if omni.answered < omni.asked:
        misses.append(f"{omni.asked - omni.answered} of {omni.asked} questions were not answered")
    if not omni.ack_p99 < 50:
        misses.append(f"ack p99 is {omni.ack_p99:.1f} ms, not under 50 ms")
    return misses


async def main() -> int:
    omni = await measured(Omni(), RATE)
    python = [await measured(Python(), RATE)]
    if not python[0].is_held:
        print(f"The Python bot does not keep up with {RATE:g} a second here; its costs are measured at a lower rate too.")
        python.append(await measured(Python(), min(SLOWER_RATE, RATE / 2)))
    samples = [omni, *python]
    print()
    print(table(["", *(sample.bot for sample in samples)],
                [[words, *(getattr(sample, name) for sample in samples)] for words, name in ROWS]))
    misses = missed(omni)
    save("load", {"samples": [sample.json for sample in samples], "misses": misses})
    return verdict(misses)


if __name__ == "__main__":
    run(main())
