"""Request bytes, through the parsers of real servers, into the middleware.

``servers`` turns bytes into a request and a response, without a socket; ``invariants``
holds what must be true of every one; ``__main__`` lets atheris look for bytes for which
it is not (``make fuzz``).
"""
