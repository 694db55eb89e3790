"""Files become facts. 采"""
