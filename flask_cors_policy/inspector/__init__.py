"""A page that shows what a policy does: routes, exchanges, refusals.

``sequence`` turns an outcome of the browser model into who sent what to whom, and
``diagram`` draws that.
"""
