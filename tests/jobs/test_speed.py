"""What is kept of the speed of this machine."""

import json

import numpy as np
import pytest

from spikedash.jobs import speed
from spikedash.jobs.store import Store
from spikedash.prices import FIRST, KINDS

WORK = np.linspace(1.0, 2.0, len(KINDS))


def test_it_is_learnt_and_kept(tmp_path):
    assert speed.pace(tmp_path) is None
    for _ in range(30):
        speed.learn(tmp_path, WORK, 3 * WORK.sum())
    assert Store(tmp_path).pace().seconds(WORK) == pytest.approx(3 * WORK.sum(), rel=0.01)
    for _ in range(30):
        speed.learn(tmp_path, WORK, WORK.sum() / 2)
    assert Store(tmp_path).pace().seconds(WORK) == pytest.approx(WORK.sum() / 2, rel=0.01)


def test_what_takes_no_time_teaches_nothing(tmp_path):
    speed.learn(tmp_path, WORK / 1000, 5)
    speed.learn(tmp_path, WORK, 0)
    assert speed.pace(tmp_path) is None


def test_the_pace_of_another_version_is_measured_anew(tmp_path):
    speed.learn(tmp_path, WORK, 5)
    kept = json.loads((tmp_path / "speed.json").read_text())
    kept["factors"].append(1.0)
    (tmp_path / "speed.json").write_text(json.dumps(kept))
    assert speed.pace(tmp_path) is None


FACTORS, DOUBT = FIRST.factors.tolist(), FIRST.doubt.tolist()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"slowness": 2.0}',
        *(
            json.dumps({"factors": factors, "doubt": doubt})
            for factors, doubt in [("x", DOUBT), (FACTORS, None), ([float("nan"), *FACTORS[1:]], DOUBT), (FACTORS, FACTORS)]
        ),
    ],
)
def test_a_damaged_file_is_no_speed(tmp_path, content):
    (tmp_path / "speed.json").write_text(content)
    assert speed.pace(tmp_path) is None
    assert Store(tmp_path).pace().seconds(WORK) == pytest.approx(WORK.sum())
