"""Brings secrets to the one participant who asked; it must never say one, nor show it to others."""

from offmic.delivery.channel import MayReceive, RoomChannel
from offmic.delivery.model import Channel, Delivery, refuse
from offmic.delivery.outbox import DeliveryState
from offmic.delivery.terminal import TerminalChannel

__all__ = [
    "Channel",
    "Delivery",
    "DeliveryState",
    "MayReceive",
    "RoomChannel",
    "TerminalChannel",
    "refuse",
]
