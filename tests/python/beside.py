"""A Python service beside ours on the same Redis, with redis-py and the generated keys.

`beside.py PORT write` stores the values that stand on standard input, as a Python service does; `beside.py PORT read` prints
what it finds under the keys of those. Entries are `{"family", "arguments", "value"}`; run by tests/server/python.rs.
"""

import json
import pickle
import sys

sys.dont_write_bytecode = True

import redis  # noqa: E402
from cache_keys import CacheKeys  # noqa: E402


def write(client, key, entry):
    dumps = pickle.dumps if entry.get("pickled") else json.dumps
    client.set(key, dumps(entry["value"]), ex=CacheKeys.ttl_of(key))


def read(client, key, entry):
    stored = client.get(key)
    try:
        value = {"value": json.loads(stored)}
    except (TypeError, ValueError):
        value = {}
    ttl = client.pttl(key)
    return {"key": key, "pttl": ttl, "ttl_of": CacheKeys.ttl_of(key), "bytes": len(stored or b""), **value}


def main():
    port, what = int(sys.argv[1]), {"write": write, "read": read}[sys.argv[2]]
    client = redis.Redis(host="127.0.0.1", port=port)
    found = []
    for entry in json.load(sys.stdin):
        key = getattr(CacheKeys, entry["family"])(*entry["arguments"])
        found.append(what(client, key, entry))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
