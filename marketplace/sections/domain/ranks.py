"""Where a product stands in the default order of a section; no edit ever moves it.

Pins come first, in the order somebody gave them. Behind them stands what the rule picked, the
newest first: by the instant of publication, which an edit does not touch.
"""

PIN_POSITION_MAX = 100_000
# Later than any instant that a product can be published at, in milliseconds since 1970.
RULE_BASE = 10_000_000_000_000
