"""Detectors: from a frame to boxes of people. Each is an adapter of one that exists."""

from .detector import Detector, open_detector

__all__ = ['Detector', 'open_detector']
