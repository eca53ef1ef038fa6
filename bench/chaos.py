"""make chaos: injects faults for ten minutes while questions are asked, then checks the outcome of every question.

Answers are streamed, as by default; those for which Slack's limit of streams leaves no room are edited. Two processes
share one PostgreSQL. Faults are injected into Socket Mode connections and the Web API, streams that end early included.
Processes are killed, also between the appends of a stream, and about every minute stopped with SIGTERM, after which
they must exit with code 0. PostgreSQL is stopped for 30 s, read-only for 20 s, and its disk is full for 20 s (where a
tmpfs can be mounted). One question of three calls a tool that writes.

No question may be lost, answered twice, without words of its answer or with repeated ones, or without exactly one audit
row, and no note written twice. The longest time without a message from the bot is printed. Evidence about questions
that fail a check is written to bench/results/chaos-evidence.json.

    CHAOS_SECONDS           how long questions are asked while faults are injected (600)
    CHAOS_RATE              questions per second (20), in 200 threads
    CHAOS_SEED              seed of the schedule of faults (1)
    CHAOS_PROCESSES         bot processes that share the store (2), at most four
    CHAOS_LIMITED_SECONDS   then, with Slack's rate limits, one question per second for this time (120), twice:
                            without and with faults, one process

With CHAOS_SECONDS=180 every fault happens at least once, those of the store for 18 s each; a drain three times.
"""

import asyncio
import os
from contextlib import suppress
from statistics import mean, median

from .harness.accounts import settled
from .harness.asking import AcknowledgementBook, Asker
from .harness.bots import Omni
from .harness.evidence import keep
from .harness.notes import Notebook, notebook
from .harness.processes import run
from .harness.report import RESULTS, percentile, save, table, verdict
from .harness.schedule import Fault, schedule
from .harness.storm import Storm
from .harness.judge import Verdict
from .harness.world import World, world

SECONDS = float(os.environ.get("CHAOS_SECONDS", "600"))
RATE = float(os.environ.get("CHAOS_RATE", "20"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
LIMITED_SECONDS = float(os.environ.get("CHAOS_LIMITED_SECONDS", "120"))
NAMES = ("one", "two", "three", "four")
PROCESSES = max(1, min(int(os.environ.get("CHAOS_PROCESSES", "2")), len(NAMES)))
THREADS = 200
WRITING_EVERY = 3
"""One question of this number asks for a note."""
MODEL_SECONDS = 2.0
TEXT_SECONDS = 4.0
"""The time of an answer's text, so that a stream has several appends."""
LIMITED_MODEL_SECONDS = 8.0
PATIENCE = 420.0
"""Seconds to wait for outcomes: six minutes until Slack's last redelivery, and one more for its answer."""


async def ask_and_keep(asker: Asker, book: AcknowledgementBook, rate: float, seconds: float) -> None:
    keeping = asyncio.create_task(book.keep())
    try:
        await asker.ask_steadily(rate, seconds)
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


def show(found: Verdict) -> None:
    signs, endings = list(found.first_signs.values()), list(found.endings.values())
    notes = [
        ["asked for a note", found.writing], ["notes", found.notes],
        *([f"calls that note, {status}", count] for status, count in found.note_calls.items()),
        ["written twice", len(found.written_twice)], ["note missing", len(found.note_missing)]]
    print(table(["", "questions"], [
        ["asked", found.asked], ["acknowledged", found.acknowledged], ["accepted", found.accepted],
        ["answered", found.answered], ["  streamed", found.streamed], ["  streamed, then edited", found.mended],
        ["  edited", found.edited], ["told otherwise", found.told], ["lost", len(found.lost)],
        ["doubled", len(found.doubled)], ["misworded", len(found.misworded)],
        ["recorded as doubled", found.recorded_doubles], ["never accepted", len(found.never_accepted)],
        ["audit rows", found.audit_rows], ["left-over progress messages", len(found.left_over)],
        *(notes if found.writing else [])]))
    print(table(["seconds from the question", "p50", "p99", "longest"], [
        ["to the first sign", percentile(signs, 0.5), percentile(signs, 0.99), percentile(signs, 1)],
        ["to the answer", percentile(endings, 0.5), percentile(endings, 0.99), percentile(endings, 1)]]))
    print(f"streamed: {found.streamed + found.mended}, edited: {found.edited}")
    print(f"The longest silence: {found.longest_silence:.1f} s")


def show_stops(storm: Storm) -> None:
    longest = f", in {max(storm.stops):.1f} s at most" if storm.stops else ""
    print(f"Killed {storm.kills} times, with open streams: {storm.cut_streams}; "
          f"stopped {len(storm.stops)} times{longest}; ended by itself {len(storm.exits)} times {storm.exits or ''}")


def possible(faults: list[Fault], made: World) -> list[Fault]:
    """The faults without those that need a tmpfs, if none could be mounted."""
    disk = made.postgres.disk
    if disk.is_mounted or not faults:
        return faults
    print(f"Left out: the fault full, since {disk.refusal}", flush=True)
    return [fault for fault in faults if fault.kind != "full"]


async def judged(
    name: str, made: World, asker: Asker, rate: float, seconds: float, faults: list[Fault],
    notes: Notebook | None = None
) -> Verdict:
    """Asks questions while faults are injected, waits for the outcomes and judges them. `name` names the evidence."""
    faults = possible(faults, made)
    book, storm = AcknowledgementBook(made.emulator), Storm(made)
    async with asyncio.TaskGroup() as group:
        group.create_task(storm.blow(faults))
        group.create_task(ask_and_keep(asker, book, rate, seconds))
    print("No more questions; waiting until all is quiet …\n", flush=True)
    found = await settled(made, asker.asked, book, PATIENCE, notes)
    found.bad_stops = storm.bad_stops
    if found.misses:
        print(f"written: bench/results/{(await keep(name, made, asker.asked, found, notes)).name}")
        for child in made.children:
            print(f"The end of the log of {child.name}:\n{child.last_words()}\n")
    if faults:
        show_stops(storm)
    show(found)
    return found


async def stormy() -> Verdict:
    faults = schedule(SEED, SECONDS, MODEL_SECONDS + TEXT_SECONDS, PROCESSES)
    print(f"Chaos: {RATE:g} questions a second over {THREADS} threads for {SECONDS:g} s, {PROCESSES} processes, "
          f"seed {SEED}", flush=True)
    print("\n".join(map(str, faults)), flush=True)
    async with notebook() as notes:
        bots = [Omni(process=name, notes=notes.url, streaming=True) for name in NAMES[:PROCESSES]]
        async with world(*bots, model_seconds=MODEL_SECONDS, text_seconds=TEXT_SECONDS, small_disk=True) as made:
            asker = Asker(made.emulator, THREADS, channels=100, writing_every=WRITING_EVERY)
            return await judged("chaos", made, asker, RATE, SECONDS, faults, notes)


async def limited(name: str, faults: list[Fault]) -> tuple[Verdict, list[str]]:
    """One question per second with several edits each exceeds Slack's rate limits: a backlog, to be shared fairly."""
    threads = 24
    weather = "in a storm" if faults else "in peace"
    print(f"\nSlack's rate limits on, {weather}: 1 question a second over {threads} threads for "
          f"{LIMITED_SECONDS:g} s", flush=True)
    async with world(
            Omni(streaming=True), model_seconds=LIMITED_MODEL_SECONDS, tier_limits=True, small_disk=True) as made:
        asker = Asker(made.emulator, threads, channels=8)
        found = await judged(f"chaos-{name}", made, asker, 1, LIMITED_SECONDS, faults)
    misses = list(found.misses)
    waits: dict[str, list[float]] = {}
    for question in asker.asked:
        waits.setdefault(question.thread, []).append(found.endings.get(question.number, PATIENCE))
    means = sorted(mean(times) for times in waits.values())
    print(f"mean wait of a thread: {means[0]:.1f} s the shortest, {median(means):.1f} s the median, "
          f"{means[-1]:.1f} s the longest")
    if faults:
        return found, misses  # a question may wait for a restart or a hanging call
    silent = [time for time in found.first_signs.values() if time > 10]
    if silent:
        misses.append(f"with rate limits {len(silent)} people heard nothing for 10 s, one for {max(silent):.0f} s")
    return found, misses


def figured(found: Verdict) -> dict[str, object]:
    return found.__dict__ | {"longest_silence": found.longest_silence}


async def main() -> int:
    for path in RESULTS.glob("chaos*-evidence.json"):
        path.unlink()
    storm = await stormy()
    misses, figures = list(storm.misses), {"storm": figured(storm)}
    if storm.streamed + storm.mended == 0:
        misses.append("no answer was streamed")
    if LIMITED_SECONDS > 0:
        storm_faults = schedule(SEED, LIMITED_SECONDS, LIMITED_MODEL_SECONDS)
        for name, faults in (("limited", []), ("limited_storm", storm_faults)):
            found, missed = await limited(name, faults)
            misses += missed
            figures[name] = figured(found)
    save("chaos", {"seed": SEED, "seconds": SECONDS, "rate": RATE, "misses": misses, **figures})
    return verdict(misses)


if __name__ == "__main__":
    run(main())
