"""Determines the outcome of every question from the workspace's messages and the store. A pure function."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .asking import PROGRESS, Asked
from .emulator import Message


@dataclass(frozen=True)
class Evidence:
    """What is known about a run from outside the bots."""

    asked: list[Asked]
    messages: list[Message]
    acknowledged: set[tuple[str, str]]
    """Channel and ts of the questions whose envelope was acknowledged."""
    stored: Mapping[tuple[str, str], str]
    """The question's id in the store, by channel and ts."""
    audit_rows: Mapping[str, int]
    """The number of audit rows by question id."""
    notes: Sequence[str] = ()
    """The marks that were noted, once for each note."""
    note_calls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The statuses of a question's calls of the tool that notes, by question id; from the store."""

    recorded_doubles: int = 0
    """The number of audit rows with the warning that their question was answered twice."""
    answer: str | None = None
    """The text of each answer, with `nr-000000` for the mark; None: not compared."""


@dataclass
class Verdict:
    """Counts, and the questions that failed a check.

    Times are seconds from the question to the bot's first message (`first_signs`) and to the final one (`endings`).
    """

    asked: int = 0
    acknowledged: int = 0
    accepted: int = 0
    answered: int = 0
    streamed: int = 0
    """Answers of which a stream showed all text."""
    mended: int = 0
    """Answers that were begun as a stream and completed by an edit or a post."""
    edited: int = 0
    """Answers without a stream."""
    told: int = 0
    audit_rows: int = 0
    never_accepted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Questions that were accepted and got neither an answer nor another final message."""
    doubled: list[str] = field(default_factory=list)
    """Questions with more than one final message in the thread, other than the parts of one answer."""
    misworded: list[str] = field(default_factory=list)
    """Questions whose answer lacks words or repeats them, in all its messages together."""
    recorded_doubles: int = 0
    left_over: list[str] = field(default_factory=list)
    """Progress messages that were neither replaced nor deleted, open streams, and cards that say that work goes on."""
    wrongly_recorded: list[str] = field(default_factory=list)
    """Accepted questions without an audit row, or with several."""
    writing: int = 0
    """Accepted questions that asked for a note."""
    notes: int = 0
    note_calls: dict[str, int] = field(default_factory=dict)
    """The number of calls of the tool that notes, by status; from the store."""
    written_twice: list[str] = field(default_factory=list)
    """Marks that were noted several times."""
    note_missing: list[str] = field(default_factory=list)
    """Questions with a final message whose call succeeded by the store, and whose mark was not noted."""
    bad_stops: list[str] = field(default_factory=list)
    """Processes that did not exit as required; set by `chaos`, not by `judge`."""
    first_signs: dict[int, float] = field(default_factory=dict)
    endings: dict[int, float] = field(default_factory=dict)

    @property
    def longest_silence(self) -> float:
        """The longest time from a question to the bot's first message, or to an ephemeral one; 0 without any."""
        return max((self.endings | self.first_signs).values(), default=0.0)

    @property
    def is_quiet(self) -> bool:
        """Whether every question has its outcome, so that waiting longer changes nothing."""
        return not (
            self.never_accepted or self.lost or self.misworded or self.left_over or self.wrongly_recorded)

    @property
    def misses(self) -> list[str]:
        kinds = [("lost", self.lost), ("doubled", self.doubled), ("misworded", self.misworded),
                 ("left over", self.left_over), ("wrongly recorded", self.wrongly_recorded),
                 ("written twice", self.written_twice), ("note missing", self.note_missing),
                 ("bad stops", self.bad_stops)]
        return [f"{len(names)} {words}: {', '.join(names[:10])}" for words, names in kinds if names]


def judge(evidence: Evidence) -> Verdict:
    verdict = Verdict(asked=len(evidence.asked), recorded_doubles=evidence.recorded_doubles)
    posts = _by_question(evidence)
    whispers = _whispers(evidence.messages)
    for question in sorted(evidence.asked, key=lambda question: question.at):
        key = (question.channel, question.ts)
        id = evidence.stored.get(key)
        verdict.acknowledged += key in evidence.acknowledged
        accepted = key in evidence.acknowledged or id is not None
        verdict.accepted += accepted
        name = f"{question.mark} in {question.channel}"
        own = posts.get(question.number, [])
        endings = [post for post in own if post.words and not _is_under_way(post)]
        if own:
            verdict.first_signs[question.number] = min(post.at for post in own) - question.at
        verdict.left_over += [f"{name} ({post.ts})" for post in own if _is_under_way(post)]
        rows = evidence.audit_rows.get(id, 0) if id else 0
        verdict.audit_rows += rows
        if accepted and rows != 1:
            verdict.wrongly_recorded.append(f"{name} has {rows} audit rows")
        is_answer = any(question.mark in post.words for post in endings)
        if len({post.part for post in endings}) < len(endings) or (len(endings) > 1 and not is_answer):
            verdict.doubled.append(name)
        if not endings and (whisper := _take(whispers, question)):
            endings = [whisper]
        if endings:
            verdict.endings[question.number] = min(post.settled_at for post in endings) - question.at
            verdict.told += not is_answer
            if is_answer:
                _judge_answer(endings, (evidence.answer or "").replace("nr-000000", question.mark), name, verdict)
        elif accepted:
            verdict.lost.append(name)
        else:
            verdict.never_accepted.append(name)
    _judge_notes(evidence, verdict)
    return verdict


def _is_under_way(post: Message) -> bool:
    return post.is_streaming or post.has_running_card or post.text.startswith(PROGRESS)


def _judge_answer(messages: list[Message], expected: str, name: str, verdict: Verdict) -> None:
    """Counts how the answer was shown, and compares its words with the expected ones, unless those are empty."""
    verdict.answered += 1
    if not any(message.is_streamed for message in messages):
        verdict.edited += 1
    elif all(message.is_streamed and not message.is_edited for message in messages):
        verdict.streamed += 1
    else:
        verdict.mended += 1
    shown = " ".join(message.words for message in sorted(messages, key=lambda message: message.at))
    if expected and _words(shown) != _words(expected):
        verdict.misworded.append(name)


def _words(text: str) -> list[str]:
    """The words without marks, which differ between a streamed message and one in plain text."""
    return re.findall(r"\w+", text.lower())


def _judge_notes(evidence: Evidence, verdict: Verdict) -> None:
    """Checks that each mark was noted at most once, and once if the store says that the call succeeded."""
    counts = Counter(evidence.notes)
    verdict.notes = len(evidence.notes)
    verdict.written_twice = [f"{mark} {count} times" for mark, count in sorted(counts.items()) if count > 1]
    statuses: Counter[str] = Counter()
    for question in evidence.asked:
        id = evidence.stored.get((question.channel, question.ts), "")
        calls = evidence.note_calls.get(id, ())
        statuses.update(calls)
        verdict.writing += question.writes and bool(id)
        is_answered = question.number in verdict.endings
        if is_answered and "succeeded" in calls and question.mark not in counts:
            verdict.note_missing.append(f"{question.mark} in {question.channel}")
    verdict.note_calls = dict(sorted(statuses.items()))


def _by_question(evidence: Evidence) -> dict[int, list[Message]]:
    """The bot's messages without ephemeral ones, by question: from the metadata or, without it, from the mark."""
    numbers = {id: number for number, id in _ids(evidence)}
    marks = {question.mark: question.number for question in evidence.asked}
    found: dict[int, list[Message]] = {}
    for message in evidence.messages:
        if not message.is_bot or message.only_for:
            continue
        number = numbers.get(message.question or "")
        if number is None and (at := message.text.find("nr-")) >= 0:
            number = marks.get(message.text[at:at + 9])
        if number is not None:
            found.setdefault(number, []).append(message)
    return found


def _ids(evidence: Evidence) -> Iterable[tuple[int, str]]:
    for question in evidence.asked:
        if id := evidence.stored.get((question.channel, question.ts)):
            yield question.number, id


def _whispers(messages: list[Message]) -> dict[tuple[str, str], list[Message]]:
    """The bot's ephemeral messages by channel and user, oldest first; without those that say that a question waits."""
    found: dict[tuple[str, str], list[Message]] = {}
    for message in sorted(messages, key=lambda message: message.at):
        if message.is_bot and message.only_for and not _is_under_way(message):
            found.setdefault((message.channel, message.only_for), []).append(message)
    return found


def _take(whispers: dict[tuple[str, str], list[Message]], question: Asked) -> Message | None:
    """The first ephemeral message after the question that is not taken by another one: they hold no question id."""
    heard = whispers.get((question.channel, question.person), [])
    for whisper in heard:
        if whisper.at > question.at:
            heard.remove(whisper)
            return whisper
    return None
