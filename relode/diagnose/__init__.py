"""Diagnosis: who is unequal to whom, next to whom, since when, of what kind, and can the figures be true? 诊断"""
