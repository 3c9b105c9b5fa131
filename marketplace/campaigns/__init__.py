"""The calendar of the market: campaigns, and what shops enrol in them.

Owns campaigns with their windows and states, and the enrolments of shops.
Asks `activities` to price a SKU for a time, `coupons` to pause batches; it never reads orders.
Tells nobody: whoever prices a basket asks the activities, which name their campaign.
"""
