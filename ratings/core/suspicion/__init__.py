"""How suspicious a voter's votes are: a score, and its reasons.

Each rule gives an e-value: a number that honest voters exceed 10 with probability at most 1/10, and
100 with at most 1/100, however often it is looked at (Ville's inequality; Ramdas et al.,
"Game-theoretic statistics and safe anytime-valid inference", Statistical Science 38, 2023). Scores
are sums of their decimal logarithms.
"""
