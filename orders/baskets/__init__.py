"""What somebody means to buy.

Owns one basket per person and its version.
Asks the catalogue what the goods are and cost today; it holds nothing and promises nothing.
Tells nobody.
"""
