"""What it costs to send something somewhere.

Owns freight templates: their rules by region, what is free, and where a shop does not send.
Asks shops who works in them. Tells the fee of a shop's goods to a county, line by line.
"""
