"""Cache keys, generated from schema/shadower.toml by `samekey gen --lang python`.

Do not edit: change the schema and run it again.
"""

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

TTL_SHORT = 60
TTL_MEDIUM = 300
TTL_LONG = 1800
TTL_HOUR = 3600
TTL_DAY = 86400
TTL_BY_TIMEFRAME = {
    "1h": TTL_SHORT,
    "24h": TTL_MEDIUM,
    "7d": TTL_LONG,
    "30d": TTL_HOUR,
    "90d": TTL_HOUR,
}

FAMILIES = {
    "executive": {
        "key": "exec:dashboard:{workspace}:{timeframe}",
        "segments": [
            ("literal", "exec", None),
            ("literal", "dashboard", None),
            ("required", "workspace", None),
            ("required", "timeframe", None),
        ],
        "ttl": TTL_LONG,
    },
    "kpis": {
        "key": "exec:kpis:{workspace}",
        "segments": [
            ("literal", "exec", None),
            ("literal", "kpis", None),
            ("required", "workspace", None),
        ],
        "ttl": TTL_MEDIUM,
    },
    "revenue": {
        "key": "exec:revenue:{workspace}:{timeframe}",
        "segments": [
            ("literal", "exec", None),
            ("literal", "revenue", None),
            ("required", "workspace", None),
            ("required", "timeframe", None),
        ],
        "ttl": TTL_LONG,
    },
    "agent_analytics": {
        "key": "agent:analytics:{agent}:{timeframe}",
        "segments": [
            ("literal", "agent", None),
            ("literal", "analytics", None),
            ("required", "agent", None),
            ("required", "timeframe", None),
        ],
        "ttl": TTL_LONG,
    },
    "top_agents": {
        "key": "agent:top:{workspace}:{timeframe}:{limit=10}",
        "segments": [
            ("literal", "agent", None),
            ("literal", "top", None),
            ("required", "workspace", None),
            ("required", "timeframe", None),
            ("default", "limit", "10"),
        ],
        "ttl": TTL_LONG,
    },
    "user_activity": {
        "key": "user:activity:{user}:{date}",
        "segments": [
            ("literal", "user", None),
            ("literal", "activity", None),
            ("required", "user", None),
            ("required", "date", None),
        ],
        "ttl": TTL_MEDIUM,
    },
    "user_metrics": {
        "key": "user:metrics:{user}:{timeframe}",
        "segments": [
            ("literal", "user", None),
            ("literal", "metrics", None),
            ("required", "user", None),
            ("required", "timeframe", None),
        ],
        "ttl": TTL_MEDIUM,
    },
    "user_analytics": {
        "key": "user:analytics:{workspace}:{timeframe}[:{segment}]",
        "segments": [
            ("literal", "user", None),
            ("literal", "analytics", None),
            ("required", "workspace", None),
            ("required", "timeframe", None),
            ("optional", "segment", None),
        ],
        "ttl": TTL_LONG,
    },
    "retention_curve": {
        "key": "user:retention:curve:{workspace}:{cohort_date}:{days}",
        "segments": [
            ("literal", "user", None),
            ("literal", "retention", None),
            ("literal", "curve", None),
            ("required", "workspace", None),
            ("required", "cohort_date", None),
            ("required", "days", None),
        ],
        "ttl": TTL_DAY,
    },
    "cohort_analysis": {
        "key": "user:cohort:{workspace}:{cohort_type}:{start}:{end}",
        "segments": [
            ("literal", "user", None),
            ("literal", "cohort", None),
            ("required", "workspace", None),
            ("required", "cohort_type", None),
            ("required", "start", None),
            ("required", "end", None),
        ],
        "ttl": TTL_DAY,
    },
    "churn": {
        "key": "user:churn:{workspace}:{timeframe}",
        "segments": [
            ("literal", "user", None),
            ("literal", "churn", None),
            ("required", "workspace", None),
            ("required", "timeframe", None),
        ],
        "ttl": TTL_HOUR,
    },
    "workspace_metrics": {
        "key": "ws:metrics:{workspace}:{metric}:{date}",
        "segments": [
            ("literal", "ws", None),
            ("literal", "metrics", None),
            ("required", "workspace", None),
            ("required", "metric", None),
            ("required", "date", None),
        ],
        "ttl": TTL_MEDIUM,
    },
    "workspace_overview": {
        "key": "ws:overview:{workspace}",
        "segments": [
            ("literal", "ws", None),
            ("literal", "overview", None),
            ("required", "workspace", None),
        ],
        "ttl": TTL_MEDIUM,
    },
    "workspace_analytics": {
        "key": "ws:analytics:{workspace}:{timeframe}",
        "segments": [
            ("literal", "ws", None),
            ("literal", "analytics", None),
            ("required", "workspace", None),
            ("required", "timeframe", None),
        ],
        "ttl": TTL_LONG,
    },
    "metrics_aggregation": {
        "key": "metrics:agg:{metric}:{workspace}:{period}",
        "segments": [
            ("literal", "metrics", None),
            ("literal", "agg", None),
            ("required", "metric", None),
            ("required", "workspace", None),
            ("required", "period", None),
        ],
        "ttl": TTL_HOUR,
    },
    "run_metrics": {
        "key": "metrics:runs:{workspace}:{period}",
        "segments": [
            ("literal", "metrics", None),
            ("literal", "runs", None),
            ("required", "workspace", None),
            ("required", "period", None),
        ],
        "ttl": TTL_MEDIUM,
    },
    "realtime_metrics": {
        "key": "metrics:realtime:{workspace}:{metric}",
        "segments": [
            ("literal", "metrics", None),
            ("literal", "realtime", None),
            ("required", "workspace", None),
            ("required", "metric", None),
        ],
        "ttl": TTL_SHORT,
    },
    "active_users": {
        "key": "metrics:users:active:{workspace}:{window}",
        "segments": [
            ("literal", "metrics", None),
            ("literal", "users", None),
            ("literal", "active", None),
            ("required", "workspace", None),
            ("required", "window", None),
        ],
        "ttl": TTL_SHORT,
    },
    "credit_metrics": {
        "key": "metrics:credits:{workspace}:{period}",
        "segments": [
            ("literal", "metrics", None),
            ("literal", "credits", None),
            ("required", "workspace", None),
            ("required", "period", None),
        ],
        "ttl": TTL_MEDIUM,
    },
    "query_result": {
        "key": "query:result:{hash}",
        "segments": [
            ("literal", "query", None),
            ("literal", "result", None),
            ("required", "hash", None),
        ],
        "ttl": TTL_MEDIUM,
    },
    "report_data": {
        "key": "report:data:{report}:{format=json}",
        "segments": [
            ("literal", "report", None),
            ("literal", "data", None),
            ("required", "report", None),
            ("default", "format", "json"),
        ],
        "ttl": TTL_DAY,
    },
}

ENTITIES = {
    "workspace": [
        ("executive", "workspace"),
        ("kpis", "workspace"),
        ("revenue", "workspace"),
        ("top_agents", "workspace"),
        ("user_analytics", "workspace"),
        ("retention_curve", "workspace"),
        ("cohort_analysis", "workspace"),
        ("churn", "workspace"),
        ("workspace_metrics", "workspace"),
        ("workspace_overview", "workspace"),
        ("workspace_analytics", "workspace"),
        ("metrics_aggregation", "workspace"),
        ("run_metrics", "workspace"),
        ("realtime_metrics", "workspace"),
        ("active_users", "workspace"),
        ("credit_metrics", "workspace"),
    ],
    "agent": [
        ("agent_analytics", "agent"),
    ],
    "user": [
        ("user_activity", "user"),
        ("user_metrics", "user"),
    ],
}

# Fields: name, whether it may be left out.
EVENTS = {
    "agent_run_started": {
        "fields": {"workspace_id": False, "agent_id": False},
        "invalidates": [
            "metrics:realtime:{workspace_id}:*",
            "metrics:runs:{workspace_id}:*",
        ],
    },
    "agent_run_completed": {
        "fields": {"workspace_id": False, "agent_id": False},
        "invalidates": [
            "agent:analytics:{agent_id}:*",
            "agent:top:{workspace_id}:*",
            "exec:dashboard:{workspace_id}:*",
            "exec:kpis:{workspace_id}",
            "metrics:realtime:{workspace_id}:*",
            "metrics:runs:{workspace_id}:*",
            "ws:analytics:{workspace_id}:*",
            "ws:metrics:{workspace_id}:*",
            "ws:overview:{workspace_id}",
        ],
    },
    "user_activity": {
        "fields": {"workspace_id": False, "user_id": False},
        "invalidates": [
            "user:activity:{user_id}:*",
            "user:metrics:{user_id}:*",
            "metrics:users:active:{workspace_id}:*",
        ],
    },
    "workspace_updated": {
        "fields": {"workspace_id": False},
        "invalidates": [
            "exec:dashboard:{workspace_id}:*",
            "exec:kpis:{workspace_id}",
            "exec:revenue:{workspace_id}:*",
            "agent:top:{workspace_id}:*:*",
            "user:analytics:{workspace_id}:*",
            "user:retention:curve:{workspace_id}:*:*",
            "user:cohort:{workspace_id}:*:*:*",
            "user:churn:{workspace_id}:*",
            "ws:metrics:{workspace_id}:*:*",
            "ws:overview:{workspace_id}",
            "ws:analytics:{workspace_id}:*",
            "metrics:agg:*:{workspace_id}:*",
            "metrics:runs:{workspace_id}:*",
            "metrics:realtime:{workspace_id}:*",
            "metrics:users:active:{workspace_id}:*",
            "metrics:credits:{workspace_id}:*",
        ],
    },
    "credit_transaction": {
        "fields": {"workspace_id": False},
        "invalidates": [
            "metrics:credits:{workspace_id}:*",
            "exec:dashboard:{workspace_id}:*",
            "exec:kpis:{workspace_id}",
            "exec:revenue:{workspace_id}:*",
        ],
    },
    "report_generated": {
        "fields": {"report_id": False, "format": True, "data": False},
        "invalidates": [
            "report:data:{report_id}:*",
        ],
    },
}


def _family(name):
    if name not in FAMILIES:
        raise CacheKeyError("E_FAMILY_UNKNOWN", f"no family `{name}`")
    return FAMILIES[name]


class CacheKeys:
    """The keys of the schema `shadower`."""

    TTL_SHORT = TTL_SHORT
    TTL_MEDIUM = TTL_MEDIUM
    TTL_LONG = TTL_LONG
    TTL_HOUR = TTL_HOUR
    TTL_DAY = TTL_DAY

    @staticmethod
    def executive(workspace, timeframe):
        """The executive dashboard: figures, trend and top agents of a workspace.

        `exec:dashboard:{workspace}:{timeframe}`
        """
        segments = ["exec", "dashboard", workspace, timeframe]
        return _join(segments)

    @staticmethod
    def kpis(workspace):
        """A workspace's key figures as of now.

        `exec:kpis:{workspace}`
        """
        segments = ["exec", "kpis", workspace]
        return _join(segments)

    @staticmethod
    def revenue(workspace, timeframe):
        """Revenue by day and by plan.

        `exec:revenue:{workspace}:{timeframe}`
        """
        segments = ["exec", "revenue", workspace, timeframe]
        return _join(segments)

    @staticmethod
    def agent_analytics(agent, timeframe):
        """One agent's runs, success, duration, cost and errors.

        `agent:analytics:{agent}:{timeframe}`
        """
        segments = ["agent", "analytics", agent, timeframe]
        return _join(segments)

    @staticmethod
    def top_agents(workspace, timeframe, limit=10):
        """The busiest agents of a workspace.

        `agent:top:{workspace}:{timeframe}:{limit=10}`
        """
        segments = ["agent", "top", workspace, timeframe, limit]
        return _join(segments)

    @staticmethod
    def user_activity(user, date):
        """What one user did on one day.

        `user:activity:{user}:{date}`
        """
        segments = ["user", "activity", user, date]
        return _join(segments)

    @staticmethod
    def user_metrics(user, timeframe):
        """One user's figures.

        `user:metrics:{user}:{timeframe}`
        """
        segments = ["user", "metrics", user, timeframe]
        return _join(segments)

    @staticmethod
    def user_analytics(workspace, timeframe, segment=None):
        """A workspace's users: how many are active, how many are new; of one segment or of all.

        `user:analytics:{workspace}:{timeframe}[:{segment}]`
        """
        segments = ["user", "analytics", workspace, timeframe]
        if segment is not None:
            segments.append(segment)
        return _join(segments)

    @staticmethod
    def retention_curve(workspace, cohort_date, days):
        """How many of a cohort came back on each day.

        `user:retention:curve:{workspace}:{cohort_date}:{days}`
        """
        segments = ["user", "retention", "curve", workspace, cohort_date, days]
        return _join(segments)

    @staticmethod
    def cohort_analysis(workspace, cohort_type, start, end):
        """Cohorts compared.

        `user:cohort:{workspace}:{cohort_type}:{start}:{end}`
        """
        segments = ["user", "cohort", workspace, cohort_type, start, end]
        return _join(segments)

    @staticmethod
    def churn(workspace, timeframe):
        """Users lost, and users about to be.

        `user:churn:{workspace}:{timeframe}`
        """
        segments = ["user", "churn", workspace, timeframe]
        return _join(segments)

    @staticmethod
    def workspace_metrics(workspace, metric, date):
        """One metric of a workspace on one day.

        `ws:metrics:{workspace}:{metric}:{date}`
        """
        segments = ["ws", "metrics", workspace, metric, date]
        return _join(segments)

    @staticmethod
    def workspace_overview(workspace):
        """A workspace at a glance: today's figures.

        `ws:overview:{workspace}`
        """
        segments = ["ws", "overview", workspace]
        return _join(segments)

    @staticmethod
    def workspace_analytics(workspace, timeframe):
        """A workspace's runs, credits and users, and its agents.

        `ws:analytics:{workspace}:{timeframe}`
        """
        segments = ["ws", "analytics", workspace, timeframe]
        return _join(segments)

    @staticmethod
    def metrics_aggregation(metric, workspace, period):
        """A metric summed over a period.

        `metrics:agg:{metric}:{workspace}:{period}`
        """
        segments = ["metrics", "agg", metric, workspace, period]
        return _join(segments)

    @staticmethod
    def run_metrics(workspace, period):
        """Runs in buckets.

        `metrics:runs:{workspace}:{period}`
        """
        segments = ["metrics", "runs", workspace, period]
        return _join(segments)

    @staticmethod
    def realtime_metrics(workspace, metric):
        """A metric over the last sixty minutes.

        `metrics:realtime:{workspace}:{metric}`
        """
        segments = ["metrics", "realtime", workspace, metric]
        return _join(segments)

    @staticmethod
    def active_users(workspace, window):
        """How many users were active within a window.

        `metrics:users:active:{workspace}:{window}`
        """
        segments = ["metrics", "users", "active", workspace, window]
        return _join(segments)

    @staticmethod
    def credit_metrics(workspace, period):
        """Credits used and bought, in buckets.

        `metrics:credits:{workspace}:{period}`
        """
        segments = ["metrics", "credits", workspace, period]
        return _join(segments)

    @staticmethod
    def query_result(hash):
        """The rows of a query, by the hash of its text and parameters.

        `query:result:{hash}`
        """
        segments = ["query", "result", hash]
        return _join(segments)

    @staticmethod
    def report_data(report, format="json"):
        """A generated report.

        `report:data:{report}:{format=json}`
        """
        segments = ["report", "data", report, format]
        return _join(segments)

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
