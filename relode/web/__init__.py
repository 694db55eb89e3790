"""The observatory on the web: to look at places, to ask what if, to know where every number comes from."""
