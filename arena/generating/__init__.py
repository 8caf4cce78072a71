"""The life cycle of a generated answer, whatever its purpose: started, settled, watched."""
