"""Tests of offmic: unit, property, integration."""
