"""Pickles of all protocols with what `json.dumps` makes of the same value, as JSON on standard output.

`tests/vectors/entries/pickles.json` is what Python 3.11 wrote; the test runs it with the Python that is there.
"""

import base64
import collections
import datetime
import decimal
import json
import os
import pickle

SHARED = ["shared", 1]
VALUES = [
    None, True, False, 0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, 2**64, -(2**63),
    -(2**70), 1.5, -0.0, 0.1, 1e300, "", "text", "é", "漢字", "😀", "line\nbreak\t\"quoted\" back\\slash \\u0041",
    "\x00\x1f\x7f", "long " * 100, [], {}, [1, [2, [3, []]]], {"a": {"b": {"c": None}}}, (), (1,), (1, 2), (1, 2, 3),
    (1, 2, 3, 4), {1: "int", None: "none", True: "true"}, {"first": SHARED, "again": SHARED, "third": [SHARED, SHARED]},
    {"workspace_id": "ws123", "runs": 42, "rate": 0.875, "top": [{"agent": f"a{i}", "runs": i} for i in range(12)]}, list(range(1001)),
]


class Harm:
    def __reduce__(self):
        return os.system, ("touch /tmp/samekey-was-here",)


REFUSED = [
    ("a class that runs a command", Harm()),
    ("a date", datetime.date(2026, 11, 22)),
    ("a decimal", decimal.Decimal("1.5")),
    ("an ordered dict", collections.OrderedDict(a=1)),
    ("a set", {1, 2}),
    ("bytes", b"bytes"),
    ("not a number", float("nan")),
    ("an infinity", [float("inf")]),
    ("a tuple as a key", {(1, 2): 3}),
    ("half a surrogate pair", "\ud800"),
]


def written(value, protocol):
    return base64.b64encode(pickle.dumps(value, protocol)).decode()


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def main():
    protocols = range(pickle.HIGHEST_PROTOCOL + 1)
    values = [
        {"protocol": protocol, "json": json.dumps(value), "pickle": written(value, protocol)}
        for value in VALUES
        for protocol in protocols
    ]
    refused = [
        {"about": about, "protocol": protocol, "pickle": written(value, protocol)}
        for about, value in REFUSED + [("65 lists in each other", nested(64))]
        for protocol in protocols
    ]
    about = "Pickles, in base64, that Python wrote, with the JSON of the same value; and those that are refused."
    print(json.dumps({"about": about, "values": values, "refused": refused}, indent=0))


if __name__ == "__main__":
    main()
