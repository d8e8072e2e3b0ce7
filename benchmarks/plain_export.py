"""The yardstick: the session as a plain script would make it, one thing after the other.

    python benchmarks/plain_export.py SCRIPT.json FILE.mp3

SCRIPT.json is what ``nightstretch script --format json`` prints. Each distinct text is spoken by the natural
voice at the same pace as in the session, laid into one buffer at its place, and encoded at 64 kbit/s.
"""

import json
import sys
from pathlib import Path

import lameenc
import numpy as np
from hibari import Hibari

from nightstretch.voices.natural import CALIBRATION, disable_telemetry

disable_telemetry()  # before Hibari() imports onnxruntime

script = json.loads(Path(sys.argv[1]).read_text())
rate = script["sample_rate"]
says = [event for event in script["events"] if event["kind"] == "say"]

voice = Hibari()
speed = CALIBRATION.setting(script["speed"])
clips = {text: voice(text, speed=speed, seed=0) for text in dict.fromkeys(event["text"] for event in says)}

session = np.zeros(script["samples"] + 10 * rate, np.float32)
for event in says:
    clip = clips[event["text"]]
    session[event["start"] : event["start"] + len(clip)] += clip
pcm = (np.clip(session[: script["samples"]], -1, 1) * 32767).astype(np.int16)

encoder = lameenc.Encoder()
encoder.set_bit_rate(64)
encoder.set_in_sample_rate(rate)
encoder.set_out_sample_rate(rate)
encoder.set_channels(1)
encoder.set_quality(5)
encoder.silence()
Path(sys.argv[2]).write_bytes(encoder.encode(pcm.tobytes()) + encoder.flush())
