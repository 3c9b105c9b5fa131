"""Group buys: some people buy together, at a price that holds only if they are enough.

Owns the terms of group buys, teams, their seats and who leads them.
Asks activities for the price and its pieces, placement to order, payments to ask and to refund.
Tells each order of a team whether it was won or lost.
"""
