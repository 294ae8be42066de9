"""Two tenants, an API, and origins that live in a store.

``store`` says where the origins are, ``api`` is the application under the policy,
``admin`` the page that changes it, ``pages`` the tenants' front ends, and ``__main__``
starts them all.
"""
