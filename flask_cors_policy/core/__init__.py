"""The pure core: settings to :class:`Policy`, policy and request to ``Decision``.

Nothing in this folder opens a socket, reads a clock, logs, or knows what an environ
or a Flask app is. Read it in this order: ``fetch_standard`` (the facts), ``origin``
(who may ask), ``settings`` and ``policy`` (what was written), ``request`` and
``decision`` (what is answered), ``headers`` (how it gets onto a response), ``paths``
(which policy governs a path).
"""
