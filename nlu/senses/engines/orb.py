"""ORB features by OpenCV: corners of a picture that are found again after it was turned, resized or cut."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from nlu.senses.photos.fingerprints import MOST_FEATURES, Features
from nlu.senses.pictures import Pixels


class OrbEye:
    """Not for several threads at once; every worker has its own."""

    def __init__(self) -> None:
        # More than are kept, as the detector spreads them over all sizes and its strongest are wanted.
        self._orb: Any = cv2.ORB_create(  # type: ignore[attr-defined]
            nfeatures=3 * MOST_FEATURES, scaleFactor=1.2, nlevels=6, fastThreshold=12
        )

    def features(self, grey: Pixels, visible: NDArray[np.bool_]) -> Features:
        points, looks = self._orb.detectAndCompute(grey, np.where(visible, 255, 0).astype(np.uint8))
        if looks is None:
            return Features(np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8))
        strongest = np.argsort([-point.response for point in points], kind="stable")[:MOST_FEATURES]
        places = np.array([points[i].pt for i in strongest], dtype=np.float32)
        return Features(places, looks[strongest])
