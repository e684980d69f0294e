"""Recogniser for captions on Debian's python3-pocketsphinx and pocketsphinx-en-us; docs/operations/captions.md has the protocol.

Reads one JSON object a line on standard input: {"type": "begin", "language": "en-us", "utterance": 1}, {"type": "audio", "pcm": "<base64 of 16 kHz mono s16le>"},
{"type": "end"}. Writes one a line on standard output: {"type": "partial", "text": "...", "utterance": 1} and, exactly once
after each end, {"type": "final", "text": "...", "utterance": 1}.
With the argument --check it only says whether everything is installed: nothing on standard error and exit code 0 when it is.
"""

import base64
import json
import os
import sys

MODEL = "/usr/share/pocketsphinx/model/en-us"


def decoder():
    from pocketsphinx import Decoder

    config = Decoder.default_config()
    config.set_string("-hmm", os.path.join(MODEL, "en-us"))
    config.set_string("-lm", os.path.join(MODEL, "en-us.lm.bin"))
    config.set_string("-dict", os.path.join(MODEL, "cmudict-en-us.dict"))
    config.set_string("-logfn", os.devnull)
    return Decoder(config)


def words(recogniser):
    hypothesis = recogniser.hyp()
    return hypothesis.hypstr.strip() if hypothesis is not None else ""


def say(kind, text, utterance):
    print(json.dumps({"type": kind, "text": text, "utterance": utterance}), flush=True)


def serve():
    recogniser = decoder()
    open_utterance = False
    told, utterance = "", None
    for line in sys.stdin:
        message = json.loads(line)
        kind = message.get("type")
        if kind == "begin":
            if open_utterance:
                recogniser.end_utt()
            recogniser.start_utt()
            open_utterance, told, utterance = True, "", message.get("utterance")
        elif kind == "audio" and open_utterance:
            recogniser.process_raw(base64.b64decode(message["pcm"]), False, False)
            text = words(recogniser)
            if text and text != told:
                told = text
                say("partial", text, utterance)
        elif kind == "end" and open_utterance:
            recogniser.end_utt()
            open_utterance = False
            say("final", words(recogniser), utterance)


def check():
    import importlib.util

    missing = []
    if importlib.util.find_spec("pocketsphinx") is None:
        missing.append("python3-pocketsphinx")
    if not os.path.exists(os.path.join(MODEL, "en-us.lm.bin")):
        missing.append("pocketsphinx-en-us")
    if missing:
        sys.exit("missing: " + " ".join(missing))


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        check()
    else:
        serve()
