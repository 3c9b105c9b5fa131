"""Files people hand in: checked before they are read, written anew, and kept only once used.

Owns uploads and their files. Asks accounts who hands in. Tells nobody: whoever refers to a file
claims it within 24 hours.
"""
