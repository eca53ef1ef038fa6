"""Measures one bot under load, from outside its process."""

import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace

from .accounts import settled
from .asking import AcknowledgementBook, Asked, Asker, answered
from .emulator import CHANNELS, Message
from .procfs import children_cpu, usage
from .report import percentile
from .world import World

WARM_UP = 40
"""Questions before the measurement, to fill caches and load code."""


@dataclass(frozen=True)
class Sample:
    """Times in milliseconds, memory in MiB. Latency is from the question to its answer less the model's time."""

    bot: str
    rate: float
    asked: int
    answered: int
    ack_p50: float
    ack_p99: float
    ack_all_p99: float
    """Of all envelopes, also those without a question."""
    first_sign_p50: float
    first_sign_p99: float
    latency_p50: float
    latency_p99: float
    cpu_ms: float
    """Of the bot's own process, per question."""
    child_cpu_ms: float
    emulator_cpu_ms: float
    rss: float
    peak_rss: float
    threads: int
    descriptors: int
    request_bytes: float
    asking_delay: float
    misses: list[str] = field(default_factory=list)
    """The misses of the judge; for Omni only."""

    @property
    def is_held(self) -> bool:
        """Whether the bot sustains this rate: all questions are answered, and the latency p99 is below 5 s."""
        return self.answered == self.asked and self.latency_p99 < 5_000

    @property
    def json(self) -> dict[str, object]:
        return asdict(self) | {"is_held": self.is_held}


async def loaded(
    world: World, rate: float, seconds: float, model_seconds: float, channels: int = CHANNELS, warm_up: int = WARM_UP
) -> Sample:
    """Asks at that rate for that time, waits for the answers, and measures."""
    warm = Asker(world.emulator, channels=channels)
    await warm.ask_steadily(min(rate, 10), warm_up / min(rate, 10))
    await answered(warm.asked, world.emulator, 60)
    book = AcknowledgementBook(world.emulator)
    await book.read()
    book.entries.clear()
    before, child_before = usage(world.child.pid), children_cpu(world.child.pid)
    emulator_before = usage(world.emulator.child.pid).cpu
    asker = Asker(world.emulator, channels=channels)
    keeping = asyncio.create_task(book.keep())
    try:
        await asker.ask_steadily(rate, seconds, first=warm_up)
        found = await answered(asker.asked, world.emulator, 30 + seconds)
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
    await book.read()
    after = usage(world.child.pid)
    count = len(asker.asked)
    emulator_cpu = usage(world.emulator.child.pid).cpu - emulator_before
    sample = _timed(asker.asked, found, book, await world.emulator.messages(asker.asked[0].ts), model_seconds)
    return replace(
        sample, bot=world.bot.name, rate=rate, cpu_ms=(after.cpu - before.cpu) / count * 1000,
        child_cpu_ms=(children_cpu(world.child.pid) - child_before) / count * 1000,
        emulator_cpu_ms=emulator_cpu / count * 1000, rss=after.rss, peak_rss=after.peak_rss, threads=after.threads,
        descriptors=after.descriptors, misses=await _misses(world, asker.asked, book), request_bytes=await world.mean_request_bytes(),
        asking_delay=asker.worst_delay * 1000)


async def _misses(world: World, asked: list[Asked], book: AcknowledgementBook) -> list[str]:
    if world.bot.name != "omni":
        return []
    found = await settled(world, asked, book, 30)
    return found.misses + [f"{len(found.never_accepted)} never accepted"] * bool(found.never_accepted)


def _timed(
    asked: list[Asked], found: dict[int, Message], book: AcknowledgementBook, messages: list[Message],
    model_seconds: float
) -> Sample:
    """The values that follow from messages and acknowledgements; the others are zero."""
    replies: dict[tuple[str, str], float] = {}
    for message in messages:
        if message.is_bot:
            replies.setdefault((message.channel, message.thread), message.at)
    signs = [replies[key] - float(one.ts) for one in asked if (key := (one.channel, one.thread)) in replies]
    waits = [found[one.number].settled_at - float(one.ts) - model_seconds for one in asked if one.number in found]
    acks = [entry.seconds for entry in book.of_questions]
    return Sample(
        bot="", rate=0, asked=len(asked), answered=len(found), ack_p50=percentile(acks, 0.5) * 1000,
        ack_p99=percentile(acks, 0.99) * 1000,
        ack_all_p99=percentile([entry.seconds for entry in book.entries], 0.99) * 1000,
        first_sign_p50=percentile(signs, 0.5) * 1000, first_sign_p99=percentile(signs, 0.99) * 1000, latency_p50=percentile(waits, 0.5) * 1000,
        latency_p99=percentile(waits, 0.99) * 1000, cpu_ms=0, child_cpu_ms=0, emulator_cpu_ms=0, rss=0, peak_rss=0,
        threads=0, descriptors=0, request_bytes=0, asking_delay=0)
