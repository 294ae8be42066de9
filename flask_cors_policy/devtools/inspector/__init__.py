"""A page that shows what a policy does: routes, exchanges, refusals.

Two processes. One serves the page (``site``) and starts the other (``application``),
which loads and serves the application and answers about it (``served``, ``answers``),
over a line of their own (``link``); it is started anew when a file has changed
(``watched``). ``running`` puts them together.

``sequence`` turns an outcome of the browser model into who sent what to whom, and
``diagram`` draws that as SVG; both are pure, and of use elsewhere.
"""
