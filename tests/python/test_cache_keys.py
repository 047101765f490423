"""The generated class `CacheKeys` does what the shared vectors say.

Run by `python3 -m unittest discover --start-directory tests/python`.
"""

import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import cache_keys  # noqa: E402
from cache_keys import CacheKeyError, CacheKeys  # noqa: E402


def entries(name, field):
    """The entries of a vector file; an empty list would be a test that cannot fail."""
    found = json.loads((HERE.parent / "vectors" / f"{name}.json").read_text("utf-8"))[field]
    assert found, (name, field)
    return found


class Vectors(unittest.TestCase):
    def refuses(self, code, function, *arguments, **fields):
        with self.assertRaises(CacheKeyError) as caught:
            function(*arguments, **fields)
        self.assertEqual(caught.exception.code, code)

    def test_segments(self):
        for entry in entries("segments", "segments"):
            with self.subTest(entry):
                self.assertEqual(CacheKeys.encode(entry["raw"]), entry["text"])
                self.assertEqual(CacheKeys.decode(entry["text"]), entry["raw"])
        for entry in entries("segments", "refused"):
            with self.subTest(entry):
                self.refuses(entry["code"], CacheKeys.decode, entry["text"])

    def test_keys(self):
        for entry in entries("keys", "keys"):
            with self.subTest(entry):
                key = getattr(CacheKeys, entry["family"])(*entry["arguments"])
                self.assertEqual(key, entry["key"])
                self.assertEqual(CacheKeys.parse(key), entry["segments"])
                self.assertEqual(CacheKeys.family_of(key), entry["family"])
                self.assertEqual(CacheKeys.ttl_of(key), entry["ttl_seconds"])
        for entry in entries("keys", "refused"):
            with self.subTest(entry):
                self.refuses(entry["code"], getattr(CacheKeys, entry["family"]), *entry["arguments"])
        for text in entries("keys", "nobodys"):
            with self.subTest(text):
                self.assertIsNone(CacheKeys.family_of(text))
                self.assertIsNone(CacheKeys.ttl_of(text))

    def test_patterns(self):
        for entry in entries("patterns", "patterns"):
            with self.subTest(entry):
                self.assertFalse(CacheKeys.matches(entry["pattern"], ""))
        for entry in entries("patterns", "refused"):
            with self.subTest(entry):
                self.refuses(entry["code"], CacheKeys.matches, entry["pattern"], "exec:kpis:ws1")

    def test_matches(self):
        for case in entries("matches", "cases"):
            for key in case["matches"]:
                with self.subTest(pattern=case["pattern"], key=key):
                    self.assertTrue(CacheKeys.matches(case["pattern"], key))
            for key in case["misses"]:
                with self.subTest(pattern=case["pattern"], key=key):
                    self.assertFalse(CacheKeys.matches(case["pattern"], key))

    def test_events_and_entities(self):
        for entry in entries("events", "events"):
            with self.subTest(entry):
                patterns = CacheKeys.event_patterns(entry["event"], **entry["fields"])
                self.assertEqual(patterns, entry["patterns"])
        for entry in entries("events", "entities"):
            with self.subTest(entry):
                patterns = CacheKeys.entity_patterns(entry["entity"], entry["id"])
                self.assertEqual(patterns, entry["patterns"])
        for entry in entries("events", "refused"):
            with self.subTest(entry):
                self.refuses(
                    entry["code"], CacheKeys.event_patterns, entry["event"], **entry["fields"]
                )

    def test_query_hashes(self):
        for entry in entries("query_hashes", "hashes"):
            with self.subTest(entry):
                found = CacheKeys.generate_query_hash(entry["sql"], entry["params"])
                self.assertEqual(found, entry["hash"])


class Python(unittest.TestCase):
    """What only Python can get wrong."""

    def test_the_ttl_constants(self):
        names = ("SHORT", "MEDIUM", "LONG", "HOUR", "DAY")
        seconds = [getattr(CacheKeys, f"TTL_{name}") for name in names]
        self.assertEqual(seconds, [60, 300, 1800, 3600, 86400])

    def test_every_family_is_a_method(self):
        for family in cache_keys.FAMILIES:
            self.assertTrue(callable(getattr(CacheKeys, family)), family)

    def test_a_pattern_fixes_what_is_given(self):
        self.assertEqual(CacheKeys.get_pattern("executive", workspace="ws:1"), "exec:dashboard:ws%3A1:*")
        self.assertEqual(CacheKeys.get_pattern("executive", timeframe="7d"), "exec:dashboard:*:7d")
        self.assertEqual(CacheKeys.get_pattern("kpis"), "exec:kpis:*")
        self.assertEqual(CacheKeys.get_pattern("user_analytics", workspace="w"), "user:analytics:w:*")
        both = CacheKeys.get_patterns("user_analytics", workspace="w", timeframe="7d")
        self.assertEqual(both, ["user:analytics:w:7d", "user:analytics:w:7d:*"])

    def test_a_misspelt_name_does_not_become_a_star(self):
        for code, family, fields in [
            ("E_FAMILY_UNKNOWN", "executives", {}),
            ("E_FIELD_UNKNOWN", "executive", {"worksapce": "ws1"}),
            ("E_PATTERN_NOT_ONE", "user_analytics", {"workspace": "w", "timeframe": "7d"}),
        ]:
            with self.subTest(family), self.assertRaises(CacheKeyError) as caught:
                CacheKeys.get_pattern(family, **fields)
            self.assertEqual(caught.exception.code, code)

    def test_what_is_no_identifier(self):
        for bad in (None, True, 1.0, b"ws1", ["ws1"]):
            with self.subTest(bad), self.assertRaises(CacheKeyError) as caught:
                CacheKeys.kpis(bad)
            self.assertEqual(caught.exception.code, "E_KEY_BAD_IDENTIFIER")
        with self.assertRaises(CacheKeyError) as caught:
            CacheKeys.kpis("half a rocket: \ud83d")
        self.assertEqual(caught.exception.code, "E_KEY_NOT_UNICODE")
        self.assertEqual(CacheKeys.kpis(42), "exec:kpis:42")


if __name__ == "__main__":
    unittest.main()
