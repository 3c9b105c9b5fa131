"""What was sold, who paid for it, and which county earned it.

Owns nothing; reads what was frozen on order lines, never today's goods.
Asks the roles of its reader for the regions they may see.
Tells nobody.
"""
