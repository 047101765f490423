class CacheKeys:
    """The methods that every schema has; the generator puts them behind those of its families."""

    @staticmethod
    def encode(identifier):
        """The text of an identifier inside a key."""
        return _encode(identifier)

    @staticmethod
    def decode(text):
        """The identifier that a segment of a key stands for."""
        return _decode(text)

    @staticmethod
    def parse(key):
        """The raw segments of a key's text."""
        return [_decode(segment) for segment in key.split(":")]

    @staticmethod
    def matches(pattern, key):
        """Whether the pattern means this key: `*` is one segment, a final `*` one or more.

        SCAN's own `*` also crosses `:`, so what SCAN MATCH finds must still pass this.
        """
        wanted, found = _pattern_segments(pattern), key.split(":")
        if not all(found) or len(found) < len(wanted):
            return False
        if len(found) > len(wanted) and wanted[-1] != "*":
            return False
        return all(want in ("*", have) for want, have in zip(wanted, found))

    @staticmethod
    def get_patterns(family, **identifiers):
        """The patterns of the family's keys that have these identifiers; the others become `*`.

        Mostly one. Two when the last segment is optional and stands behind a given one.
        """
        segments = _family(family)["segments"]
        fields = [name for kind, name, _ in segments if kind != "literal"]
        for name in identifiers:
            if name not in fields:
                raise CacheKeyError("E_FIELD_UNKNOWN", f"there is no field `{name}`")

        def text(segment):
            kind, name, _ = segment
            if kind == "literal":
                return name
            value = identifiers.get(name)
            return "*" if value is None else _encode(value)

        whole = [text(segment) for segment in segments]
        if segments[-1][0] != "optional":
            return [":".join(whole)]
        short = whole[:-1]
        if whole[-1] != "*":
            return [":".join(whole)]
        if short[-1] == "*":
            return [":".join(short)]
        return [":".join(short), ":".join(whole)]

    @staticmethod
    def get_pattern(family, **identifiers):
        """The one pattern of the family's keys that have these identifiers."""
        patterns = CacheKeys.get_patterns(family, **identifiers)
        if len(patterns) != 1:
            raise CacheKeyError("E_PATTERN_NOT_ONE", f"`{family}` needs get_patterns: {patterns}")
        return patterns[0]

    @staticmethod
    def entity_patterns(entity, identifier):
        """The patterns of every key of an entity, such as a workspace."""
        if entity not in ENTITIES:
            raise CacheKeyError("E_ENTITY_UNKNOWN", f"no entity `{entity}`")
        return [
            pattern
            for family, field in ENTITIES[entity]
            for pattern in CacheKeys.get_patterns(family, **{field: identifier})
        ]

    @staticmethod
    def event_patterns(event, **fields):
        """What an event makes stale."""
        if event not in EVENTS:
            raise CacheKeyError("E_EVENT_UNKNOWN", f"no event `{event}`")
        known = EVENTS[event]["fields"]
        for name in fields:
            if name not in known:
                raise CacheKeyError("E_FIELD_UNKNOWN", f"there is no field `{name}`")

        def text(segment):
            if not segment.startswith("{"):
                return segment
            name = segment[1:-1]
            value = fields.get(name)
            if value is None and not known[name]:
                raise CacheKeyError("E_FIELD_MISSING", f"field `{name}` is missing")
            return "*" if value is None else _encode(value)

        return [
            ":".join(text(segment) for segment in pattern.split(":"))
            for pattern in EVENTS[event]["invalidates"]
        ]

    @staticmethod
    def family_of(key):
        """The family a key belongs to, or None."""
        found = key.split(":")
        for family, entry in FAMILIES.items():
            segments = entry["segments"]
            shortest = len(segments) - (segments[-1][0] == "optional")
            if shortest <= len(found) <= len(segments) and all(
                have and (kind != "literal" or name == have)
                for (kind, name, _), have in zip(segments, found)
            ):
                return family
        return None

    @staticmethod
    def ttl_of(key):
        """How long the value under a key lives, in seconds; None for a key of no family."""
        family = CacheKeys.family_of(key)
        if family is None:
            return None
        ttl = FAMILIES[family]["ttl"]
        if isinstance(ttl, int):
            return ttl
        position, values, otherwise = ttl
        return values.get(_decode(key.split(":")[position]), otherwise)

    @staticmethod
    def generate_query_hash(sql, params=None):
        """The MD5 of `<sql>:<params as JSON, keys sorted>`: names a query's result."""
        text = f"{sql}:{json.dumps(params, sort_keys=True)}"
        return hashlib.md5(text.encode("utf-8")).hexdigest()
