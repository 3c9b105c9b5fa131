"""Taking money, giving it back, and closing what was never paid.

Owns payments, refunds and the inbox of provider events.
Asks the providers, always outside a transaction, and `placement` to move the order on.
Tells when money must go back.
"""
