"""Servers on loopback that speak the cloud providers' published protocols, with real models behind.

The plugins talk to them as they talk to the providers; each can be told to fail in one way at a
time (`faults.py`). They must never judge what a plugin does, beyond what the provider would refuse.
"""
