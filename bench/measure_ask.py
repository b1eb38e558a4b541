#!/usr/bin/env python3
"""How soon an answer begins, and what its stages take, for docs/performance.md.

    bench/measure_ask.py [--model FILE.gguf] [--questions N] [--tokens N] [--set NAME=VALUE …]

Indexes examples/vault, starts a daemon, and asks it every so many of examples/questions' questions
over HTTP, one after the other, after one that is not counted: without a model, with a chat service
of this program that answers at once, and with the model of the file where one is given. Then a
conversation of five turns with that model. With an embedder under ~/.local/share/saerok/models the
search is by meaning too.
"""

import argparse
import contextlib
import http.client
import http.server
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SAEROK = os.path.join(ROOT, "build", "saerok")
ANSWER = ["The ", "notes ", "say ", "so. ", "[1]"]


class Service(http.server.BaseHTTPRequestHandler):
    """A chat service that streams five words at once. `server.asked` is what it was asked last."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for word in ANSWER:
            event = {"choices": [{"delta": {"content": word}}]}
            self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
            self.wfile.flush()
        self.wfile.write(b'data: {"choices":[{"delta":{},"finish_reason":"stop"}],'
                         b'"usage":{"prompt_tokens":1,"completion_tokens":5}}\n\ndata: [DONE]\n\n')
        self.close_connection = True

    def log_message(self, *_):
        pass


class Daemon:
    """A home of its own with notes indexed, the sample vault's unless told, served with settings."""

    def __init__(self, home, settings, notes=os.path.join(ROOT, "examples", "vault")):
        runtime = os.path.join(home, "run")
        os.makedirs(runtime, mode=0o700, exist_ok=True)
        self.env = {"PATH": os.environ["PATH"], "HOME": home, "XDG_RUNTIME_DIR": runtime,
                    "LANG": "C.UTF-8"}
        self.settings = [part for setting in settings for part in ("--set", setting)]
        self.run("index", notes)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that the daemon ends with us.
        self.process = subprocess.Popen([SAEROK, "serve", "--port", "0", *self.settings],
                                        env=self.env, stdout=subprocess.PIPE)
        link = self.process.stdout.readline().decode()  # "Open http://127.0.0.1:PORT/#code=…"
        self.port = int(link.split(":")[2].split("/")[0])
        token = json.loads(self.run("serve", "--show-token"))["token"]
        self.headers = {"Authorization": "Bearer " + token, "Accept": "text/event-stream"}

    def run(self, *arguments):
        return subprocess.run([SAEROK, "--json", *arguments, *self.settings], env=self.env,
                              check=True, stdout=subprocess.PIPE).stdout

    def ask(self, question, conversation=()):
        """Milliseconds to the first text and to the end, and the response."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        body = json.dumps({"question": question, "conversation": list(conversation)})
        began = time.perf_counter()
        connection.request("POST", "/v1/saerok/ask", body, self.headers)
        stream = connection.getresponse()
        first = kind = response = None
        for line in stream:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                kind = text[7:]
                if kind == "text" and first is None:
                    first = 1000 * (time.perf_counter() - began)
            elif text.startswith("data: ") and kind == "answer":
                response = json.loads(text[6:])
            elif text.startswith("data: ") and kind == "error":
                sys.exit("measure_ask: " + text)
        whole = 1000 * (time.perf_counter() - began)
        connection.close()
        return first, whole, response

    def stop(self):
        self.process.terminate()
        self.process.wait()


def quantiles(values):
    values = sorted(values)
    return "p50 %7.1f ms, p95 %7.1f ms" % (
        statistics.median(values), values[min(len(values) - 1, int(len(values) * .95))])


def report(name, answers):
    searched = [a for a in answers if a[0] is not None and a[2]["decision"] == "search"]
    print("%s: %d questions that were searched for" % (name, len(searched)))
    if not searched:
        return
    print("  first text      %s" % quantiles([a[0] for a in searched]))
    print("  whole answer    %s" % quantiles([a[1] for a in searched]))
    stages = {}
    for _, _, response in searched:
        for stage in response["report"]["stages"]:
            stages.setdefault(stage["name"], []).append(stage["ms"])
    for stage, times in stages.items():
        print("  %-15s %s (of %d)" % (stage, quantiles(times), len(times)))
    use = [a[2]["model_use"] for a in searched if a[2]["model_use"]["requests"] > 0]
    if use:
        print("  prompt tokens   mean %.0f, kept from before %.0f; written %.0f" % tuple(
            statistics.mean(u[key] for u in use)
            for key in ("prompt_tokens", "prompt_tokens_kept", "generated_tokens")))
    warnings = {w for a in searched for w in a[2]["report"]["warnings"]}
    for warning in sorted(warnings)[:5]:
        print("  warned: " + warning)


@contextlib.contextmanager
def serving(settings, *notes):
    """A Daemon with the models of this machine, for as long as it is needed."""
    home = tempfile.mkdtemp(prefix="saerok-ask-")
    models = os.path.expanduser("~/.local/share/saerok/models")
    if os.path.isdir(models):
        os.makedirs(os.path.join(home, ".local/share/saerok"))
        os.symlink(models, os.path.join(home, ".local/share/saerok/models"))
    else:
        settings = [*settings, "index.vectors=none"]
    daemon = Daemon(home, settings, *notes)
    try:
        yield daemon
    finally:
        daemon.stop()
        shutil.rmtree(home, ignore_errors=True)


def start_service():
    """A service that answers at once, and the settings that make it the chat model."""
    service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    return service, ["models.chat=m",
                     "models.chat_base_url=http://127.0.0.1:%d" % service.server_port]


def measure(name, settings, questions, conversation=()):
    with serving(settings) as daemon:
        daemon.ask("Is this the first question?")
        report(name, [daemon.ask(question) for question in questions])
        turns = []
        for i, said in enumerate(conversation):
            first, whole, response = daemon.ask(said, turns)
            use = response["model_use"]
            print("  turn %d without the notes: first text %.0f ms, whole %.0f ms, prompt tokens "
                  "%d, kept %d" % (i + 1, first, whole, use["prompt_tokens"],
                                   use["prompt_tokens_kept"]))
            turns += [{"role": "user", "content": said},
                      {"role": "assistant", "content": response["answer"]}]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model")
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--set", action="append", default=[])
    given = parser.parse_args()
    with open(os.path.join(ROOT, "examples/questions/queries.jsonl"), encoding="utf-8") as file:
        questions = [json.loads(line)["text"] for line in file]
    questions = questions[::max(1, len(questions) // given.questions)]
    measure("without a model", given.set, questions)
    measure("a service that answers at once", [*start_service()[1], *given.set], questions)
    if given.model:
        local = ["models.chat=" + os.path.abspath(given.model),
                 "answer.tokens=%d" % given.tokens, *given.set]
        name = os.path.basename(given.model)
        measure(name, local, questions)
        measure(name + ", a conversation", [*local, "ask.decide=never"], questions[:1], [
            "Name three fruits.", "Which of them is red?", "Where does it grow?",
            "How is it eaten there?", "And in winter?"])


if __name__ == "__main__":
    main()
