"""What shops take off by themselves: full reductions in tiers, for a time.

Owns reductions with their tiers and the goods they count for. No budget: the shop bears them alone.
Asks `shops` for shops and goods, and `coupons` how a discount is shared over lines.
Tells whoever prices a basket what a shop's tiers take off at an instant; it never reads orders.
"""
