"""Code playgrounds: hosts where anyone can run a script of their own."""

from __future__ import annotations

from typing import Final

PLAYGROUNDS: Final = (
    "cdpn.io",
    "codepen.io",
    "codesandbox.io",
    "csb.app",
    "glitch.me",
    "jsbin.com",
    "jsfiddle.net",
    "jshell.net",
    "liveweave.com",
    "observableusercontent.com",
    "playcode.io",
    "plnkr.co",
    "repl.co",
    "replit.app",
    "replit.dev",
    "stackblitz.io",
    "w3schools.com",
    "webcontainer.io",
)
"""Hosts, with all subdomains, where anyone can run a script of their own."""
