#!/usr/bin/env python3
"""Writes analysis/least_diagonal_golden.txt: the least |L|_1 with diag(L) >= X'X/n
by an interior-point solver of semidefinite programmes.

    pip install cvxpy clarabel numpy
    tools/golden/least_diagonal.py > analysis/least_diagonal_golden.txt

X has 2 d rows; x_ij = sin(0.37 (i+1)(j+1) + 0.11 (i+1)^2) exp(-tau j) where
(7 i + 3 j) mod 5 < 2 or i = j, else 0. Lines: d tau |L|_1.
"""

import math

import cvxpy
import numpy

for d, tau in [(2, 0.0), (5, 0.5), (12, 0.1), (40, 0.05), (124, 0.02)]:
    n = 2 * d
    x = numpy.array([[
        math.sin(0.37 * (i + 1) * (j + 1) + 0.11 * (i + 1)**2) *
        math.exp(-tau * j) if (7 * i + 3 * j) % 5 < 2 or i == j else 0.0
        for j in range(d)
    ] for i in range(n)])
    bound = cvxpy.Variable(d)
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum(bound)),
                            [cvxpy.diag(bound) - x.T @ x / n >> 0])
    problem.solve(solver=cvxpy.CLARABEL, tol_gap_rel=1e-10, tol_gap_abs=1e-10,
                  tol_feas=1e-10)
    print(d, tau, "%.10g" % problem.value)
