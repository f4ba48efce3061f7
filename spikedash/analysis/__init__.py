"""Numbers from records: one topic a file, every function pure, arrays in and arrays out (SCIENCE §5)."""

from spikedash.analysis.activity import mean_or_nan, pearson, root_mean_square, smooth
from spikedash.analysis.basis import Dimensions, dimensions, rate_basis
from spikedash.analysis.fit import PSTH_SMOOTHING_MS, ceilings, rate_fit
from spikedash.analysis.quasistatic import QuasiStatic, drive_from_rates, phi, quasi_static, smooth_phi
from spikedash.analysis.seeds import Spread, over_seeds
from spikedash.analysis.spectrum import Spectrum, bulk_scale, spectrum
from spikedash.analysis.spikes import bin_spikes, rate_hz
from spikedash.analysis.weights import count_sign_changes, dense, norm, relative_change

__all__ = [
    "PSTH_SMOOTHING_MS",
    "Dimensions",
    "QuasiStatic",
    "Spectrum",
    "Spread",
    "bin_spikes",
    "bulk_scale",
    "ceilings",
    "count_sign_changes",
    "dense",
    "dimensions",
    "drive_from_rates",
    "mean_or_nan",
    "norm",
    "over_seeds",
    "pearson",
    "phi",
    "quasi_static",
    "rate_basis",
    "rate_fit",
    "rate_hz",
    "relative_change",
    "root_mean_square",
    "smooth",
    "smooth_phi",
    "spectrum",
]
