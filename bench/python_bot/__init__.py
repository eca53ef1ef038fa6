"""A bot with Omni's functions in idiomatic Python: slack_bolt, anthropic, mcp and asyncpg, on uvloop.

It stores a question before it acknowledges the envelope, and answers each question once even if it is killed in
between: it claims questions with a lease, journals each step, records its posts, and takes over questions whose lease
has expired. It calls tools in a loop with the model, edits one progress message at the rate that Slack recommends, and
writes one audit row. It exists only for comparison.
"""
