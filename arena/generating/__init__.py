"""One life of a generated answer, whatever it is for: started, settled, watched."""
