"""What became of every question, judged from the workspace and the record alone. Pure: no clock, no process."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .asking import PROGRESS, Asked
from .emulator import Message


@dataclass(frozen=True)
class Evidence:
    """All that is known from outside when a run is over."""

    asked: list[Asked]
    messages: list[Message]
    acknowledged: set[tuple[str, str]]
    """Channel and ts of the questions whose envelope was acknowledged."""
    stored: Mapping[tuple[str, str], str]
    """The id in the record by channel and ts."""
    audit_rows: Mapping[str, int]
    """How many audit rows a question has, by its id."""
    notes: Sequence[str] = ()
    """The marks that were noted, as often as they were."""
    note_calls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the record says of a question's calls of the tool that notes, by its id: one status a call."""

    recorded_doubles: int = 0
    """How many audit rows say themselves that their question was answered twice."""


@dataclass
class Verdict:
    """Counts, and by name what is wrong. Times in seconds from the question to the first sign and to the end."""

    asked: int = 0
    acknowledged: int = 0
    accepted: int = 0
    answered: int = 0
    told: int = 0
    audit_rows: int = 0
    never_accepted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Accepted, and neither answered nor told."""
    doubled: list[str] = field(default_factory=list)
    """With more than one ending in the thread."""
    recorded_doubles: int = 0
    left_over: list[str] = field(default_factory=list)
    """Messages that still say that something is being done."""
    wrongly_recorded: list[str] = field(default_factory=list)
    """Without an audit row, or with several."""
    writing: int = 0
    """Accepted questions that asked for a note."""
    notes: int = 0
    note_calls: dict[str, int] = field(default_factory=dict)
    """How many calls of the tool that notes the record has, by their status."""
    written_twice: list[str] = field(default_factory=list)
    """Marks that were noted more than once."""
    note_missing: list[str] = field(default_factory=list)
    """Answered, by the record with a note, and there is none."""
    bad_stops: list[str] = field(default_factory=list)
    """Processes that did not end as they should; not known to the judge, for whoever stopped them to say."""
    first_signs: dict[int, float] = field(default_factory=dict)
    endings: dict[int, float] = field(default_factory=dict)

    @property
    def longest_silence(self) -> float:
        """The longest time from a question to its first sign or its ending; 0 when there was neither."""
        return max((self.endings | self.first_signs).values(), default=0.0)

    @property
    def is_quiet(self) -> bool:
        """Nothing more is to be expected."""
        return not (self.never_accepted or self.lost or self.left_over or self.wrongly_recorded)

    @property
    def misses(self) -> list[str]:
        kinds = [("lost", self.lost), ("doubled", self.doubled), ("left over", self.left_over),
                 ("wrongly recorded", self.wrongly_recorded), ("written twice", self.written_twice),
                 ("note missing", self.note_missing), ("bad stops", self.bad_stops)]
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
        endings = [post for post in own if not post.text.startswith(PROGRESS) and post.part == 0]
        if own:
            verdict.first_signs[question.number] = min(post.at for post in own) - question.at
        verdict.left_over += [f"{name} ({post.ts})" for post in own if post.text.startswith(PROGRESS)]
        rows = evidence.audit_rows.get(id, 0) if id else 0
        verdict.audit_rows += rows
        if accepted and rows != 1:
            verdict.wrongly_recorded.append(f"{name} has {rows} audit rows")
        if len(endings) > 1:
            verdict.doubled.append(name)
        if not endings and (whisper := _take(whispers, question)):
            endings = [whisper]
        if endings:
            verdict.endings[question.number] = min(post.settled_at for post in endings) - question.at
            is_answer = any(question.mark in post.text for post in endings)
            verdict.answered += is_answer
            verdict.told += not is_answer
        elif accepted:
            verdict.lost.append(name)
        else:
            verdict.never_accepted.append(name)
    _judge_notes(evidence, verdict)
    return verdict


def _judge_notes(evidence: Evidence, verdict: Verdict) -> None:
    """Whether a call that writes was made once where the record says that it was made."""
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
    """The bot's messages in threads, by the question that their metadata or, without it, their words name."""
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
    """What one person alone was told, by channel and person, oldest first."""
    found: dict[tuple[str, str], list[Message]] = {}
    for message in sorted(messages, key=lambda message: message.at):
        if message.is_bot and message.only_for:
            found.setdefault((message.channel, message.only_for), []).append(message)
    return found


def _take(whispers: dict[tuple[str, str], list[Message]], question: Asked) -> Message | None:
    """The first whisper after the question that no other question has taken: whispers name no question."""
    heard = whispers.get((question.channel, question.person), [])
    for whisper in heard:
        if whisper.at > question.at:
            heard.remove(whisper)
            return whisper
    return None
