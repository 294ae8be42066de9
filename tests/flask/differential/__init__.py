"""Random applications and requests, against an oracle that shares no code.

``describe`` has applications and requests as plain data; ``generate`` makes them up.
``build`` makes a Flask application from a description, twice: with its policies, and as
a *twin* without any. Each view notes that it ran. ``oracle`` reads the policies from
the description alone and asks the twin which view runs; ``answers`` says what goes out
then. ``play`` sends requests to both and compares; ``pages`` does what browsers do.
"""
