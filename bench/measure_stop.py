#!/usr/bin/env python3
"""How soon an answer that nobody wants any more stops, for docs/performance.md.

    bench/measure_stop.py [ROUNDS]

Starts a chat service that says a word every 20 ms and never ends, and a daemon that asks it. Each
round asks a question, closes the connection (or sends Ctrl-C to `saerok ask`) after the first word,
and takes the time until the service sees its own connection closed: nothing more is asked of it.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
SAEROK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "build", "saerok")
WORD = b'data: {"choices":[{"delta":{"content":"word "}}]}\n\n'
QUESTION = "When was the boiler serviced?"


class Model(threading.Thread):
    """One connection after the other; `closed` has the times at which they were closed."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.closed = []
        self.changed = threading.Condition()

    def run(self):
        while True:
            peer, _ = self.listener.accept()
            peer.recv(1 << 20)
            peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
                         b"Content-Type: text/event-stream\r\n\r\n")
            peer.settimeout(.02)
            ended = False
            while not ended:
                try:
                    peer.sendall(WORD)
                    ended = peer.recv(65536) == b""
                except TimeoutError:
                    pass
                except OSError:
                    ended = True
            now = time.perf_counter()
            with self.changed:
                self.closed.append(now)
                self.changed.notify()
            peer.close()

    def wait_for(self, count):
        with self.changed:
            self.changed.wait_for(lambda: len(self.closed) >= count)
            return self.closed[count - 1]


def report(what, times):
    times.sort()
    print("%s: p50 %.1f ms, p99 %.1f ms, longest %.1f ms of %d" % (
        what, 1000 * times[len(times) // 2], 1000 * times[int(len(times) * .99)],
        1000 * times[-1], len(times)))


def main():
    home = tempfile.mkdtemp(prefix="saerok-stop-")
    runtime = os.path.join(home, "run")
    os.mkdir(runtime, 0o700)
    env = {"PATH": os.environ["PATH"], "HOME": home, "XDG_RUNTIME_DIR": runtime, "LANG": "C.UTF-8"}
    notes = os.path.join(home, "notes")
    os.mkdir(notes)
    with open(os.path.join(notes, "boiler.md"), "w", encoding="utf-8") as file:
        file.write("# Boiler\n\nThe boiler was serviced on 3 March 2024.\n")
    model = Model()
    model.start()
    os.makedirs(os.path.join(home, ".config/saerok"))
    with open(os.path.join(home, ".config/saerok/config.toml"), "w", encoding="utf-8") as file:
        file.write('[index]\nvectors = "none"\n[models]\nchat = "m"\n'
                   'chat_base_url = "http://127.0.0.1:%d"\n' % model.port)

    def run(*arguments):
        return subprocess.run([SAEROK, "--json", *arguments], env=env, check=True,
                              stdout=subprocess.PIPE).stdout
    run("index", notes)
    daemon = subprocess.Popen([SAEROK, "serve", "--port", "0"], env=env, stdout=subprocess.PIPE)
    try:
        link = daemon.stdout.readline().decode()  # "Open http://127.0.0.1:PORT/#code=…"
        port = int(link.split(":")[2].split("/")[0])
        token = json.loads(run("serve", "--show-token"))["token"]
        headers = {"Authorization": "Bearer " + token, "Accept": "text/event-stream"}
        body = json.dumps({"question": QUESTION})
        times = []
        for _ in range(ROUNDS):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("POST", "/v1/saerok/ask", body, headers)
            answer = connection.getresponse()
            while not answer.readline().startswith(b"event: text"):
                pass
            began = time.perf_counter()
            answer.close()
            connection.close()
            times.append(model.wait_for(len(times) + 1) - began)
        report("connection closed", times)
        before = len(times)
        times = []
        for _ in range(max(1, ROUNDS // 4)):
            command = subprocess.Popen([SAEROK, "ask", QUESTION], env=env, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
            command.stdout.read(1)
            began = time.perf_counter()
            command.send_signal(signal.SIGINT)
            times.append(model.wait_for(before + len(times) + 1) - began)
            command.communicate()
        report("Ctrl-C of `saerok ask` through the daemon", times)
    finally:
        daemon.terminate()
        daemon.wait()


main()
