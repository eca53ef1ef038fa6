"""A claimed question, and the usage of its answer."""

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

PRICES = {"input": Decimal("3"), "output": Decimal("15"), "cached": Decimal("0.3")}
"""USD per million tokens."""


@dataclass(frozen=True)
class Question:
    """One claim on a question. A claim with a later epoch has taken it over."""

    id: uuid.UUID
    epoch: int
    team: str
    channel: str
    ts: str
    thread: str
    asker: str
    text: str

    @property
    def thread_key(self) -> str:
        return f"{self.team}:{self.channel}:{self.thread}"


@dataclass
class ToolCall:
    tool: str
    arguments: dict[str, Any]
    status: str
    ms: int
    bytes: int


@dataclass
class Usage:
    """Turns, tokens, cost (USD) and tool calls of an answer."""

    iterations: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cached: int = 0
    cost: Decimal = Decimal(0)
    calls: list[ToolCall] = field(default_factory=list)

    def charge(self, input: int, output: int, cached: int) -> None:
        """Adds the tokens of one model turn."""
        self.iterations += 1
        self.tokens_input += input
        self.tokens_output += output
        self.tokens_cached += cached
        self.cost += (
            input * PRICES["input"] + output * PRICES["output"] + cached * PRICES["cached"]) / 1_000_000
