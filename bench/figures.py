"""make bench: latencies and costs per question of both bots, and how soon an answer's first words are shown, streamed
and edited, in about ten minutes.

    BENCH_SKIP   parts to leave out, separated by commas: starting, calm, busy, saturation, costs, words, python
"""

import os
from typing import Any

from .harness import costs
from .harness.bots import Bot, Omni, Python
from .harness.first_words import first_words
from .harness.processes import run
from .harness.report import save, table
from .harness.sampling import loaded
from .harness.starting import start_and_idle
from .harness.world import world

SKIPPED = set(filter(None, os.environ.get("BENCH_SKIP", "").split(",")))
MODEL_SECONDS = 0.6

Figures = dict[str, float]


async def calm(bot: Bot) -> Figures:
    """One question per second in one channel, with Slack's rate limits."""
    async with world(bot, model_seconds=MODEL_SECONDS, tier_limits=True) as made:
        return named("1 a second, one channel", await loaded(made, 1, 40, MODEL_SECONDS, channels=1, warm_up=5))


async def busy(bot: Bot) -> Figures:
    """A large workspace. Without rate limits, because they would determine the result."""
    async with world(bot, model_seconds=MODEL_SECONDS) as made:
        sample = await loaded(made, 20, 30, MODEL_SECONDS, channels=64)
        costs_of_it = {"CPU a question, ms": sample.cpu_ms, "peak memory, MB": sample.peak_rss}
        return named("20 a second, 64 channels", sample) | costs_of_it


def named(load: str, sample: Any) -> Figures:
    return {
        f"{load}: answered of {sample.asked}": sample.answered,
        f"{load}: ack p50, ms": sample.ack_p50, f"{load}: ack p99, ms": sample.ack_p99,
        f"{load}: first sign p50, ms": sample.first_sign_p50, f"{load}: first sign p99, ms": sample.first_sign_p99,
        f"{load}: answer less the model p50, ms": sample.latency_p50,
        f"{load}: answer less the model p99, ms": sample.latency_p99}


async def starting(bot: Bot) -> Figures:
    start, idle = await start_and_idle(bot)
    return {"start to connected, ms": start, "idle memory, MB": idle.rss}


async def saturation(bot: Bot) -> Figures:
    return {"questions a second at most": await costs.saturation(bot)}


async def without_model(bot: Bot) -> Figures:
    return {"CPU a question, model at 0 s, ms": await costs.cpu(bot)}


PARTS = {"starting": starting, "calm": calm, "busy": busy, "saturation": saturation, "costs": without_model}


async def main() -> int:
    bots: list[Bot] = [Omni()] if "python" in SKIPPED else [Omni(), Python()]
    figures: dict[str, Figures] = {bot.name: {} for bot in bots}
    for part, measure in PARTS.items():
        for bot in bots if part not in SKIPPED else []:
            figures[bot.name] |= await measure(bot)
            print(f"measured: {part}, {bot.name}", flush=True)
    rows = [[name, *(figures[bot.name].get(name) for bot in bots)] for name in figures[bots[0].name]]
    if rows:
        print(table(["", *(bot.name for bot in bots)], rows))
    words = {} if "words" in SKIPPED else {"streamed": await first_words(True), "edited": await first_words(False)}
    if words:
        print(table(["first words shown after the model's, Omni", *words],
                    [[name, *(column[name] for column in words.values())] for name in words["streamed"]]))
    save("figures", figures | {"first_words": words})
    return 0


if __name__ == "__main__":
    run(main())
