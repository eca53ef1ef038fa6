"""The faults of a run and their times, from a seed, so that a run can be repeated."""

import random
from dataclasses import dataclass, field
from typing import Any, Literal

METHODS = [
    "chat.postMessage", "chat.postMessage", "chat.update", "chat.update", "chat.update", "users.info",
    "conversations.info", "conversations.replies", "apps.connections.open",
]
"""The methods that faults are injected into; frequent ones are listed several times."""
STREAM_METHODS = ["chat.startStream", "chat.appendStream", "chat.appendStream", "chat.stopStream"]
KILLS = (0.15, 0.6, 0.85)
"""The approximate times of kills, as shares of the period with faults."""
OUTAGES = {"read_only": (0.1, 20.0), "postgres": (0.38, 30.0), "full": (0.66, 20.0)}
"""Outages of the store: start, as a share of the period with faults, and duration in seconds. A duration is at most a
tenth of the run, so that outages do not overlap.
"""
STORM = (0.05, 0.92)
"""The period with faults, as shares of the run."""


@dataclass(frozen=True)
class Fault:
    at: float
    """Seconds from the start of the run."""
    kind: Literal["socket", "api", "kill", "drain", "postgres", "read_only", "full"]
    details: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        words = " ".join(f"{name}={value}" for name, value in self.details.items())
        return f"{self.at:7.1f} s  {self.kind:9}  {words}"


def schedule(seed: int, seconds: float, answer_seconds: float, processes: int = 1) -> list[Fault]:
    """The faults by time: one of connections about every 15 s, one of the Web API every 4 s, one of streams every 4 s,
    three times two kills, a stop by SIGTERM about every minute, and once each PostgreSQL stopped, read-only and with a
    full disk.

    The second kill follows soon after the restart: a process that has started has the whole limit of streams a minute,
    so that it is killed between the appends of streams. It follows later than an answer takes (`answer_seconds`), since
    a question that is hit by two kills is not attempted again.
    """
    source = random.Random(seed)
    begin, end = (share * seconds for share in STORM)
    span = end - begin
    faults = [Fault(begin + span * share, kind, {"seconds": min(longest, seconds / 10)})
              for kind, (share, longest) in OUTAGES.items()]
    for turn, share in enumerate(KILLS):
        at = begin + span * (share + source.uniform(-0.05, 0.05))
        details = {"process": turn % processes, "restart_after": round(source.uniform(1, 3), 1)}
        faults.append(Fault(at, "kill", details))
    drains = max(2, round(span / 60))
    for turn in range(drains):
        at = begin + span * (turn + 0.5 + source.uniform(-0.2, 0.2)) / drains
        faults.append(Fault(at, "drain", {"process": (turn + 1) % processes}))
    for _ in range(max(4, round(span / 15))):
        faults.append(Fault(source.uniform(begin, end), "socket", _socket(source)))
    for _ in range(max(10, round(span / 4))):
        faults.append(Fault(source.uniform(begin, end), "api", _api(source)))
    for fault in faults:
        if fault.kind == "kill":
            fault.details["again_after"] = round(answer_seconds + source.uniform(0.5, 2.5), 1)
    for _ in range(max(10, round(span / 4))):
        faults.append(Fault(source.uniform(begin, end), "api", _stream(source)))
    return sorted(faults, key=lambda fault: fault.at)


def _socket(source: random.Random) -> dict[str, Any]:
    deed = source.choice(["drop", "drop", "stall", "refresh", "warn", "bad_frames"])
    return {"do": deed, "which": source.choice(["one", "all"])}


def _api(source: random.Random) -> dict[str, Any]:
    kind = source.choice(["limit", "limit", "error", "error", "lost_reply", "lost_reply", "hang", "garbage"])
    fault: dict[str, Any] = {"method": source.choice(METHODS), "times": source.randint(1, 5)}
    match kind:
        case "limit": return fault | {"kind": "status", "status": 429, "retry_after": source.randint(1, 5)}
        case "error": return fault | {"kind": "status", "status": source.choice([500, 502, 503])}
        # Longer than the timeout of any client.
        case "hang": return fault | {"kind": "hang", "seconds": 45}
        case _: return fault | {"kind": kind}


def _stream(source: random.Random) -> dict[str, Any]:
    kind = source.choice(
        ["limit", "limit", "end", "end", "conflict", "error", "lost_reply", "bare_reply", "hang", "delay"])
    method = source.choice(STREAM_METHODS)
    fault: dict[str, Any] = {"method": method, "times": source.randint(1, 3)}
    match kind:
        case "limit": return fault | {"kind": "status", "status": 429, "retry_after": source.randint(1, 5)}
        case "end": return fault | {"method": source.choice(STREAM_METHODS[1:]), "kind": "end_stream"}
        case "conflict":
            return fault | {"method": "chat.update", "kind": "error", "error": "streaming_state_conflict"}
        case "error": return fault | {"kind": "status", "status": source.choice([500, 502, 503])}
        case "bare_reply": return fault | {"method": "chat.startStream", "kind": "bare_reply"}
        case "hang": return fault | {"times": 1, "kind": "hang", "seconds": 45}
        case "delay": return fault | {"kind": "delay", "seconds": round(source.uniform(0.5, 2), 1)}
        case _: return fault | {"kind": kind}
