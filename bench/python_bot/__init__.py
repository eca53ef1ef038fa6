"""A bot of Omni's function as one would write it in Python: slack_bolt, anthropic, mcp and asyncpg, on uvloop.

It stores a question before it acknowledges it and answers each once, also when it is killed between: it claims questions
for a time, journals each step, records what it posts, and takes over what another process left. It calls tools in a loop
with the model, edits one progress message at Slack's pace and writes one audit row. It is here to be compared with, not
to be used.
"""
