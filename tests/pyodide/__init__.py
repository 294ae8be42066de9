"""Tests that need neither threads nor sockets, in CPython 3.14: Pyodide, in Node."""
