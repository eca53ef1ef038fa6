"""A headless Chromium with a profile of its own; it prints the port of its DevTools protocol and ends with its parent.

argv: width and height of the window.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

width, height = sys.argv[1:3]
profile = tempfile.mkdtemp(prefix="omni-chromium-")
browser = subprocess.Popen(
    [
        "chromium",
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        "--remote-debugging-port=0",
        "--remote-allow-origins=*",
        f"--user-data-dir={profile}",
        f"--window-size={width},{height}",
        "about:blank",
    ],
    stdin=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL,
    stderr=open(os.path.join(profile, "errors"), "wb"),
    # Chromium leaves folders in it when it is killed.
    env={**os.environ, "TMPDIR": profile},
    start_new_session=True,
)


def end(*_):
    # A second end during `browser.wait` would wait for its lock for ever.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Its own session: the renderers go with it.
    try:
        os.killpg(browser.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    browser.wait()
    # The renderers may end, and write, a moment later.
    for _ in range(40):
        shutil.rmtree(profile, ignore_errors=True)
        if not os.path.exists(profile):
            break
        time.sleep(0.05)


def terminated(*_):
    end()
    os._exit(0)


signal.signal(signal.SIGTERM, terminated)
atexit.register(end)
port_file = os.path.join(profile, "DevToolsActivePort")
for _ in range(1100):
    if browser.poll() is not None:
        with open(os.path.join(profile, "errors")) as errors:
            sys.exit("chromium ended: " + errors.read()[-2000:])
    if os.path.exists(port_file):
        lines = open(port_file).read().split()
        if len(lines) == 2:
            print(f'{{"port": {lines[0]}}}', flush=True)
            break
    time.sleep(0.05)
else:
    sys.exit("chromium opened no DevTools port")
# Ends with the standard input, so that neither outlives the test.
while sys.stdin.buffer.read(4096):
    pass
end()
os._exit(0)
