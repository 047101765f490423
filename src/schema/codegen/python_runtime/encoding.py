import hashlib
import json
import re

_RESERVED = re.compile(
    "[\x00-\x20%*:?\\[\\\\\\]{}\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)


class CacheKeyError(ValueError):
    """What is no key, no pattern, or no question to this schema. `code` is stable."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


def _escape(match):
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8"))


def _encode(identifier):
    """The text of an identifier inside a key: an int or a non-empty str."""
    if isinstance(identifier, bool) or not isinstance(identifier, (str, int)):
        raise CacheKeyError(
            "E_KEY_BAD_IDENTIFIER",
            f"an identifier is a str or an int, not {type(identifier).__name__}",
        )
    text = str(identifier)
    if not text:
        raise CacheKeyError(
            "E_KEY_EMPTY_IDENTIFIER",
            "an identifier is empty (to leave out an optional one, give none)",
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise CacheKeyError("E_KEY_NOT_UNICODE", "an identifier holds half a character") from None
    return _RESERVED.sub(_escape, text)


def _decode(text):
    """The identifier that a segment stands for. Strict: each identifier has one spelling."""
    if not text:
        raise CacheKeyError("E_KEY_EMPTY_IDENTIFIER", "an identifier is empty")
    if any(found != "%" for found in _RESERVED.findall(text)):
        raise CacheKeyError("E_KEY_RESERVED_CHARACTER", "a character must be percent-encoded here")
    bad = CacheKeyError("E_KEY_BAD_ESCAPE", "a percent escape is not the canonical one")
    if re.search("%(?![0-9A-F]{2})", text):
        raise bad
    try:
        raw = re.sub(
            b"%([0-9A-F]{2})", lambda m: bytes([int(m.group(1), 16)]), text.encode("utf-8")
        ).decode("utf-8")
    except UnicodeDecodeError:
        raise bad from None
    if _encode(raw) != text:
        raise bad
    return raw


def _join(segments):
    return ":".join(_encode(segment) for segment in segments)


def _pattern_segments(pattern):
    segments = pattern.split(":")
    for segment in segments:
        if segment == "*":
            continue
        if "*" in segment:
            raise CacheKeyError(
                "E_PATTERN_PARTIAL_WILDCARD", "`*` stands for a whole segment, not for a part of one"
            )
        _decode(segment)
    return segments

