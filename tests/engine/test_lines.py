"""Lines of weights added to a drive, against NumPy."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spikedash.engine.lines import add_scaled, ask_for


@given(st.integers(0, 300), st.integers(0, 9), st.integers(0, 9))
@settings(max_examples=150, deadline=None)
def test_any_length_and_place(count, at, start):
    rng = np.random.default_rng(count)
    u, W = rng.standard_normal(count + 20).astype(np.float32), rng.standard_normal((2, count + 20)).astype(np.float32)
    expected = u.astype(float)
    line = W.reshape(-1)[start : start + count].astype(float)
    expected[at : at + count] += 0.7 * line
    ask_for(W, start, count)
    add_scaled(u, at, np.float32(0.7), W, start, count)
    np.testing.assert_allclose(u, expected, atol=1e-6)
    np.testing.assert_array_equal(u[at + count :], expected[at + count :].astype(np.float32))
