"""Any Result, said in Chinese or English: docx, pdf, html, xlsx."""

from __future__ import annotations

from .report import publish

__all__ = ["publish"]
