"""Inner loops: `omni bench` inside the shipped program, and the same samples through what Python bots use."""

import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from anthropic._streaming import SSEDecoder
from slack_sdk.socket_mode.request import SocketModeRequest

from .bots import OMNI
from .model import ANSWER, WORDS

ENVELOPE = {
    "envelope_id": "0f2e7c9c-2f5e-4a6e-9a57-3a6a2a4c9a11", "type": "events_api", "accepts_response_payload": False,
    "retry_attempt": 0, "retry_reason": "", "payload": {
        "token": "deprecated", "team_id": "T0ACME", "context_team_id": "T0ACME", "context_enterprise_id": None,
        "api_app_id": "A0OMNI", "type": "event_callback", "event_id": "Ev042", "event_time": 1795000000,
        "is_ext_shared_channel": False, "event_context": "4-42",
        "authorizations": [{"enterprise_id": None, "team_id": "T0ACME", "user_id": "U0OMNI", "is_bot": True,
                            "is_enterprise_install": False}],
        "event": {
            "type": "app_mention", "user": "U0ANA", "ts": "1795000000.000100", "team": "T0ACME", "channel": "C0OPS",
            "text": "<@U0OMNI> why is checkout slow since this morning?", "event_ts": "1795000000.000100",
            "client_msg_id": "e0e0e0e0-0000-4000-8000-000000000000",
            "blocks": [{"type": "rich_text", "block_id": "typed", "elements": [
                {"type": "rich_text_section", "elements": [
                    {"type": "user", "user_id": "U0OMNI"},
                    {"type": "text", "text": " why is checkout slow since this morning?"}]}]}]}}}


def _document() -> dict[str, object]:
    """About 200 kB of what tools return: rows of text, numbers and times."""
    rows = [
        {"id": number, "service": f"service-{number % 37}", "latency_ms": number * 0.37, "healthy": number % 5 != 0,
         "message": f"Request {number} took longer than its objective \u2013 \"retry\" after \u00e9t\u00e9", "owner": None,
         "at": f"2026-11-22T{number % 24:02}:00:00Z", "tags": ["checkout", "eu-west", str(number)]}
        for number in range(1000)]
    return {"rows": rows, "count": len(rows)}


def _stream() -> bytes:
    """Answers of the model, without the chunks of HTTP."""
    events = b"".join(burst.split(b"\r\n", 1)[1].removesuffix(b"\r\n") for burst in ANSWER)
    return events * 50


async def measure() -> dict[str, float]:
    """The figures of `omni bench`, and those of Python as `python_…`."""
    with tempfile.TemporaryDirectory(prefix="omni-bench-") as name:
        folder = Path(name)
        (folder / "document.json").write_text(json.dumps(_document(), ensure_ascii=False))
        (folder / "envelope.json").write_text(json.dumps(ENVELOPE))
        (folder / "stream.txt").write_bytes(_stream())
        (folder / "answer.md").write_text("\n\n".join([WORDS] * 40))
        process = await asyncio.create_subprocess_exec(
            str(OMNI), "bench", name, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError("omni bench failed")
    return json.loads(output) | _python()


def _python() -> dict[str, float]:
    document = json.dumps(_document(), ensure_ascii=False)
    value = json.loads(document)
    size = len(document.encode()) / 1e6
    envelope = json.dumps(ENVELOPE)
    stream = _stream()
    return {
        "python_json_parse_mb_s": size / _time(lambda: json.loads(document)),
        "python_json_write_mb_s": size / _time(lambda: json.dumps(value, ensure_ascii=False)),
        "python_sse_parse_mb_s": len(stream) / 1e6 / _time(lambda: sum(1 for _ in _events(stream))),
        "python_envelope_decode_us": _time(lambda: SocketModeRequest.from_dict(json.loads(envelope))) * 1e6,
    }


def _events(stream: bytes) -> Iterator[object]:
    pieces = (stream[at:at + 1_400] for at in range(0, len(stream), 1_400))
    return SSEDecoder().iter_bytes(pieces)


def _time(work: Callable[[], object]) -> float:
    """Seconds of one run: the median of five rounds, after one to warm up."""
    def measure(runs: int) -> float:
        start = time.perf_counter()
        for _ in range(runs):
            work()
        return (time.perf_counter() - start) / runs

    runs = max(1, round(0.1 / measure(1)))
    return median(measure(runs) for _ in range(5))
