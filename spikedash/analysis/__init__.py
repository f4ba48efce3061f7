"""Numbers from records: one topic a file, every function pure, arrays in and arrays out (SCIENCE §5)."""

from spikedash.analysis.activity import low_pass, mean_or_nan, pearson, root_mean_square, smooth
from spikedash.analysis.basis import Dimensions, dimensions, rate_basis
from spikedash.analysis.comparison import Shared, shared_spikes
from spikedash.analysis.eigenvalues import Spectrum, bulk_scale, spectrum
from spikedash.analysis.errors import Errors, expected_errors, lag_error, measured_errors, shot_noise, trained_errors
from spikedash.analysis.fit import PSTH_SMOOTHING_MS, ceilings, ceilings_with, rate_fit
from spikedash.analysis.histograms import Histogram, WeightHistogram, distribution, weight_histograms
from spikedash.analysis.population import PopulationMap, population_map
from spikedash.analysis.quasistatic import QuasiStatic, drive_from_rates, measured_phi, phi, quasi_static, smooth_phi
from spikedash.analysis.seeds import Band, Spread, mean_sd, over_seeds
from spikedash.analysis.spikes import bin_spikes, interval_cv, psth_hz, rate_hz, type_rates_hz
from spikedash.analysis.trials import Variability, fano, phase_deviation, variability
from spikedash.analysis.weights import count_sign_changes, dense, norm, relative_change

__all__ = [
    "PSTH_SMOOTHING_MS",
    "Band",
    "Dimensions",
    "Errors",
    "Histogram",
    "PopulationMap",
    "QuasiStatic",
    "Shared",
    "Spectrum",
    "Spread",
    "Variability",
    "WeightHistogram",
    "bin_spikes",
    "bulk_scale",
    "ceilings",
    "ceilings_with",
    "count_sign_changes",
    "dense",
    "dimensions",
    "distribution",
    "drive_from_rates",
    "expected_errors",
    "fano",
    "interval_cv",
    "lag_error",
    "low_pass",
    "mean_or_nan",
    "mean_sd",
    "measured_errors",
    "measured_phi",
    "norm",
    "over_seeds",
    "pearson",
    "phase_deviation",
    "phi",
    "population_map",
    "psth_hz",
    "quasi_static",
    "rate_basis",
    "rate_fit",
    "rate_hz",
    "relative_change",
    "root_mean_square",
    "shared_spikes",
    "shot_noise",
    "smooth",
    "smooth_phi",
    "spectrum",
    "trained_errors",
    "type_rates_hz",
    "variability",
    "weight_histograms",
]
