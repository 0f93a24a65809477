"""The parts on the device as the framework's plugins; importing them must load no model."""

from __future__ import annotations

from offmic.local.llm import LLM
from offmic.local.stt import STT
from offmic.local.tts import TTS

__all__ = ["LLM", "STT", "TTS"]
